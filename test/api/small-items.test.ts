import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { at, createTestApi, parseJson, problemOf, textAt } from '../helpers/app.js';
import { insertContext, insertLineItem, insertPlatform } from '../helpers/factories.js';

const { db, call } = await createTestApi();
const platform = await insertPlatform(db, { platformId: 'p', deploymentId: 'd' });
const context = await insertContext(db, { deployment: platform.deployment, contextId: 'c' });
await insertLineItem(db, { context: context.id, lineItemId: 'l' });

/** The shortest that there can be. */
const score = (user: number): object => ({
  ...{ platformId: 'p', contextId: 'c', userId: String(user), lineItem: { id: 'l' }, scoreGiven: 1, scoreMaximum: 1 },
});
const key = (place: number): object => ({ platformId: 'p', contextId: 'c', serviceKey: String(place) });
const many = <T>(make: (place: number) => T, count = 1_000): T[] =>
  Array.from({ length: count }, (_, place) => make(place));
const ndjson = { 'content-type': 'application/x-ndjson' };
const csv = { 'content-type': 'text/csv' };
const MOST_TIMES = 10;

const nothings: [string, string, string, Record<string, string>][] = [
  ['/v1/scores', 'numbers', JSON.stringify(many(() => 0)), {}],
  ['/v1/scores', 'empty objects', JSON.stringify({ scores: many(() => ({})) }), {}],
  ['/v1/service-keys', 'numbers', JSON.stringify(many(() => 0)), {}],
  ['/v1/service-keys', 'rows of one cell', many(() => 'platformId').join('\n'), csv],
];
for (const [path, what, body, headers] of nothings) {
  test(`answers a thousand ${what} for ${path} once, and not each of them`, async () => {
    const answer = await call('POST', path, { body, headers });
    assert.deepEqual([answer.status, problemOf(answer.body)], [400, 'invalid-request'], answer.text.slice(0, 500));
    assert.ok(answer.text.length < 1_000);
  });
}

test('gives up a stream of lines that are too small to be scores, and keeps what it took before', async () => {
  const lines = [...many((place) => JSON.stringify(score(place)), 30), ...many(() => '0', 100_000)];
  const body = lines.join('\n');
  const { status, text } = await call('POST', '/v1/scores', { body, headers: ndjson });
  assert.equal(status, 202);
  const last = parseJson(text.trimEnd().split('\n').at(-1) ?? '');
  assert.equal(problemOf(at(last, 'problem')), 'invalid-request', text.slice(-500));
  assert.ok(text.length < MOST_TIMES * body.length, `${text.length} for ${body.length}`);
});

test('says of a stream of service keys where it was given up', async () => {
  const body = [...many((place) => JSON.stringify(key(place)), 30), ...many(() => '{}', 100_000)].join('\n');
  const { status, body: answer, text } = await call('POST', '/v1/service-keys', { body, headers: ndjson });
  assert.ok(status === 200 || status === 422, text.slice(0, 500));
  const keys = at(answer, 'serviceKeys');
  assert.ok(Array.isArray(keys));
  assert.match(textAt(keys.at(-1), 'problem', 'detail'), /so few bytes.* not read/);
  assert.ok(text.length < MOST_TIMES * body.length, `${text.length} for ${body.length}`);
});

test('takes the shortest scores and keys that there can be, however many', async () => {
  const scores = await call('POST', '/v1/scores', { body: many(score) });
  assert.deepEqual([scores.status, at(scores.body, 'invalid')], [202, 0], scores.text.slice(0, 500));
  const lines = many((place) => JSON.stringify(score(place))).join('\n');
  const streamed = await call('POST', '/v1/scores', { body: lines, headers: ndjson });
  assert.match(streamed.text.trimEnd().split('\n').at(-1) ?? '', /"unchanged":1000,.*"invalid":0/);
  const keys = await call('POST', '/v1/service-keys', { body: many(key, 100) });
  assert.deepEqual([keys.status, at(keys.body, 'invalid')], [200, 0], keys.text.slice(0, 500));
  assert.equal((await queryRows(db, 'select 1 from scores')).length, 1_000);
});
