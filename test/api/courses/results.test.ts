import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createDrifts } from '../../../db/courses/drifts.js';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, problemOf, textAt } from '../../helpers/app.js';
import { insertApiKey, insertContext, insertLineItem, insertScore } from '../../helpers/factories.js';

const { db, call, syncs, temporal } = await createTestApi();
const drifts = createDrifts(db);

async function newFindings(): Promise<{ context: string; lineItem: string; lineItemId: string }> {
  const context = (await insertContext(db)).id;
  const { id: lineItem, line_item_id } = await insertLineItem(db, { context });
  const columns = { submitted_at: new Date(Date.now() - 60_000) };
  const found = [];
  for (const [userId, kind] of [
    ['ann', 'missing'],
    ['bob', 'changed'],
  ] as const) {
    const { id: score } = await insertScore(db, { context, lineItem, userId, state: 'submitted', columns });
    const resultScore = kind === 'missing' ? null : 2;
    found.push({ score, kind, resultScore, resultMaximum: resultScore === null ? null : 10 });
  }
  await drifts.record({ context, before: await drifts.now(), found, resend: false });
  await drifts.endContext(context);
  return { context, lineItem, lineItemId: line_item_id ?? '' };
}

test('lists what the gradebook shows otherwise, newest first, page by page', async () => {
  const { context, lineItem, lineItemId } = await newFindings();
  const page = await call('GET', `/v1/contexts/${context}/results?limit=1`);
  assert.equal(page.status, 200, page.text);
  assert.equal(typeof at(page.body, 'resultsReadAt'), 'string');
  assert.equal(at(page.body, 'results', 0, 'lineItem', 'uuid'), lineItem);
  assert.equal(at(page.body, 'results', 0, 'lineItem', 'id'), lineItemId);
  assert.equal(at(page.body, 'results', 0, 'sent', 'scoreGiven'), 7.5);
  const users = [at(page.body, 'results', 0, 'userId')];
  const next = await call('GET', `/v1/contexts/${context}/results?cursor=${textAt(page.body, 'nextCursor')}`);
  users.push(at(next.body, 'results', 0, 'userId'));
  assert.deepEqual(users.toSorted(), ['ann', 'bob']);
  assert.equal(at(next.body, 'nextCursor'), null);
});

test('filters by kind, column, user, and whether the finding has ended', async () => {
  const { context, lineItem, lineItemId } = await newFindings();
  const usersBy = async (query: string): Promise<unknown[]> => {
    const { body, text } = await call('GET', `/v1/contexts/${context}/results?${query}`);
    const results = at(body, 'results');
    assert.ok(Array.isArray(results), text);
    return results.map((result) => at(result, 'userId')).toSorted();
  };
  assert.deepEqual(await usersBy('kind=missing'), ['ann']);
  assert.deepEqual(await usersBy('userId=bob'), ['bob']);
  assert.deepEqual(await usersBy(`lineItemId=${encodeURIComponent(lineItemId)}`), ['ann', 'bob']);
  assert.deepEqual(await usersBy(`lineItem=${lineItem}`), ['ann', 'bob']);
  for (const other of ['lineItemId=another', `lineItemId=${lineItem}`, `lineItem=${randomUUID()}`])
    assert.deepEqual(await usersBy(other), []);
  assert.deepEqual(await usersBy('ended=true'), []);
  await db.raw(`update drifts set ended_at = now() where user_id = 'ann' and context = ?`, [context]);
  assert.deepEqual(await usersBy('ended=true'), ['ann']);
  assert.deepEqual(await usersBy('ended=false'), ['bob']);
  assert.equal((await call('GET', `/v1/contexts/${context}/results?kind=odd`)).status, 400);
});

test('starts a comparison on an operator’s word, with or without sending again, and keeps the reason', async () => {
  const context = (await insertContext(db)).id;
  syncs.length = 0;
  const plain = await call('POST', `/v1/contexts/${context}/reconcile`, { body: { reason: 'a test' } });
  assert.equal(plain.status, 202, plain.text);
  assert.equal(at(plain.body, 'workflows', 0, 'workflowId'), `sync-context/${context}`);
  await call('POST', `/v1/contexts/${context}/reconcile`, { body: { resend: true, reason: 'restored a backup' } });
  assert.deepEqual(
    syncs.map(({ reconcile, resend, trigger }) => [reconcile, resend, trigger]),
    [
      [true, false, 'operator'],
      [true, true, 'operator'],
    ],
  );
  assert.deepEqual(
    await queryRows(
      db,
      `select reason, details from audit_entries
       where subject = ? and action = 'contexts.reconcile' and outcome = 'done' order by id`,
      [context],
    ),
    [
      { reason: 'a test', details: { resend: false } },
      { reason: 'restored a backup', details: { resend: true } },
    ],
  );
});

test('says so when Temporal cannot be told to compare', async () => {
  const context = (await insertContext(db)).id;
  temporal.fails = true;
  const answer = await call('POST', `/v1/contexts/${context}/reconcile`, { body: { reason: 'a test' } });
  temporal.fails = false;
  assert.deepEqual([answer.status, problemOf(answer.body)], [503, 'temporal-unavailable']);
});

test('shows findings only to callers of the platform, and lets only operators compare', async () => {
  const { context } = await newFindings();
  const elsewhere = await insertApiKey(db, { platforms: ['another'] });
  assert.equal((await call('GET', `/v1/contexts/${context}/results`, { key: elsewhere.secret })).status, 404);
  const hidden = await call('GET', '/v1/results', { key: elsewhere.secret });
  assert.deepEqual(hidden.body, { results: [], nextCursor: null });
  const mine = await call('GET', `/v1/results?context=${context}`);
  assert.equal(textAt(mine.body, 'results', 0, 'context'), context);
  const rest = await call('GET', '/v1/results?platformId=none-such');
  assert.deepEqual(rest.body, { results: [], nextCursor: null });
  const reader = await insertApiKey(db, { scopes: ['read'] });
  assert.equal(
    (await call('POST', `/v1/contexts/${context}/reconcile`, { body: { reason: 'a test' }, key: reader.secret }))
      .status,
    403,
  );
});
