import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, problemOf, textAt, type Answer } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { insertContext, insertPlatform } from '../../helpers/factories.js';
import { createSource, GITHUB, graded, namingMapping, PLAIN_SECRET, send } from '../../helpers/webhooks.js';

const api = await createTestApi();
const { app, db, call } = api;
const platform = await insertPlatform(db, { platformId: 'lms' });
await insertContext(db, { deployment: platform.deployment, contextId: 'bio' });
const limits = { maxBodyBytes: 400 };
await createSource(api, { name: 'encoded', mapping: namingMapping('lms'), verification: GITHUB, limits });

const sendSigned = (body: Buffer, headers: Record<string, string> = {}): Promise<Answer> => {
  const signature = createHmac('sha256', PLAIN_SECRET).update(body).digest('hex');
  return send(app, 'encoded', { body, headers: { ...headers, 'x-hub-signature-256': `sha256=${signature}` } });
};
const countEvents = async (): Promise<number> => (await queryRows(db, 'select 1 from webhook_events')).length;
const studentOf = (taken: Answer): Promise<unknown> =>
  eventually('the event is read', async () => {
    const shown = await call('GET', `/v1/webhook-events/${textAt(taken.body, 'id')}`);
    return at(shown.body, 'facts', 'userId');
  });

test('takes gzip, signed as it was sent, up to its limit when inflated, and refuses other encodings', async () => {
  const body = JSON.stringify(graded({ student: 'zip' }));
  const taken = await sendSigned(gzipSync(body), { 'content-encoding': 'gzip' });
  assert.equal(taken.status, 202, taken.text);
  assert.equal(await studentOf(taken), 'zip');
  const before = await countEvents();
  const bomb = gzipSync(JSON.stringify(graded({ feedback: 'x'.repeat(10_000) })));
  assert.equal((await sendSigned(bomb, { 'content-encoding': 'gzip' })).status, 413);
  for (const encoding of ['br', 'gzip', 'gzip, gzip']) {
    const answer = await sendSigned(Buffer.from(body), { 'content-encoding': encoding });
    assert.equal(problemOf(answer.body), 'unsupported-media-type', encoding);
  }
  assert.equal(await countEvents(), before);
});
