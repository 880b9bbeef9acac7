/** What is dead, down or unreadable gets a handful of calls, and stops nothing beside it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import type { RouteName } from '../../sandbox/types.js';
import { eventually } from '../helpers/database.js';
import { insertScore } from '../helpers/factories.js';
import { createRig, type RigCourse } from '../helpers/rig.js';

const rig = await createRig({ callTimeoutMs: 1_500 });
const ESSAY = { resourceId: 'essay', tag: 'final', label: 'Essay', scoreMaximum: 10 };

const countCalls = async ({ contextId }: RigCourse, route?: RouteName): Promise<number> =>
  (await rig.control.journalEntries({ contextId, ...(route && { route }) })).length;

const readStates = async ({ context }: RigCourse): Promise<Record<string, number>> =>
  Object.fromEntries(
    (
      await queryRows<{ state: string; count: number }>(
        rig.db,
        'select state, count(*)::int as count from scores where context = ? group by state',
        [context],
      )
    ).map(({ state, count }) => [state, count]),
  );

async function acceptForAll(
  course: RigCourse,
  column: Parameters<typeof rig.accept>[1][number]['column'],
  scoreGiven = 5,
) {
  await rig.accept(
    course,
    course.students.map((userId) => ({ column, userId, scoreGiven })),
  );
}

const loseActor = ({ context }: RigCourse): Promise<unknown> =>
  rig.client.workflow
    .getHandle(`sync-context/${context}`)
    .terminate()
    .catch(() => undefined);

/** Everybody who ever wakes anything does, again and again. */
async function wakeByAllMeans(course: RigCourse, forMs = 3_000): Promise<void> {
  const untilMs = performance.now() + forMs;
  for (let scoreGiven = 0; performance.now() < untilMs; scoreGiven = (scoreGiven + 1) % 10) {
    await acceptForAll(course, { id: course.columns[0] ?? '' }, scoreGiven);
    await rig.send(course);
    await rig.sync(course, { lineItems: true });
    await rig.activities.wakeUntended({ after: null });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

for (const [what, action] of Object.entries({
  'an internal error': { kind: 'lmsStatus', status: 500 },
  'words that nobody knows': { kind: 'lmsStatus', status: 400, body: 'The section is no more.' },
  'half an answer': { kind: 'truncated' },
} as const)) {
  test(`a list of columns that answers with ${what} is asked for once, however many scores come, and holds none up`, async () => {
    const course = await rig.createCourse({ students: 3 });
    await rig.control.addFault({ match: { route: 'lineItems', contextId: course.contextId }, action });
    await acceptForAll(course, ESSAY);
    await wakeByAllMeans(course);
    await eventually('known columns are filled', async () => {
      const { submitted = 0 } = await readStates(course);
      return submitted === course.students.length;
    });
    // The rest is the course's own: its actor may be lost.
    await loseActor(course);
    await wakeByAllMeans(course, 1_000);
    assert.equal(await countCalls(course, 'lineItems'), 1);
    const [{ columns_failure: type } = { columns_failure: null }] = await queryRows<{ columns_failure: string | null }>(
      rig.db,
      'select columns_failure from contexts where id = ? and columns_rest_until > now()',
      [course.context],
    );
    assert.ok(type, 'whoever waits for the column is told why, and until when');
  });
}

test('a platform that asks for a pause when its columns are listed gets no call, whatever wakes', async () => {
  const course = await rig.createCourse({ students: 3 });
  const action = { kind: 'status', status: 429, headers: { 'retry-after': '30' } } as const;
  await rig.control.addFault({ match: { route: 'lineItems', contextId: course.contextId }, action });
  await acceptForAll(course, ESSAY);
  await rig.sync(course, { lineItems: true });
  await eventually('the columns are asked for', async () => (await countCalls(course)) === 1);
  await wakeByAllMeans(course);
  assert.equal(await countCalls(course), 1);
});

test('in an outage neither read-backs nor looks for columns go out: the platform gets its probe', async () => {
  const course = await rig.createCourse({ students: 6 });
  await rig.control.updatePlatform({ platformId: course.platformId }, { outage: 'error' });
  const trouble = { breaker: 'open', breaker_type: 'PlatformUnavailable', breaker_opened_at: new Date() };
  const until = new Date(Date.now() + 3_600_000);
  await rig
    .db('gates')
    .where({ id: course.gate })
    .update({ ...trouble, blocked_until: until });
  await acceptForAll(course, ESSAY);
  const known = await rig.accept(course, [{ column: { id: course.columns[0] ?? '' }, userId: 'x', scoreGiven: 1 }]);
  const [column] = await queryRows<{ line_item: string }>(rig.db, 'select line_item from scores where id = ?', [
    known[0]?.id ?? null,
  ]);
  for (const userId of ['a', 'b', 'c', 'd']) {
    await insertScore(rig.db, {
      ...{ context: course.context, lineItem: column?.line_item ?? '', userId, state: 'unknown' },
    });
  }
  await wakeByAllMeans(course);
  assert.equal(await countCalls(course), 0);
  await rig.db('gates').where({ id: course.gate }).update({ blocked_until: new Date() });
  await wakeByAllMeans(course);
  assert.equal(await countCalls(course), 1);
});

test('one course’s unreadable roster opens no breaker, and the other course goes on', async () => {
  const ill = await rig.createCourse({ students: 2 });
  const well = await rig.createCourse({ students: 2, beside: ill });
  assert.equal(ill.gate, well.gate);
  await rig.control.addFault({
    ...{ match: { route: 'memberships', contextId: ill.contextId }, action: { kind: 'truncated' } },
  });
  await rig.sync(ill, { roster: true });
  for (let times = 0; times < 6; times += 1) {
    await rig.sync(ill, { roster: true });
    await acceptForAll(ill, { id: ill.columns[0] ?? '' }, times);
    await acceptForAll(well, { id: well.columns[0] ?? '' }, times);
    await rig.send(well);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await (await rig.sync(well, { roster: true })).result();
  assert.equal((await rig.db('memberships').where({ context: well.context })).length > 0, true);
  for (const course of [ill, well]) {
    await eventually('all scores go out', async () => (await readStates(course))['submitted'] === 2);
  }
  assert.ok((await countCalls(ill, 'memberships')) <= 3);
  for (let reads = await countCalls(ill, 'memberships'), more = 0; more < 6; more += 1) {
    await loseActor(ill);
    await rig.sync(ill, { roster: true });
    reads = await eventually('one more read', async () => {
      const now = await countCalls(ill, 'memberships');
      return now > reads ? now : 0;
    });
  }
  const [breaker] = await rig.db('gates').where({ id: ill.gate }).pluck<string[]>('breaker');
  assert.equal(breaker, 'closed');
});

test('an open breaker is tried again by itself, and closes', async () => {
  const course = await rig.createCourse({ students: 3 });
  const trouble = { breaker: 'open', breaker_type: 'PlatformUnavailable', breaker_opened_at: new Date() };
  const until = new Date(Date.now() + 1_500);
  await rig
    .db('gates')
    .where({ id: course.gate })
    .update({ ...trouble, blocked_until: until });
  await acceptForAll(course, { id: course.columns[0] ?? '' });
  await (await rig.send(course)).result();
  assert.deepEqual(await readStates(course), { submitted: 3 });
  assert.deepEqual(await rig.db('gates').where({ id: course.gate }).pluck('breaker'), ['closed']);
});

test('a batch that stops leaves nothing behind that it claimed and did not call for', async () => {
  const course = await rig.createCourse({ students: 60, inFlightMax: 4 });
  await rig.control.setLatency([{ platformId: course.platformId, fixedMs: 30 }]);
  const action = { kind: 'status', status: 503, headers: { 'retry-after': '3600' } } as const;
  await rig.control.addFault({
    ...{ match: { route: 'submitScore', contextId: course.contextId }, skip: 8, action },
  });
  await acceptForAll(course, { id: course.columns[0] ?? '' });
  await rig.send(course);
  await eventually('the platform is left alone', async () => {
    const rows = await rig.db('gates').where({ id: course.gate, breaker: 'open' }).whereNull('lane_expires_at');
    return rows.length === 1;
  });
  await rig.control.setLatency([]);
  const { sending, unknown, submitted = 0, due = 0 } = await readStates(course);
  assert.deepEqual([sending, unknown, submitted + due], [undefined, undefined, 60]);
  const [{ tried } = { tried: 0 }] = await queryRows<{ tried: number }>(
    rig.db,
    'select count(*)::int as tried from attempts a join scores s on s.id = a.score where s.context = ?',
    [course.context],
  );
  assert.equal(tried, await countCalls(course, 'submitScore'));
});

test('a column whose making lands late is found, and not made again', async () => {
  const course = await rig.createCourse({ students: 2 });
  await rig.control.addFault({
    ...{ match: { route: 'createLineItem', contextId: course.contextId }, times: 1, action: { kind: 'hang' } },
  });
  await acceptForAll(course, ESSAY);
  await rig.send(course);
  const listings = (): Promise<number> => countCalls(course, 'lineItems');
  await eventually('nobody knows whether it was made', async () => {
    const rows = await rig.db('contexts').where({ id: course.context }).whereNotNull('columns_rest_until');
    return rows.length === 1;
  });
  const lookNow = async (): Promise<void> => {
    const before = await listings();
    await rig.db('contexts').where({ id: course.context }).update({ columns_rest_until: null });
    await eventually('a listing', async () => {
      await rig.sync(course, { lineItems: true });
      return (await listings()) > before;
    });
  };
  await loseActor(course);
  await lookNow();
  await rig.control.createLineItem({ contextId: course.contextId }, ESSAY);
  await loseActor(course);
  await lookNow();
  await eventually('the scores are sent', async () => (await readStates(course))['submitted'] === 2);
  assert.equal(await countCalls(course, 'createLineItem'), 1);
  const { lineItems } = await rig.control.getContext({ contextId: course.contextId });
  assert.equal(lineItems.filter(({ resourceId }) => resourceId === 'essay').length, 1);
});
