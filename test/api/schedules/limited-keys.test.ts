/** What keys that are limited to some platforms read of runs and schedules: no words of who sees more. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { ScheduleRecord } from '../../../api/temporal/schedule-client.js';
import { noteOf } from '../../../api/schedules/notes.js';
import { at, createTestApi, textAt } from '../../helpers/app.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const refuse = async (): Promise<never> => Promise.reject(new Error('not in this test'));
const note = { apiKeyId: randomUUID(), at: new Date().toISOString(), id: randomUUID() };
const nightly: ScheduleRecord = {
  ...{ name: 'nightly-sync', workflowType: 'nightlySync', cron: '30 3 * * *', everySeconds: null, timeZone: 'UTC' },
  ...{ jitterSeconds: 0, catchupSeconds: 60, paused: true, note: noteOf('paused', note), nextRuns: [], running: [] },
  ...{ recent: [], skipped: 0, createdAt: new Date(), changedAt: new Date(), url: null },
};
const api = await createTestApi({
  schedules: {
    ...{ list: async () => [nightly], find: async () => nightly },
    ...{ change: refuse, trigger: refuse, pause: refuse, unpause: refuse },
  },
});
const { db, call } = api;
for (const platformId of ['ours', 'theirs']) {
  const { deployment } = await insertPlatform(db, { platformId });
  const { id: context } = await insertContext(db, { deployment });
  await insertServiceKey(db, { context });
  const { id: lineItem } = await insertLineItem(db, { context });
  await insertScore(db, { context, lineItem });
}
const scopes = ['read', 'operate'];
const { secret: key } = await insertApiKey(db, { scopes, platforms: ['ours'] });
const { secret: alike } = await insertApiKey(db, { scopes, platforms: ['ours'] });
const { secret: theirs } = await insertApiKey(db, { scopes, platforms: ['theirs'] });
const { secret: both } = await insertApiKey(db, { scopes, platforms: ['ours', 'theirs'] });

async function sync(as: string, body: object): Promise<string> {
  const answer = await call('POST', '/v1/syncs', { key: as, body: { ...body, reason: 'a secret of whoever asked' } });
  assert.equal(answer.status, 202, answer.text);
  return textAt(answer.body, 'runId');
}

test('a sync of another is not there, whether it has touched a course or not', async () => {
  for (const run of [await sync(theirs, { all: true }), await sync(theirs, { all: true })]) {
    const [seen, none] = [
      await call('GET', `/v1/runs/${run}`, { key }),
      await call('GET', `/v1/runs/${randomUUID()}`, { key }),
    ];
    assert.deepEqual([seen.status, at(seen.body, 'detail')], [404, at(none.body, 'detail')]);
    assert.equal((await call('GET', `/v1/runs/${run}/contexts`, { key })).status, 404);
    assert.equal((await call('GET', '/v1/runs', { key })).text.includes(run), false);
  }
});

test('a sync that reached further is shown with the counts of what the key sees, and without its words', async () => {
  for (const as of [both, api.adminKey]) {
    const shown = await call('GET', `/v1/runs/${await sync(as, { all: true })}`, { key });
    assert.deepEqual([at(shown.body, 'contexts'), at(shown.body, 'reason')], [1, null]);
    assert.doesNotMatch((await call('GET', '/v1/runs', { key })).text, /secret/);
  }
});

test('a sync of a key that reaches no further is shown with its words, before it has a course too', async () => {
  const run = await sync(alike, { platformId: 'ours', contextId: 'nowhere' }).catch(() => sync(alike, { all: true }));
  const shown = await call('GET', `/v1/runs/${run}`, { key });
  assert.equal(at(shown.body, 'reason'), 'a secret of whoever asked');
});

test('the words of a schedule are for keys of all platforms', async () => {
  const details = { note: note.id };
  await db('audit_entries').insert({
    ...{ action: 'schedules.pause', subject: 'nightly-sync', reason: 'the exams of theirs', details },
  });
  for (const path of ['/v1/schedules', '/v1/schedules/nightly-sync', '/v1/health/operations']) {
    assert.match((await call('GET', path)).text, /exams of theirs/, path);
    const limited = await call('GET', path, { key });
    assert.equal(limited.status, 200);
    assert.match(limited.text, /An operator of all platforms paused it/, path);
    assert.doesNotMatch(limited.text, /theirs/, path);
  }
});
