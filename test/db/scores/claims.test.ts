import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClaims } from '../../../db/scores/claims.js';
import { createLanes } from '../../../db/platforms/lanes.js';
import type { Knex } from 'knex';
import { createTestDatabase, toQueryable } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertScore, scoreValue } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const claims = createClaims(toQueryable(db));
const lanes = createLanes(db);

interface Course {
  context: string;
  lineItem: string;
  lane: { gate: string; token: number; after: null };
  add(userId: string, columns?: Knex.ValueDict, lineItem?: string): Promise<string>;
  claim(limit?: number): Promise<string[]>;
}

async function createCourse(): Promise<Course> {
  const { id: context, gate } = await insertContext(db);
  const { id: lineItem } = await insertLineItem(db, { context });
  const taken = await lanes.take({ gate, leaseMs: 60_000, laneMs: 60_000, settleMs: 0 });
  assert.ok('token' in taken);
  const lane = { gate, token: taken.token, after: null };
  return {
    ...{ context, lineItem, lane },
    async add(userId, columns = {}, ofColumn = lineItem) {
      return (await insertScore(db, { context, lineItem: ofColumn, userId, columns })).id;
    },
    async claim(limit = 100) {
      const claimed = await claims.claim({ ...lane, limit });
      assert.ok(claimed);
      return claimed.scores.map(({ userId }) => userId);
    },
  };
}

const PAST = '2026-01-01T00:00:00Z';
const FUTURE = '2100-01-01T00:00:00Z';

test('claims the most urgent first, then what is due longest, then what came first', async () => {
  const course = await createCourse();
  const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];
  await course.add('bulk', { priority: 5, due_at: early });
  await course.add('nightly', { priority: 3, due_at: early });
  await course.add('late', { priority: 1, due_at: late });
  await course.add('early', { priority: 1, due_at: early });
  await course.add('as early', { priority: 1, due_at: early });
  assert.deepEqual(await course.claim(2), ['early', 'as early']);
  assert.deepEqual(await course.claim(), ['late', 'nightly', 'bulk']);
  assert.deepEqual(await course.claim(), []);
});

test('gives each claimed score as it is now, with what the gradebook took before', async () => {
  const course = await createCourse();
  const old = scoreValue({ scoreGiven: 3 });
  const columns = { submitted: JSON.stringify(old), submitted_revision: 3, revision: 4, tries: 2 };
  const id = await course.add('ann', columns);
  const [claimed] = (await claims.claim({ ...course.lane, limit: 1 }))?.scores ?? [];
  const { lineItemId, ...rest } = claimed ?? { lineItemId: '' };
  assert.match(lineItemId, /^https:/);
  const expected = { id, revision: 4, lineItem: course.lineItem, userId: 'ann', value: scoreValue(), submitted: old };
  assert.deepEqual(Object.fromEntries(Object.entries(rest).filter(([name]) => name in expected)), expected);
  assert.deepEqual([claimed?.tries, claimed?.isProbe], [2, false]);
});

test('leaves what waits for the night, rests, is not due, or belongs to another course', async () => {
  const [course, other] = [await createCourse(), await createCourse()];
  await course.add('nightly', { awaits_nightly: true });
  await course.add('resting', { not_before: FUTURE });
  for (const state of ['submitted', 'rejected', 'unknown', 'sending'] as const) {
    await insertScore(db, { context: course.context, lineItem: course.lineItem, state });
  }
  await other.add('elsewhere');
  await course.add('ready', { not_before: PAST });
  assert.deepEqual(await course.claim(), ['ready']);
});

test('leaves columns that are wanted or parked, and probes one whose rest is over', async () => {
  const course = await createCourse();
  const { context } = course;
  const parked = { parked_type: 'LineItemNotFound', parked_at: PAST };
  const wanted = await insertLineItem(db, { context, lineItemId: null, columns: { resource_id: 'essay' } });
  const asleep = await insertLineItem(db, { context, columns: { ...parked, parked_until: FUTURE } });
  const forEver = await insertLineItem(db, { context, columns: parked });
  const probed = await insertLineItem(db, { context, columns: { ...parked, parked_until: PAST } });
  await course.add('wanted', {}, wanted.id);
  await course.add('asleep', {}, asleep.id);
  await course.add('for ever', {}, forEver.id);
  await course.add('probed', {}, probed.id);
  const claimed = await claims.claim({ ...course.lane, limit: 10 });
  assert.deepEqual(
    claimed?.scores.map(({ userId, isProbe }) => [userId, isProbe]),
    [['probed', true]],
  );
  assert.deepEqual(claimed?.wantColumns, [context]);
});

test('a score fails alone when it failed often while its column took scores of others since', async () => {
  const course = await createCourse();
  const due = { due_at: '2026-01-02T00:00:00Z' };
  const quiet = await insertLineItem(db, { context: course.context });
  await insertScore(db, {
    ...{ context: course.context, lineItem: course.lineItem, state: 'submitted' },
    columns: { submitted_at: '2026-01-03T00:00:00Z' },
  });
  await insertScore(db, {
    ...{ context: course.context, lineItem: quiet.id, state: 'submitted' },
    columns: { submitted_at: '2026-01-01T00:00:00Z' },
  });
  await course.add('often', { ...due, tries: 4 });
  await course.add('not so often', { ...due, tries: 3 });
  await course.add('with all others', { ...due, tries: 4 }, quiet.id);
  const claimed = (await claims.claim({ ...course.lane, limit: 10 }))?.scores ?? [];
  const alone = claimed.filter(({ failsAlone }) => failsAlone).map(({ userId }) => userId);
  assert.deepEqual([claimed.length, alone], [3, ['often']]);
});

test('two claims at once share what is due, and no score is in both', async () => {
  const course = await createCourse();
  for (let user = 0; user < 30; user += 1) await course.add(`user-${user}`);
  const parts = await Promise.all(Array.from({ length: 6 }, () => course.claim(5)));
  assert.equal(new Set(parts.flat()).size, 30);
});

test('a lane that was given back neither claims nor records', async () => {
  const course = await createCourse();
  await course.add('ann');
  await lanes.giveBack(course.lane);
  assert.equal(await claims.claim({ ...course.lane, limit: 1 }), null);
  assert.equal(await claims.record({ ...course.lane, outcomes: [], workflowRun: 'run' }), false);
});
