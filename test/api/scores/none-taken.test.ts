import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi, textAt } from '../../helpers/app.js';
import { insertContext, insertLineItem, insertPlatform } from '../../helpers/factories.js';

const { db, call } = await createTestApi();
const platform = await insertPlatform(db, { platformId: 'lms', deploymentId: 'd1' });
const context = await insertContext(db, { deployment: platform.deployment, contextId: 'course' });
const column = await insertLineItem(db, { context: context.id });

const item = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...{ platformId: 'lms', contextId: 'course', lineItem: { id: column.line_item_id } },
  ...{ userId: 'student', scoreGiven: 7.5, scoreMaximum: 10, ...change },
});

const noneGood: [string, unknown, number][] = [
  ['a single score that is not good', item({ userId: '' }), 1],
  ['a list without a good score', [item({ userId: '' }), item({ contextId: 'nowhere' })], 2],
  ['scores of which none is good', { scores: [item({ scoreGiven: -1 }), 'x', null] }, 3],
  ['no score at all', [], 0],
];
for (const [what, body, invalid] of noneGood) {
  test(`answers 422 to ${what}, with the answer of each`, async () => {
    const answer = await call('POST', '/v1/scores', { body });
    assert.equal(answer.status, 422, answer.text);
    assert.match(String(answer.headers['content-type']), /^application\/json/);
    assert.deepEqual([at(answer.body, 'accepted'), at(answer.body, 'invalid')], [0, invalid]);
    const scores = at(answer.body, 'scores');
    assert.ok(Array.isArray(scores) && scores.length === invalid);
    for (const score of scores) assert.match(textAt(score, 'problem', 'type'), /^urn:passback:problem:/);
    assert.deepEqual(at(answer.body, 'workflows'), []);
  });
}

test('answers 202 where one was taken, or was here before', async () => {
  const good = item({ userId: 'one-of-two', changedAt: '2026-01-01T10:00:00Z' });
  const mixed = await call('POST', '/v1/scores', { body: [item({ userId: '' }), good] });
  assert.deepEqual([mixed.status, at(mixed.body, 'accepted'), at(mixed.body, 'invalid')], [202, 1, 1], mixed.text);
  const again = await call('POST', '/v1/scores', { body: good });
  assert.deepEqual([again.status, at(again.body, 'unchanged')], [202, 1], again.text);
  const older = await call('POST', '/v1/scores', {
    body: { ...good, scoreGiven: 1, changedAt: '2025-01-01T10:00:00Z' },
  });
  assert.deepEqual([older.status, at(older.body, 'superseded')], [202, 1], older.text);
});

test('answers a stream with 202, whatever its lines are', async () => {
  const headers = { 'content-type': 'application/x-ndjson' };
  const answer = await call('POST', '/v1/scores', { body: '{}\n', headers });
  assert.equal(answer.status, 202, answer.text);
  assert.match(answer.text, /"invalid":1/);
});
