import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createSyncRuns } from '../../../db/runs/sync-runs.js';
import { at, createTestApi, textAt } from '../../helpers/app.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const { db, call } = await createTestApi();

async function course(platformId: string): Promise<{ context: string }> {
  const { deployment } = await insertPlatform(db, { platformId });
  const { id: context } = await insertContext(db, { deployment });
  await insertServiceKey(db, { context, serviceKey: 'key' });
  const { id: lineItem } = await insertLineItem(db, { context });
  await insertScore(db, { context, lineItem });
  return { context };
}

test('names the courses of a run that are under way, settled or not settled, page by page', async () => {
  const mine = await course('run-contexts-mine');
  await course('run-contexts-foreign');
  const runId = textAt((await call('POST', '/v1/syncs', { body: { all: true, reason: 'a test' } })).body, 'runId');
  const { secret: key } = await insertApiKey(db, { platforms: ['run-contexts-mine'], scopes: ['read'] });
  const url = `/v1/runs/${runId}/contexts`;
  const { body } = await call('GET', url, { key });
  assert.deepEqual(
    ['contextId', 'platformId', 'state'].map((name) => typeof at(body, 'contexts', 0, name)),
    ['string', 'string', 'string'],
  );
  assert.deepEqual(
    [at(body, 'contexts', 0, 'context'), at(body, 'contexts', 0, 'state'), at(body, 'contexts', 1)],
    [mine.context, 'underWay', undefined],
  );
  assert.equal(at((await call('GET', `${url}?state=notSettled`, { key })).body, 'contexts', 0), undefined);
  const foreign = await call('GET', `${url}?platformId=run-contexts-foreign`);
  const id = textAt(foreign.body, 'contexts', 0, 'deploymentId');
  assert.equal(at(foreign.body, 'contexts', 0, 'platformId'), 'run-contexts-foreign', foreign.text);
  for (const [query, found] of [
    [`deploymentId=${id}`, 1],
    ['deploymentId=none', 0],
  ] as const) {
    const { body: narrowed } = await call('GET', `${url}?platformId=run-contexts-foreign&${query}`);
    assert.deepEqual(
      [at(narrowed, 'contexts', found - 1) !== undefined, at(narrowed, 'contexts', found)],
      [found > 0, undefined],
    );
  }
  assert.deepEqual(at((await call('GET', `${url}?platformId=run-contexts-foreign`, { key })).body, 'contexts'), []);
  const first = await call('GET', `${url}?limit=1`);
  const second = await call('GET', `${url}?limit=1&cursor=${textAt(first.body, 'nextCursor')}`);
  assert.notEqual(at(first.body, 'contexts', 0, 'context'), at(second.body, 'contexts', 0, 'context'));
  await db('runs')
    .where({ id: runId })
    .update({ ends_by: new Date(0) });
  await createSyncRuns(db).closeDone();
  const run = await call('GET', `/v1/runs/${runId}`, { key });
  assert.deepEqual([at(run.body, 'state'), at(run.body, 'notSettled')], ['incomplete', 1]);
  const named = await call('GET', `${url}?state=notSettled`, { key });
  assert.equal(at(named.body, 'contexts', 0, 'context'), mine.context);
  assert.equal((await call('GET', `/v1/runs/${randomUUID()}/contexts`)).status, 404);
});
