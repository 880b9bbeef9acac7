import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFailureReader } from '../../../db/scores/failures.js';
import { at, createTestApi, problemOf, textAt, type Json } from '../../helpers/app.js';
import { insertApiKey, insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';

const { call, db } = await createTestApi();
const ago = (hours: number): Date => new Date(Date.now() - hours * 3_600_000);

async function createCourse(platformId: string) {
  const platform = await insertPlatform(db, { platformId });
  const { id: context } = await insertContext(db, { deployment: platform.deployment, contextId: `${platformId}-101` });
  const { id: lineItem } = await insertLineItem(db, { context });
  return { context, lineItem };
}
const courses = { canvas: await createCourse('canvas'), moodle: await createCourse('moodle') };

type Place = keyof typeof courses;
const fail = (place: Place, type: string, hours: number, state: 'rejected' | 'held' = 'rejected') =>
  insertScore(db, { ...courses[place], state, columns: { failure_type: type, updated_at: ago(hours) } });

for (const [place, type, hours] of [
  ...Array.from({ length: 4 }, () => ['canvas', 'ScoreKeepsFailing', 0.5] as const),
  ...Array.from({ length: 3 }, () => ['canvas', 'ScoreKeepsFailing', 5] as const),
  ...Array.from({ length: 2 }, () => ['canvas', 'ScoreKeepsFailing', 50] as const),
  ['canvas', 'ScoreKeepsFailing', 150],
  ['canvas', 'ScoreKeepsFailing', 200],
  ['canvas', 'MemberNotInContext', 5],
  ['canvas', 'ScoreWithdrawn', 5],
  ['moodle', 'ScoreKeepsFailing', 50],
] as const)
  await fail(place, type, hours);
// None of these failed, or they are no failures any more.
await fail('canvas', 'HumanGradeUndecided', 0.5, 'held');
await insertScore(db, { ...courses.canvas, state: 'submitted' });
await insertScore(db, {
  ...courses.canvas,
  columns: { failure_type: 'PlatformUnavailable', not_before: '2100-01-01' },
});

const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const queryOf = (filter: Json | undefined): string =>
  new URLSearchParams(
    Object.entries(filter ?? {}).map(([name, value]: [string, Json]): [string, string] => [
      name,
      typeof value === 'string' ? value : '',
    ]),
  ).toString();

interface Cell {
  type: string;
  platformId: string;
  hours: Json | undefined;
  count: Json | undefined;
  filter: Json | undefined;
}

async function cells(key?: string): Promise<Cell[]> {
  const answer = await call('GET', '/v1/failures', key === undefined ? {} : { key });
  assert.equal(answer.status, 200, answer.text);
  return listOf(at(answer.body, 'failures')).flatMap((failure) =>
    listOf(at(failure, 'windows')).map((window) => ({
      ...{ type: textAt(failure, 'type'), platformId: textAt(failure, 'platformId') },
      ...{ hours: at(window, 'hours'), count: at(window, 'count'), filter: at(window, 'filter') },
    })),
  );
}

const countsOf = (all: readonly Cell[], platformId: string, type: string): (Json | undefined)[] =>
  all.filter((cell) => cell.platformId === platformId && cell.type === type).map(({ count }) => count);

test('counts what failed by kind, platform and window, most first, with words', async () => {
  const all = await cells();
  assert.deepEqual(countsOf(all, 'canvas', 'ScoreKeepsFailing'), [4, 7, 9, 10]);
  assert.deepEqual(countsOf(all, 'canvas', 'MemberNotInContext'), [0, 1, 1, 1]);
  assert.deepEqual(countsOf(all, 'moodle', 'ScoreKeepsFailing'), [0, 0, 1, 1]);
  assert.deepEqual([...new Set(all.map(({ type }) => type))].toSorted(), [
    ...['MemberNotInContext', 'ScoreKeepsFailing', 'ScoreWithdrawn'],
  ]);
  const { body } = await call('GET', '/v1/failures');
  assert.deepEqual([at(body, 'failures', 0, 'type'), at(body, 'failures', 0, 'platformId')], [all[0]?.type, 'canvas']);
  assert.match(textAt(body, 'failures', 0, 'sentence'), /fails on every try/);
  assert.equal(at(body, 'failures', 0, 'windows', 0, 'isCapped'), false);
});

test('gives each count the filter that lists exactly those, and counts them again', async () => {
  for (const { count, filter, ...of } of await cells()) {
    const listed = await call('GET', `/v1/scores?limit=500&${queryOf(filter)}`);
    assert.equal(listOf(at(listed.body, 'scores')).length, count, JSON.stringify(of));
    const { state, ...asked } = Object(filter) as Record<string, Json>;
    assert.equal(state, 'rejected');
    const counted = await call('GET', `/v1/failures/count?${queryOf(asked)}`);
    assert.deepEqual(counted.body, { count, takenBack: 0, isCapped: false });
  }
  const within = `failedAfter=${ago(1).toISOString()}`;
  const held = listOf(at((await call('GET', `/v1/scores?${within}`)).body, 'scores'));
  assert.deepEqual(held.filter((score) => at(score, 'state') === 'held').length, 1);
  assert.equal(held.length, 5);
});

test('shows a limited key its platforms alone, and counts no others', async () => {
  const { secret: key } = await insertApiKey(db, { scopes: ['read'], platforms: ['moodle'] });
  const seen = await cells(key);
  assert.deepEqual([...new Set(seen.map(({ platformId }) => platformId))], ['moodle']);
  assert.deepEqual(countsOf(seen, 'moodle', 'ScoreKeepsFailing'), [0, 0, 1, 1]);
  const counted = await call('GET', '/v1/failures/count?failureType=ScoreKeepsFailing', { key });
  assert.equal(at(counted.body, 'count'), 1);
});

test('says from when on it has counted, when more failed than it looks at', async () => {
  const counts = await createFailureReader(db, { most: 6 }).count();
  const [first] = counts.failures.filter(({ type }) => type === 'ScoreKeepsFailing');
  assert.deepEqual(first?.counts.slice(0, 1), [4]);
  assert.ok(counts.countedSince > ago(6) && counts.countedSince < ago(4), counts.countedSince.toISOString());
  assert.equal(
    counts.failures.reduce((sum, failure) => sum + (failure.counts.at(-1) ?? 0), 0),
    6,
  );
});

test('refuses an instant that is none, and points to it', async () => {
  for (const path of ['/v1/scores', '/v1/failures/count']) {
    const refused = await call('GET', `${path}?failedAfter=2026-02-30T00:00:00Z`);
    assert.deepEqual([refused.status, at(refused.body, 'pointer')], [400, '/failedAfter'], refused.text);
  }
  const body = { filter: { failedBefore: '2026-02-30T00:00:00Z' }, reason: 'a test' };
  const refused = await call('POST', '/v1/scores/retry', { body });
  assert.deepEqual([problemOf(refused.body), at(refused.body, 'pointer')], ['invalid-request', '/filter/failedBefore']);
});

test('a retry by the filter of a count acts on what was counted, and on nothing that failed since', async () => {
  const found = (await cells()).find(
    ({ type, platformId, hours }) => type === 'ScoreKeepsFailing' && platformId === 'canvas' && hours === 24,
  );
  const later = await insertScore(db, {
    ...courses.canvas,
    state: 'rejected',
    columns: { failure_type: 'ScoreKeepsFailing' },
  });
  const retried = await call('POST', '/v1/scores/retry', { body: { filter: found?.filter, reason: 'Canvas is back' } });
  assert.deepEqual([retried.status, at(retried.body, 'retried')], [202, found?.count], retried.text);
  assert.deepEqual(countsOf(await cells(), 'canvas', 'ScoreKeepsFailing'), [1, 1, 3, 4]);
  assert.equal(at((await call('GET', `/v1/scores/${later.id}`)).body, 'state'), 'rejected');
});

test('a retry of all kinds skips what was taken back, as the count says before', async () => {
  const filter = { platformId: 'canvas', failedAfter: ago(24).toISOString() };
  const { body: counted } = await call('GET', `/v1/failures/count?${queryOf(filter)}`);
  assert.deepEqual(counted, { count: 2, takenBack: 1, isCapped: false });
  const { body } = await call('POST', '/v1/scores/retry', { body: { filter, reason: 'Canvas is back' } });
  assert.deepEqual([at(body, 'operation', 'acted'), at(body, 'operation', 'skipped')], [2, 1]);
  const { body: named } = await call('GET', `/v1/failures/count?failureType=ScoreWithdrawn`);
  assert.deepEqual(named, { count: 1, takenBack: 0, isCapped: false });
});
