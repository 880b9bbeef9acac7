import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../helpers/database.js';
import { appliedValues, countApplied } from '../helpers/journal.js';
import { createRig, type RigCourse } from '../helpers/rig.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

const rig = await createRig({ withWorkers: false });

test('loses nothing, repeats nothing and keeps the order when a worker is killed in the middle of a batch', async () => {
  const course = await rig.createCourse({ students: 300, inFlightMax: 8 });
  const first = new Map(course.students.map((userId, place) => [userId, place % 10]));
  const second = new Map(course.students.filter((_, place) => place % 3 === 0).map((userId) => [userId, 10]));
  await rig.control.setLatency([{ platformId: course.platformId, fixedMs: 30 }]);
  await acceptAll(course, first);
  const handle = await rig.send(course);

  const worker = await startWorkerProcess(rig);
  await eventually('a hundred calls took effect', async () => (await countApplied(rig, course)) >= 100);
  await worker.signal('SIGKILL');
  const atKill = await countApplied(rig, course);
  assert.ok(atKill < 300, 'the kill came in the middle');
  await acceptAll(course, second);
  const revived = await startWorkerProcess(rig);
  const revivedAt = performance.now();
  await eventually('work goes on', async () => (await countApplied(rig, course)) > atKill + 8, 20_000);
  const resumedAfterMs = performance.now() - revivedAt;
  await handle.result();

  const applied = await appliedValues(rig, course);
  for (const userId of course.students) {
    const sent = applied.get(userId) ?? [];
    const wanted = [first.get(userId), ...(second.has(userId) ? [10] : [])];
    // A value that was overtaken before it went out need not have been sent.
    assert.ok(
      [wanted, wanted.slice(-1)].some((values) => String(values) === String(sent)),
      `${userId}: ${String(sent)}`,
    );
  }
  assert.deepEqual(await statesOf(course), ['submitted']);
  assert.ok(resumedAfterMs < 12_000, `resumed after ${resumedAfterMs} ms`);
  await revived.signal('SIGTERM');
  assert.equal(revived.exitCode(), 0);
});

test('lets a worker that was stopped for longer than every timeout neither send nor record afterwards', async () => {
  const course = await rig.createCourse({ students: 200, inFlightMax: 8 });
  await rig.control.setLatency([{ platformId: course.platformId, fixedMs: 40 }]);
  await acceptAll(course, new Map(course.students.map((userId) => [userId, 7])));
  const handle = await rig.send(course);
  const sleeper = await startWorkerProcess(rig);
  await eventually('fifty calls took effect', async () => (await countApplied(rig, course)) >= 50);
  await sleeper.signal('SIGSTOP');
  const successor = await startWorkerProcess(rig);
  await handle.result();
  const attempts = await countAttempts(course);
  const calls = await rig.control.journalEntries({ route: 'submitScore', contextId: course.contextId });

  await sleeper.signal('SIGCONT');
  // It wakes, finds its lane gone, and goes on with other work: a new course shows that it is awake.
  const other = await rig.createCourse({ students: 5 });
  await acceptAll(other, new Map(other.students.map((userId) => [userId, 3])));
  await successor.signal('SIGTERM');
  await (await rig.send(other)).result();

  assert.equal(await countAttempts(course), attempts);
  const callsAfter = await rig.control.journalEntries({ route: 'submitScore', contextId: course.contextId });
  assert.equal(callsAfter.length, calls.length);
  const applied = await appliedValues(rig, course);
  assert.deepEqual(
    course.students.map((userId) => applied.get(userId)),
    course.students.map(() => [7]),
  );
  assert.deepEqual(await statesOf(course), ['submitted']);
  await sleeper.signal('SIGTERM');
});

async function acceptAll(course: RigCourse, values: ReadonlyMap<string, number>): Promise<void> {
  const [id = ''] = course.columns;
  await rig.accept(
    course,
    [...values].map(([userId, scoreGiven]) => ({ column: { id }, userId, scoreGiven })),
  );
}

async function statesOf({ context }: RigCourse): Promise<string[]> {
  return rig.db('scores').distinct('state').where({ context }).pluck('state');
}

async function countAttempts({ context }: RigCourse): Promise<number> {
  const rows = await rig
    .db('attempts')
    .join('scores', 'scores.id', 'attempts.score')
    .where({ context })
    .select('attempts.score');
  return rows.length;
}
