import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, problemOf, textAt } from '../../helpers/app.js';
import { insertApiKey, insertContext, insertLineItem, insertPlatform } from '../../helpers/factories.js';

const { db, call, bulk, deps, temporal } = await createTestApi();
const platform = await insertPlatform(db, { platformId: 'lms', deploymentId: 'd1' });

async function createCourse(contextId: string, scores: number): Promise<string> {
  const { id: context } = await insertContext(db, { deployment: platform.deployment, contextId });
  const { id: lineItem } = await insertLineItem(db, { context });
  await db.raw(
    `insert into scores (context, line_item, user_id, value, changed_at, state, priority, failure_type)
     select ?, ?, 'many-' || n, '{"scoreGiven":1,"scoreMaximum":1}', now(), 'rejected', 3, 'ScoreRejected'
     from generate_series(1, ?::int) n`,
    [context, lineItem, scores],
  );
  return context;
}

const retry = (contextId: string) =>
  call('POST', '/v1/scores/retry', { body: { filter: { contextId }, reason: 'maximum corrected' } });

test('a small retry is done when it is answered, and can be looked up', async () => {
  await createCourse('small', 3);
  const answer = await retry('small');
  assert.equal(answer.status, 202, answer.text);
  assert.deepEqual([at(answer.body, 'retried'), at(answer.body, 'operation', 'state')], [3, 'completed']);
  assert.deepEqual(bulk, []);
  const id = textAt(answer.body, 'operation', 'id');
  const found = await call('GET', `/v1/bulk-operations/${id}`);
  assert.deepEqual(found.body, at(answer.body, 'operation'));
  assert.equal(at(found.body, 'reason'), 'maximum corrected');
});

test('of a large one a page is done when it is answered, and a workflow does the rest', async () => {
  const context = await createCourse('large', 11_000);
  const answer = await retry('large');
  const id = textAt(answer.body, 'operation', 'id');
  assert.deepEqual([at(answer.body, 'retried'), at(answer.body, 'operation', 'state')], [5_000, 'running']);
  assert.deepEqual(bulk, [id]);
  assert.equal(at(answer.body, 'workflows', 0, 'workflowId'), `bulk-operation/${id}`);
  while ((await deps.store.bulkOperations.advance(id))?.state === 'running');
  const found = await call('GET', `/v1/bulk-operations/${id}`);
  assert.deepEqual([at(found.body, 'acted'), at(found.body, 'state')], [11_000, 'completed'], found.text);
  assert.ok(at(found.body, 'endedAt'));
  const due = await queryRows(db, `select 1 from scores where context = ? and state = 'due'`, [context]);
  assert.equal(due.length, 11_000);
});

test('while Temporal is away a large one is answered all the same', async () => {
  await createCourse('away', 6_000);
  temporal.fails = true;
  const answer = await retry('away');
  temporal.fails = false;
  assert.deepEqual([answer.status, at(answer.body, 'operation', 'state')], [202, 'running'], answer.text);
});

test('lists them newest first, and cancels one that runs, once', async () => {
  await createCourse('cancelled', 6_000);
  const id = textAt((await retry('cancelled')).body, 'operation', 'id');
  const listed = await call('GET', '/v1/bulk-operations?state=running&limit=1');
  assert.equal(at(listed.body, 'bulkOperations', 0, 'id'), id, listed.text);
  const cancelled = await call('POST', `/v1/bulk-operations/${id}/cancel`, { body: { reason: 'wrong filter' } });
  assert.deepEqual([cancelled.status, at(cancelled.body, 'state')], [200, 'cancelled'], cancelled.text);
  const again = await call('POST', `/v1/bulk-operations/${id}/cancel`, { body: { reason: 'a test' } });
  assert.deepEqual([again.status, problemOf(again.body)], [409, 'bulk-operation-ended'], again.text);
  const [audit] = await queryRows(db, 'select action, subject, reason from audit_entries order by id desc limit 1');
  assert.deepEqual(audit, { action: 'bulk-operations.cancel', subject: id, reason: 'wrong filter' });
});

test('shows nobody what reaches further than his key', async () => {
  await createCourse('hidden', 1);
  const id = textAt((await retry('hidden')).body, 'operation', 'id');
  const { secret } = await insertApiKey(db, { scopes: ['operate', 'read'], platforms: ['another'] });
  for (const path of [`/v1/bulk-operations/${id}`, `/v1/bulk-operations/${id}/cancel`]) {
    const [method, body] = path.endsWith('cancel') ? (['POST', { reason: 'a test' }] as const) : (['GET'] as const);
    assert.equal((await call(method, path, { key: secret, body })).status, 404);
  }
  assert.deepEqual(at((await call('GET', '/v1/bulk-operations', { key: secret })).body, 'bulkOperations'), []);
});
