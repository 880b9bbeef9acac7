import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRig } from '../helpers/rig.js';

const rig = await createRig();

test('carries every accepted score into the gradebook once', async () => {
  const course = await rig.createCourse({ students: 40 });
  const [column = ''] = course.columns;
  await rig.accept(
    course,
    course.students.map((userId, place) => ({ column: { id: column }, userId, scoreGiven: place % 11 })),
  );
  const handle = await rig.send(course);
  const counts = await handle.result();
  assert.deepEqual(counts, { submitted: 40, rejected: 0, retrying: 0, unknown: 0, confirmed: 0 });
  const grades = await rig.control.gradebook({ contextId: course.contextId });
  assert.deepEqual(
    grades.map(({ userId, scoreGiven }) => [userId, scoreGiven]).toSorted(),
    course.students.map((userId, place) => [userId, place % 11]).toSorted(),
  );
  const calls = await rig.control.journalEntries({ route: 'submitScore', contextId: course.contextId });
  assert.equal(calls.length, 40);
  const [attemptedAt] = await rig
    .db('contexts')
    .where({ id: course.context })
    .pluck<(Date | null)[]>('last_attempted_at');
  assert.ok(attemptedAt, 'the next night begins with others');
});

test('makes a column that is wanted once, and fills it', async () => {
  const course = await rig.createCourse({ students: 5 });
  const column = { resourceId: 'essay', tag: 'final', label: 'Essay', scoreMaximum: 10 };
  await rig.accept(
    course,
    course.students.map((userId) => ({ column, userId, scoreGiven: 8 })),
  );
  await (await rig.send(course)).result();
  await rig.accept(
    course,
    course.students.map((userId) => ({ column, userId, scoreGiven: 9 })),
  );
  await (await rig.send(course)).result();
  const { lineItems } = await rig.control.getContext({ contextId: course.contextId });
  const made = lineItems.filter(({ resourceId, tag }) => resourceId === 'essay' && tag === 'final');
  assert.equal(made.length, 1);
  const grades = await rig.control.gradebook({ contextId: course.contextId });
  assert.deepEqual(
    grades.filter(({ lineItemId }) => lineItemId === made[0]?.id).map(({ scoreGiven }) => scoreGiven),
    [9, 9, 9, 9, 9],
  );
});

test('notices within seconds that a worker died while it looked for the columns that scores wait for', async () => {
  const course = await rig.createCourse({ students: 1 });
  const handle = await rig.sync(course, { lineItems: true, roster: true });
  await handle.result();
  const { events } = await handle.fetchHistory();
  const silences = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled ? [Number(scheduled.heartbeatTimeout?.seconds)] : [],
  );
  assert.deepEqual(silences, [15, 15]);
});

test('sends only the newest of several values of one student', async () => {
  const course = await rig.createCourse({ students: 1 });
  const [id = ''] = course.columns;
  const [userId = ''] = course.students;
  for (const scoreGiven of [1, 2, 3]) await rig.accept(course, [{ column: { id }, userId, scoreGiven }]);
  await (await rig.send(course)).result();
  const calls = await rig.control.journalEntries({ route: 'submitScore', contextId: course.contextId });
  assert.deepEqual(
    calls.map(({ applied }) => applied),
    [true],
  );
  const [grade] = await rig.control.gradebook({ contextId: course.contextId });
  assert.equal(grade?.scoreGiven, 3);
});

test('rejects a score of a person who is no student, and lets the others pass', async () => {
  const course = await rig.createCourse({ students: 4 });
  const [id = ''] = course.columns;
  const users = [...course.students, 'nobody-of-this-course'];
  await rig.accept(
    course,
    users.map((userId) => ({ column: { id }, userId, scoreGiven: 7 })),
  );
  const counts = await (await rig.send(course)).result();
  assert.deepEqual(counts, { submitted: 4, rejected: 1, retrying: 0, unknown: 0, confirmed: 0 });
  const rows = await rig
    .db('scores')
    .select('user_id', 'failure_type')
    .where({ context: course.context, state: 'rejected' });
  assert.deepEqual(rows, [{ user_id: 'nobody-of-this-course', failure_type: 'MemberNotInContext' }]);
});

test('reads back what was applied behind a broken answer, and does not send it again', async () => {
  const course = await rig.createCourse({ students: 3 });
  const [id = ''] = course.columns;
  const [unlucky = ''] = course.students;
  const match = { route: 'submitScore', contextId: course.contextId, userId: unlucky } as const;
  await rig.control.addFault({ match, times: 1, action: { kind: 'applyThenDrop' } });
  await rig.accept(
    course,
    course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 6 })),
  );
  const counts = await (await rig.send(course)).result();
  assert.deepEqual(counts, { submitted: 2, rejected: 0, retrying: 0, unknown: 1, confirmed: 1 });
  assert.equal((await rig.control.journalEntries(match)).length, 1);
  assert.deepEqual(await statesOf(course.context), { submitted: 3 });
});

test('sends again what a broken call did not apply', async () => {
  const course = await rig.createCourse({ students: 1 });
  const [id = ''] = course.columns;
  const [userId = ''] = course.students;
  const match = { route: 'submitScore', contextId: course.contextId } as const;
  await rig.control.addFault({ match, times: 1, action: { kind: 'drop' } });
  await rig.accept(course, [{ column: { id }, userId, scoreGiven: 6 }]);
  await (await rig.send(course)).result();
  assert.deepEqual(
    (await rig.control.journalEntries(match)).map(({ applied }) => applied),
    [false, true],
  );
});

test('falls back to an older key of the course when the freshest is refused', async () => {
  const course = await rig.createCourse({ students: 2 });
  const [id = ''] = course.columns;
  const other = await rig.control.createLaunch({ contextId: course.contextId, resourceLinkId: 'another-activity' });
  await course.addKey(other);
  await rig.control.revokeKeys({ serviceKey: other.serviceKey ?? '' });
  await rig.accept(
    course,
    course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 5 })),
  );
  await (await rig.send(course)).result();
  assert.deepEqual(await statesOf(course.context), { submitted: 2 });
});

test('sets a course aside when no key is left, and goes on with the next launch', async () => {
  const course = await rig.createCourse({ students: 2 });
  const [id = ''] = course.columns;
  await rig.control.revokeKeys({ contextId: course.contextId });
  await rig.accept(
    course,
    course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 5 })),
  );
  await (await rig.send(course)).result();
  const [context] = await rig
    .db<{ id: string; parked_type: string | null }>('contexts')
    .select('parked_type')
    .where({ id: course.context });
  assert.deepEqual(context, { parked_type: 'ServiceKeyRejected' });
  assert.deepEqual(await statesOf(course.context), { due: 2 });
  await course.launch();
  await (await rig.send(course)).result();
  assert.deepEqual(await statesOf(course.context), { submitted: 2 });
});

test('never has more calls under way than the platform was granted', async () => {
  const course = await rig.createCourse({ students: 60, inFlightMax: 3 });
  const [id = ''] = course.columns;
  await rig.control.setLatency([{ platformId: course.platformId, fixedMs: 10 }]);
  await rig.accept(
    course,
    course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 4 })),
  );
  await (await rig.send(course)).result();
  const { traffic } = await rig.control.getPlatform({ platformId: course.platformId });
  assert.equal(traffic.highestInFlight, 3);
  assert.deepEqual(await statesOf(course.context), { submitted: 60 });
});

test('keeps a column that is gone from stopping the other one', async () => {
  const course = await rig.createCourse({
    students: 3,
    context: {
      lineItems: [
        { label: 'Gone', scoreMaximum: 10, resourceId: 'gone' },
        { label: 'Here', scoreMaximum: 10, resourceId: 'here' },
      ],
    },
  });
  const [gone = '', here = ''] = course.columns;
  await rig.control.updateLineItem(gone, { deleted: true });
  for (const id of [gone, here]) {
    await rig.accept(
      course,
      course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 4 })),
    );
  }
  await (await rig.send(course)).result();
  assert.deepEqual(await statesOf(course.context), { due: 3, submitted: 3 });
  const parked = await rig
    .db('line_items')
    .select('line_item_id')
    .where({ parked_type: 'LineItemNotFound', context: course.context });
  assert.deepEqual(parked, [{ line_item_id: gone }]);
});

test('leaves nothing of scores or students in the history', async () => {
  const course = await rig.createCourse({ students: 2 });
  const [id = ''] = course.columns;
  await rig.accept(
    course,
    course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 3.14159 })),
  );
  const handle = await rig.sync(course, { roster: true });
  await handle.result();
  const history = JSON.stringify(await handle.fetchHistory());
  for (const secret of ['3.14159', id, course.contextId, ...course.students]) {
    assert.ok(!history.includes(secret) && !history.includes(Buffer.from(secret).toString('base64').slice(0, -4)));
  }
  const members = await rig.db('memberships').where({ context: course.context });
  assert.ok(members.length >= 2);
});

async function statesOf(context: string): Promise<Record<string, number>> {
  const rows: { state: string; count: string }[] = await rig
    .db('scores')
    .select('state')
    .count()
    .where({ context })
    .groupBy('state');
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
}
