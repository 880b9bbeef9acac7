import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Knex } from 'knex';
import { createContextWork } from '../../../db/courses/context-work.js';
import type { ScoreState } from '../../../domain/score.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const store = createContextWork(db);
const { deployment } = await insertPlatform(db);
const PAST = '2026-01-01T00:00:00Z';
const FUTURE = '2100-01-01T00:00:00Z';

interface Setup {
  context?: Knex.ValueDict;
  column?: Knex.ValueDict;
  state?: ScoreState;
  score?: Knex.ValueDict;
}

/** A course with one score that rests no longer. */
async function createCourse({ context = {}, column = {}, state = 'due', score = {} }: Setup = {}): Promise<string> {
  const { id } = await insertContext(db, { deployment, columns: context });
  const { id: lineItem } = await insertLineItem(db, { context: id, columns: column });
  await insertScore(db, { context: id, lineItem, state, columns: { not_before: PAST, ...score } });
  return id;
}

const isListed = async (id: string): Promise<boolean> =>
  (await store.listUntended(1_000)).some(({ context }) => context === id);

const parked = { parked_type: 'LineItemNotFound', parked_at: PAST };
const held = (until: string): Knex.ValueDict => ({ lane_holder: 1, lane_expires_at: until });

const untended: Record<string, Setup> = {
  'has a due score': {},
  'has a score whose sending was forgotten': { state: 'sending' },
  'has a score to be read back': { state: 'unknown' },
  'has a lane that ran out': { context: held(PAST) },
  'was tended until a moment ago': { context: { tended_until: PAST } },
  'is parked and wants its probe': { context: { ...parked, parked_until: PAST } },
  'has a column that wants its probe': { column: { ...parked, parked_until: PAST } },
  'has a forgotten call of a column parked since': { state: 'sending', column: parked },
  'has a score to be read back of a column parked since': { state: 'unknown', column: parked },
  'waits for a column to be made': { column: { line_item_id: null, resource_id: 'essay' } },
};
for (const [what, setup] of Object.entries(untended)) {
  test(`lists a course that ${what}`, async () => {
    assert.equal(await isListed(await createCourse(setup)), true);
  });
}

const left: Record<string, Setup> = {
  'has a lane': { context: held(FUTURE) },
  'is tended': { context: { tended_until: FUTURE } },
  'is parked until later': { context: { ...parked, parked_until: FUTURE } },
  'is parked until an event': { context: parked },
  'has only a parked column': { column: { ...parked, parked_until: FUTURE } },
  'has only a column parked until an event': { column: parked },
  'waits for the night': { score: { awaits_nightly: true } },
  'has only a resting score': { score: { not_before: FUTURE } },
  'got its score a moment ago': { score: { not_before: db.fn.now() } },
  'has its score in the gradebook': { state: 'submitted' },
  'has a rejected score': { state: 'rejected' },
};
for (const [what, setup] of Object.entries(left)) {
  test(`leaves a course alone that ${what}`, async () => {
    assert.equal(await isListed(await createCourse(setup)), false);
  });
}

test('lists those attempted longest ago first, those never attempted before them, and no more than asked for', async (t) => {
  const own = await createTestDatabase(t);
  const place = await insertPlatform(own.db);
  const ids: string[] = [];
  for (const last_attempted_at of ['2026-01-02T00:00:00Z', null, '2026-01-01T00:00:00Z']) {
    const { id } = await insertContext(own.db, { deployment: place.deployment, columns: { last_attempted_at } });
    const { id: lineItem } = await insertLineItem(own.db, { context: id });
    await insertScore(own.db, { context: id, lineItem, columns: { not_before: PAST, priority: 5 } });
    ids.push(id);
  }
  const [late, never, early] = ids;
  const listed = await createContextWork(own.db).listUntended(10);
  assert.deepEqual(
    listed.map(({ context }) => context),
    [never, early, late],
  );
  assert.deepEqual(listed[0], { context: never, deployment: place.deployment, isBulkOnly: true, run: null });
  assert.equal((await createContextWork(own.db).listUntended(2)).length, 2);
});

test('a course with anything urgent is not bulk work only', async () => {
  const context = await createCourse({ score: { priority: 5 } });
  const { id: lineItem } = await insertLineItem(db, { context });
  await insertScore(db, { context, lineItem, columns: { not_before: PAST, priority: 1 } });
  const listed = await store.listUntended(1_000);
  assert.equal(listed.find(({ context }) => context === context)?.isBulkOnly, false);
});
