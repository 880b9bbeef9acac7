import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCORE_STATES } from '../../../domain/score.js';
import { at, createTestApi, problemOf, textAt } from '../../helpers/app.js';
import { insertApiKey, insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';

const { call, db, sends, syncs } = await createTestApi();
const platform = await insertPlatform(db, { platformId: 'lms' });
const { id: context } = await insertContext(db, { deployment: platform.deployment, contextId: 'course' });
const { id: lineItem, line_item_id: lineItemId } = await insertLineItem(db, { context });

const withdraw = (id: string, body: unknown = { reason: 'a wrong key' }, key?: string) =>
  call('POST', `/v1/scores/${id}/withdraw`, { body, ...(key !== undefined && { key }) });

const handIn = async (userId: string, scoreGiven: number) => {
  const names = { platformId: 'lms', contextId: 'course', lineItem: { id: lineItemId } };
  const body = { ...names, userId, scoreGiven, scoreMaximum: 10 };
  return at((await call('POST', '/v1/scores', { body })).body, 'scores', 0, 'outcome');
};

test('a score that is due ends as withdrawn, with the reason, and a later one goes out as usual', async () => {
  const { id } = await insertScore(db, { context, lineItem, userId: 'ann', columns: { changed_at: '2026-01-01' } });
  const { status, body } = await withdraw(id);
  assert.deepEqual([status, at(body, 'state'), at(body, 'waitingFor')], [200, 'rejected', null]);
  assert.deepEqual([at(body, 'rejection', 'type'), at(body, 'rejection', 'detail')], ['ScoreWithdrawn', 'a wrong key']);
  assert.match(textAt((await call('GET', `/v1/scores/${id}`)).body, 'explanation', 'whatHappened'), /withdrew/);
  const [audited] = await db('audit_entries').where({ subject: id }).select<{ action: string }[]>('action', 'reason');
  assert.deepEqual(audited, { action: 'scores.withdraw', reason: 'a wrong key' });

  assert.equal(await handIn('ann', 7.5), 'unchanged');
  assert.equal(at((await call('GET', `/v1/scores/${id}`)).body, 'state'), 'rejected');
  assert.equal(await handIn('ann', 8), 'accepted');
  assert.equal(at((await call('GET', `/v1/scores/${id}`)).body, 'state'), 'due');
});

test('what is not due is refused, says why, and stays as it is', async () => {
  for (const state of SCORE_STATES) {
    if (state === 'due' || state === 'superseded') continue;
    const columns = state === 'held' ? { failure_type: 'HumanGradeUndecided' } : {};
    const { id } = await insertScore(db, { context, lineItem, state, columns });
    const { status, body } = await withdraw(id);
    assert.deepEqual([status, problemOf(body)], [409, 'score-not-due'], state);
    assert.match(textAt(body, 'detail'), /^[A-Z].*\.$/);
    assert.equal(at((await call('GET', `/v1/scores/${id}`)).body, 'state'), state);
  }
});

test('a withdrawal needs a reason, and a key that may', async () => {
  const { id } = await insertScore(db, { context, lineItem });
  const { secret: reader } = await insertApiKey(db, { scopes: ['read'] });
  const { secret: stranger } = await insertApiKey(db, { platforms: ['elsewhere'] });
  assert.equal((await withdraw(id, {})).status, 400);
  assert.equal((await withdraw(id, { reason: 'mine' }, reader)).status, 403);
  assert.equal((await withdraw(id, { reason: 'mine' }, stranger)).status, 404);
  assert.equal(at((await call('GET', `/v1/scores/${id}`)).body, 'state'), 'due');
});

test('a retry by a filter leaves alone what was withdrawn, and one by its id sends it', async () => {
  const { id } = await insertScore(db, { context, lineItem });
  await withdraw(id);
  const retry = async (body: object) =>
    at((await call('POST', '/v1/scores/retry', { body: { ...body, reason: 'all' } })).body, 'retried');
  await retry({ filter: { state: 'rejected' } });
  assert.equal(at((await call('GET', `/v1/scores/${id}`)).body, 'state'), 'rejected');
  assert.equal(await retry({ ids: [id] }), 1);
  assert.equal(at((await call('GET', `/v1/scores/${id}`)).body, 'state'), 'due');
});

test('one column is resumed by itself, with the rests of its scores', async () => {
  const parked = { parked_type: 'LineItemNotFound', parked_at: new Date() };
  const [one, other] = [
    await insertLineItem(db, { context, columns: parked }),
    await insertLineItem(db, { context, columns: parked }),
  ];
  const inAnHour = new Date(Date.now() + 3_600_000);
  const { id } = await insertScore(db, { context, lineItem: one.id, columns: { not_before: inAnHour } });
  const { status, body } = await call('POST', `/v1/line-items/${one.id}/resume`, { body: { reason: 'mended' } });
  assert.deepEqual([status, at(body, 'uuid'), at(body, 'parked'), at(body, 'resumed')], [202, one.id, null, 1]);
  assert.equal(at((await call('GET', `/v1/scores/${id}`)).body, 'waitingFor', 'type'), 'ServiceKeyMissing');
  assert.equal(at((await call('GET', `/v1/line-items/${other.id}`)).body, 'parked', 'type'), 'LineItemNotFound');
  assert.deepEqual([sends.at(-1)?.gate, syncs.at(-1)?.lineItems], [platform.gate, true]);
  const again = await call('POST', `/v1/line-items/${one.id}/resume`, { body: { reason: 'sure' } });
  assert.deepEqual([again.status, at(again.body, 'parked')], [202, null]);
});
