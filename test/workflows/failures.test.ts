import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../helpers/database.js';
import { appliedValues } from '../helpers/journal.js';
import { createRig, type RigCourse } from '../helpers/rig.js';

/** Columns of the tables that these tests look at. */
interface ScoreRow {
  context: string;
  user_id: string;
  state: string;
  failure_type: string | null;
  tries: number;
}
interface LimitsRow {
  id: string;
  breaker: string;
  in_flight_cap: number;
  blocked_until: Date | null;
}

const rig = await createRig();

test('lets 990 of 1,000 scores arrive in the first pass when each of ten columns has one bad student', async () => {
  const course = await rig.createCourse({
    students: 99,
    context: {
      lineItems: Array.from({ length: 10 }, (_, n) => ({ label: `Q${n}`, scoreMaximum: 10, resourceId: `q${n}` })),
    },
  });
  for (const id of course.columns) await acceptForAll(course, id, ['who-is-this']);
  const counts = await (await rig.send(course)).result();
  assert.deepEqual(counts, { submitted: 990, rejected: 10, retrying: 0, unknown: 0, confirmed: 0 });
});

test('blames the column when all of its students are refused alike, and goes on when that has passed', async () => {
  const course = await rig.createCourse({ students: 5 });
  const [id = ''] = course.columns;
  await rig.control.updateContext({ contextId: course.contextId }, { published: false });
  await acceptForAll(course, id);
  await (await rig.send(course)).result();
  assert.deepEqual(await statesOf(course), { due: 5 });
  assert.deepEqual(await parkedColumns(course), ['NoMemberAccepted']);
  await rig.control.updateContext({ contextId: course.contextId }, { published: true });
  await rig.db.raw(`update line_items set parked_until = now() where context = ?`, [course.context]);
  await rig.activities.wakeUntended({ after: null });
  await rig.settle(course);
  assert.deepEqual(await statesOf(course), { submitted: 5 });
  assert.deepEqual(await parkedColumns(course), []);
});

test('blames the column for those too who were refused after it was set aside', async () => {
  const course = await rig.createCourse({ students: 5 });
  const [id = ''] = course.columns;
  const [late = ''] = course.students;
  await rig.control.updateContext({ contextId: course.contextId }, { published: false });
  const fault = await rig.control.addFault({
    ...{ match: { route: 'submitScore', contextId: course.contextId, userId: late } },
    action: { kind: 'slow', delayMs: 1_000 },
  });
  await acceptForAll(course, id);
  await (await rig.send(course)).result();
  await rig.control.removeFault(fault.id);
  assert.deepEqual(await statesOf(course), { due: 5 });
  assert.deepEqual(await parkedColumns(course), ['NoMemberAccepted']);
});

test('blames the course when three of its columns are, and owes them all when the course is back', async () => {
  const course = await rig.createCourse({
    students: 3,
    context: {
      lineItems: Array.from({ length: 3 }, (_, n) => ({ label: `Q${n}`, scoreMaximum: 10, resourceId: `q${n}` })),
    },
  });
  await rig.control.updateContext({ contextId: course.contextId }, { published: false });
  for (const id of course.columns) await acceptForAll(course, id);
  await (await rig.send(course)).result();
  assert.deepEqual(await statesOf(course), { due: 9 });
  assert.deepEqual(await rig.db('contexts').where({ id: course.context }).pluck('parked_type'), ['NoMemberAccepted']);
  await rig.control.updateContext({ contextId: course.contextId }, { published: true });
  await rig.db.raw('update contexts set parked_until = now() where id = ?', [course.context]);
  await rig.db.raw('update line_items set parked_until = now() where context = ?', [course.context]);
  await rig.activities.wakeUntended({ after: null });
  await rig.settle(course);
  assert.deepEqual(await statesOf(course), { submitted: 9 });
});

test('finds a deleted column that was made anew, and owes it everything', async () => {
  const course = await rig.createCourse({ students: 3 });
  const [id = ''] = course.columns;
  await acceptForAll(course, id);
  await (await rig.sync(course, { lineItems: true })).result();
  await rig.control.updateLineItem(id, { deleted: true });
  const again = await rig.control.createLineItem(
    { contextId: course.contextId },
    { label: 'Quiz', scoreMaximum: 10, resourceId: 'quiz' },
  );
  const [userId = ''] = course.students;
  await rig.accept(course, [{ column: { id }, userId, scoreGiven: 9 }]);
  await rig.send(course);
  await eventually('everything is sent', async () => (await statesOf(course))['submitted'] === 3);
  const grades = await rig.control.gradebook({ contextId: course.contextId });
  const shown = grades.filter(({ lineItemId }) => lineItemId === again.id).map(({ scoreGiven }) => scoreGiven);
  assert.deepEqual(shown.toSorted(), [5, 5, 9]);
});

test('rejects a score that alone keeps failing with an internal error, and leaves the breaker shut', async () => {
  const course = await rig.createCourse({ family: 'openedx', students: 3 });
  const [id = ''] = course.columns;
  await acceptForAll(course, id, ['unknown-to-open-edx']);
  const handle = await rig.send(course);
  for (const tries of [1, 2, 3, 4]) {
    await eventually(`try ${tries}`, async () => (await triesOf(course, 'unknown-to-open-edx')) >= tries, 20_000);
    await rig.db.raw(`update scores set not_before = now() where context = ? and state = 'due'`, [course.context]);
    await rig.send(course);
  }
  await handle.result();
  assert.deepEqual(await statesOf(course), { rejected: 1, submitted: course.students.length });
  const [row] = await rig
    .db<ScoreRow>('scores')
    .select('failure_type')
    .where({ context: course.context, state: 'rejected' });
  assert.deepEqual(row, { failure_type: 'ScoreKeepsFailing' });
  const [limits] = await rig.db<LimitsRow>('gates').select('breaker').where({ id: course.gate });
  assert.deepEqual(limits, { breaker: 'closed' });
});

test('hears probes only while a platform is down, and the other platform notices nothing', async () => {
  const [down, up] = [await rig.createCourse({ students: 60 }), await rig.createCourse({ students: 60 })];
  await rig.control.updatePlatform({ platformId: down.platformId }, { outage: 'error' });
  await acceptForAll(down, down.columns[0] ?? '');
  await acceptForAll(up, up.columns[0] ?? '');
  const waiting = await rig.send(down);
  await (await rig.send(up)).result();
  assert.deepEqual(await statesOf(up), { submitted: 60 });
  await eventually('the breaker opens', async () => (await breakerOf(down)) === 'open');
  const before = (await rig.control.journalEntries({ contextId: down.contextId })).length;
  assert.ok(before < 40, `${before} calls before the breaker opened`);
  await eventually('nothing is under way', async () => (await statesOf(down))['sending'] === undefined);
  // The probe after the first rest finds the platform up again, and everything goes out.
  await rig.db.raw('update gates set blocked_until = now() where id = ?', [down.gate]);
  await rig.send(down);
  await eventually('a probe failed', async () => (await breakerTimes(down)) >= 2);
  assert.ok((await rig.control.journalEntries({ contextId: down.contextId })).length <= before + 2);
  await rig.control.updatePlatform({ platformId: down.platformId }, { outage: 'none' });
  await rig.db.raw('update gates set blocked_until = now() where id = ?', [down.gate]);
  await rig.db.raw(`update scores set not_before = now() where context = ? and state = 'due'`, [down.context]);
  await rig.send(down);
  await waiting.result();
  assert.deepEqual(await statesOf(down), { submitted: 60 });
  assert.equal(await breakerOf(down), 'closed');
});

test('lets a platform be for as long as it says, and then goes on by itself', async () => {
  const course = await rig.createCourse({ students: 40, inFlightMax: 4 });
  const match = { route: 'submitScore', contextId: course.contextId } as const;
  const answer = { status: 503, headers: { 'retry-after': '4' } };
  await rig.control.addFault({ match, skip: 8, times: 1, action: { kind: 'status', ...answer } });
  await acceptForAll(course, course.columns[0] ?? '');
  await (await rig.send(course)).result();
  assert.deepEqual(await statesOf(course), { submitted: 40 });
  const times = (await rig.control.journalEntries(match)).map(({ at }) => Date.parse(at));
  const silence = Math.max(...times.slice(1).map((time, n) => time - (times[n] ?? time)));
  assert.ok(silence >= 3_900, `longest silence ${silence} ms`);
});

test('slows down at once when Canvas throttles, and loses nothing', async () => {
  const course = await rig.createCourse({ students: 30, inFlightMax: 8 });
  const match = { route: 'submitScore', contextId: course.contextId } as const;
  const body = '403 Forbidden (Rate Limit Exceeded)\n';
  await rig.control.addFault({ match, skip: 10, times: 8, action: { kind: 'lmsStatus', status: 403, body } });
  await acceptForAll(course, course.columns[0] ?? '');
  const handle = await rig.send(course);
  await eventually('the throttled score is recorded', async () => {
    return (await rig.db('scores').where({ context: course.context, failure_type: 'PlatformRateLimited' })).length > 0;
  });
  await eventually('the platform is left alone', async () => {
    const [limits] = await rig.db<LimitsRow>('gates').where({ id: course.gate }).whereNotNull('blocked_until');
    return limits !== undefined;
  });
  const [limits] = await rig.db<LimitsRow>('gates').select('in_flight_cap').where({ id: course.gate });
  assert.deepEqual(limits, { in_flight_cap: 4 });
  await rig.db.raw('update gates set blocked_until = now() where id = ?', [course.gate]);
  await rig.db.raw(`update scores set not_before = now() where context = ? and state = 'due'`, [course.context]);
  await rig.send(course);
  await handle.result();
  assert.deepEqual(await statesOf(course), { submitted: 30 });
  assert.ok([...(await appliedValues(rig, course)).values()].every((values) => values.length === 1));
});

test('takes a refusal for haste for one score’s where the platform takes calls that began after it', async () => {
  const course = await rig.createCourse({ students: 40, inFlightMax: 8 });
  const match = { route: 'submitScore', contextId: course.contextId } as const;
  await rig.control.setLatency([{ platformId: course.platformId, fixedMs: 20 }]);
  const action = { kind: 'status', status: 429, headers: { 'retry-after': '1' } } as const;
  await rig.control.addFault({ match, skip: 10, times: 1, action });
  await acceptForAll(course, course.columns[0] ?? '');
  await rig.settle(course);
  assert.deepEqual(await statesOf(course), { submitted: 40 });
  const [limits] = await rig.db<LimitsRow>('gates').select('in_flight_cap', 'blocked_until').where({ id: course.gate });
  assert.deepEqual(limits, { in_flight_cap: 8, blocked_until: null });
  const calls = await rig.control.journalEntries(match);
  assert.equal(calls.length, 41);
});

async function acceptForAll(course: RigCourse, id: string, others: readonly string[] = []): Promise<void> {
  const users = [...course.students, ...others];
  await rig.accept(
    course,
    users.map((userId) => ({ column: { id }, userId, scoreGiven: 5 })),
  );
}

async function statesOf({ context }: RigCourse): Promise<Record<string, number>> {
  const rows: { state: string; count: string }[] = await rig
    .db('scores')
    .select('state')
    .count()
    .where({ context })
    .groupBy('state');
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
}

async function parkedColumns({ context }: RigCourse): Promise<string[]> {
  const columns = rig.db<{ context: string; parked_type: string | null }>('line_items').where({ context });
  return (await columns.select('parked_type')).flatMap(({ parked_type }) => parked_type ?? []);
}

async function triesOf({ context }: RigCourse, userId: string): Promise<number> {
  const [row] = await rig.db<ScoreRow>('scores').select('tries').where({ context, user_id: userId });
  return row?.tries ?? Number.NaN;
}

async function breakerOf({ gate }: RigCourse): Promise<unknown> {
  const [row] = await rig.db<LimitsRow>('gates').select('breaker').where({ id: gate });
  return row?.breaker;
}

async function breakerTimes({ gate }: RigCourse): Promise<number> {
  return Number((await rig.db('gates').where({ id: gate }).pluck('breaker_times'))[0]);
}
