import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Knex } from 'knex';
import { createContextWork } from '../../../db/courses/context-work.js';
import { createClaims, type Claim } from '../../../db/scores/claims.js';
import { createQueue } from '../../../db/scores/queue.js';
import { createLanes } from '../../../db/platforms/lanes.js';
import { queryRows } from '../../../db/server/knex.js';
import type { ScoreState } from '../../../domain/score.js';
import { createTestDatabase, toQueryable } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const queue = createQueue(db);
const PAST = '2026-01-01T00:00:00Z';
const FUTURE = '2100-01-01T00:00:00Z';

interface Setup {
  gate?: Knex.ValueDict;
  context?: Knex.ValueDict;
  column?: Knex.ValueDict;
  state?: ScoreState;
  score?: Knex.ValueDict;
}

interface Place {
  gate: string;
  context: string;
  lineItem: string;
  score: string;
}

/** A course behind a gate of its own, with one score that has been due for long. */
async function createCourse({ gate, context, column, state = 'due', score }: Setup = {}): Promise<Place> {
  const course = await insertContext(db, { ...(context && { columns: context }) });
  if (gate) await db('gates').where({ id: course.gate }).update(gate);
  const { id: lineItem } = await insertLineItem(db, { context: course.id, ...(column && { columns: column }) });
  const columns = { not_before: PAST, due_at: PAST, ...score };
  const { id } = await insertScore(db, { context: course.id, lineItem, state, columns });
  return { gate: course.gate, context: course.id, lineItem, score: id };
}

const isListed = async ({ gate }: Place): Promise<boolean> =>
  (await queue.listUntended({ after: null, limit: 1_000 })).some((ready) => ready.gate === gate);

async function claim({ gate }: Pick<Place, 'gate'>, limit = 100, after: string | null = null): Promise<Claim> {
  const lanes = createLanes(db);
  const lane = await lanes.take({ gate, leaseMs: 60_000, laneMs: 60_000, settleMs: 0 });
  assert.ok('token' in lane);
  const claimed = await createClaims(toQueryable(db)).claim({ gate, token: lane.token, limit, after });
  await lanes.giveBack({ gate, token: lane.token });
  assert.ok(claimed);
  return claimed;
}

const holdOf = async ({ score }: Place): Promise<string | null | undefined> =>
  (await queryRows<{ hold: string | null }>(db, 'select hold from score_queue where score = ?', [score]))[0]?.hold;

const parked = { parked_type: 'LineItemNotFound', parked_at: PAST };
const held = (until: string): Knex.ValueDict => ({ lane_expires_at: until, lane_calls_end_at: until });

const untended: Record<string, Setup> = {
  'has a due score': {},
  'has a score whose sending was forgotten': { state: 'sending' },
  'has a score to be read back': { state: 'unknown' },
  'has a lane that ran out': { gate: held(PAST) },
  'had a pause that is over': { gate: { blocked_until: PAST } },
};
for (const [what, setup] of Object.entries(untended)) {
  test(`lists a gate that ${what}`, async () => {
    assert.equal(await isListed(await createCourse(setup)), true);
  });
}

const left: Record<string, Setup> = {
  'has a lane': { gate: held(FUTURE) },
  'allows no calls': { gate: { blocked_until: FUTURE } },
  'has only what waits for the night': { score: { awaits_nightly: true } },
  'has only a resting score': { score: { not_before: FUTURE } },
  'got its score a moment ago': { score: { due_at: db.fn.now() } },
  'has its score in the gradebook': { state: 'submitted' },
  'has a rejected score': { state: 'rejected' },
};
for (const [what, setup] of Object.entries(left)) {
  test(`leaves a gate alone that ${what}`, async () => {
    assert.equal(await isListed(await createCourse(setup)), false);
  });
}

const heldBack: Record<string, { setup: Setup; hold: string; free: (place: Place) => Promise<unknown> }> = {
  'a course that is set aside': {
    setup: { context: { parked_type: 'ContextConcluded', parked_at: PAST } },
    hold: 'context',
    free: ({ context }) => createContextWork(db).unpark(context),
  },
  'a column that is set aside': {
    setup: { column: parked },
    hold: 'lineItem',
    free: ({ lineItem }) => createContextWork(db).unparkColumns([lineItem]),
  },
  'a column that has no id yet': {
    setup: { column: { line_item_id: null, resource_id: 'essay' } },
    hold: 'wanted',
    free: ({ lineItem }) =>
      db.raw(`update line_items set line_item_id = 'https://lms.example/1' where id = ?`, [lineItem]),
  },
};
for (const [what, { setup, hold, free }] of Object.entries(heldBack)) {
  test(`a score of ${what} is put on hold by the claim that meets it, and goes when that is over`, async () => {
    const place = await createCourse(setup);
    const claimed = await claim(place);
    assert.deepEqual(claimed.scores, []);
    assert.deepEqual(claimed.wantColumns, hold === 'wanted' ? [place.context] : []);
    assert.equal(await holdOf(place), hold);
    assert.equal(await isListed(place), false);
    await free(place);
    assert.equal(await holdOf(place), null);
    assert.deepEqual(
      (await claim(place)).scores.map(({ id }) => id),
      [place.score],
    );
  });
}

test('what is freed while a claim puts it on hold is free afterwards', async () => {
  const place = await createCourse({ context: { parked_type: 'ContextConcluded', parked_at: PAST } });
  for (let round = 0; round < 20; round += 1) {
    await db('contexts').where({ id: place.context }).update({ parked_type: 'ContextConcluded', parked_at: PAST });
    await db('score_queue').where({ score: place.score }).update({ hold: null, is_claimed: false });
    await db('scores').where({ id: place.score }).update({ state: 'due', sending: null, sending_revision: null });
    await Promise.all([claim(place), createContextWork(db).unpark(place.context)]);
    assert.equal(await holdOf(place), null);
  }
});

test('lets one score go for each thing that is to be tried again, and no second while it is under way', async () => {
  const place = await createCourse({
    context: { parked_type: 'ContextConcluded', parked_at: PAST, parked_until: FUTURE },
  });
  await insertScore(db, { context: place.context, lineItem: place.lineItem, columns: { due_at: PAST } });
  await claim(place);
  await queue.releaseProbes(100);
  assert.deepEqual((await claim(place)).scores, []);
  await db('contexts').where({ id: place.context }).update({ parked_until: PAST });
  await queue.releaseProbes(100);
  const [probe, ...others] = (await claim(place)).scores;
  assert.deepEqual([probe?.isProbe, others.length], [true, 0]);
  await queue.releaseProbes(100);
  assert.deepEqual((await claim(place)).scores, []);
});

test('asks for the columns of a course that scores want, a minute apart', async () => {
  const place = await createCourse({ column: { line_item_id: null, resource_id: 'essay' } });
  await claim(place);
  const asksFor = async (): Promise<boolean> =>
    (await queue.listWantingColumns({ after: null, limit: 1_000 })).courses.some(
      ({ context, gate }) => context === place.context && gate === place.gate,
    );
  assert.equal(await asksFor(), true);
  await db('contexts').where({ id: place.context }).update({ columns_sought_at: db.fn.now() });
  assert.equal(await asksFor(), false);
  await db('contexts').where({ id: place.context }).update({ columns_sought_at: PAST, columns_rest_until: FUTURE });
  assert.equal(await asksFor(), false, 'the last looks failed');
  await db('contexts').where({ id: place.context }).update({ columns_rest_until: PAST });
  assert.equal(await asksFor(), true);
  const parked = { parked_type: 'LineItemRejected', parked_at: PAST, parked_until: FUTURE };
  await db('line_items').where({ id: place.lineItem }).update(parked);
  assert.equal(await asksFor(), false, 'the column is set aside');
});

test('a claim takes the courses of its gate in turn, a few scores of each', async () => {
  const { deployment, gate } = await insertPlatform(db);
  const contexts: string[] = [];
  for (let course = 0; course < 5; course += 1) {
    const { id: context } = await insertContext(db, { deployment });
    const { id: lineItem } = await insertLineItem(db, { context });
    for (let user = 0; user < 10; user += 1) await insertScore(db, { context, lineItem });
    contexts.push(context);
  }
  const first = await claim({ gate }, 12);
  assert.deepEqual(countBy(first), [4, 4, 4]);
  const last = first.scores.at(-1)?.context ?? null;
  const second = await claim({ gate }, 8, last);
  assert.deepEqual(countBy(second), [4, 4]);
  const courses = new Set([...first.scores, ...second.scores].map(({ context }) => context));
  assert.deepEqual([...courses].toSorted(), contexts.toSorted());
  assert.equal((await claim({ gate }, 100)).scores.length, 30);
});

test('a claim takes what is urgent first, whichever course it is of', async () => {
  const { deployment, gate } = await insertPlatform(db);
  for (const priority of [5, 3, 1]) {
    const { id: context } = await insertContext(db, { deployment });
    const { id: lineItem } = await insertLineItem(db, { context });
    for (let user = 0; user < 3; user += 1) await insertScore(db, { context, lineItem, columns: { priority } });
  }
  const claimed = (await claim({ gate }, 6)).scores.map(({ id }) => id);
  const rows = await db('scores').whereIn('id', claimed).pluck<number[]>('priority');
  assert.deepEqual(rows.toSorted(), [1, 1, 1, 3, 3, 3]);
});

test('says when more gets ready, how long the platform allows no calls, and how many at once', async () => {
  const place = await createCourse({ score: { not_before: FUTURE } });
  const { isReady, nextInMs, blockedForMs } = await queue.lookAhead(place.gate);
  assert.deepEqual([isReady, nextInMs !== null && nextInMs > 60_000, blockedForMs], [false, true, null]);
  const limits = { in_flight_cap: 2, in_flight_max: 5 };
  const trouble = { blocked_until: FUTURE, breaker: 'open', breaker_type: 'X', ...limits };
  await db('gates').where({ id: place.gate }).update(trouble);
  const blocked = await queue.lookAhead(place.gate);
  assert.ok(blocked.blockedForMs !== null && blocked.blockedForMs > 60_000);
  assert.equal(blocked.blockedBy, 'X');
  const { breaker, inFlight, inFlightMax } = blocked;
  assert.deepEqual([breaker, inFlight, inFlightMax], ['open', 2, 5]);
});

function countBy({ scores }: Claim): number[] {
  const counts = new Map<string, number>();
  for (const { context } of scores) counts.set(context, (counts.get(context) ?? 0) + 1);
  return [...counts.values()];
}
