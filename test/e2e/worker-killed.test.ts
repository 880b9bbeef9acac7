import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../helpers/database.js';
import { createRig, type Rig, type RigCourse } from '../helpers/rig.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

const rig = await createRig({ withWorkers: false });

test('loses nothing, repeats nothing and keeps the order when a worker is killed in the middle of a batch', async () => {
  const course = await rig.createCourse({ students: 300, inFlightMax: 8 });
  const first = new Map(course.students.map((userId, place) => [userId, place % 10]));
  const second = new Map(course.students.filter((_, place) => place % 3 === 0).map((userId) => [userId, 10]));
  await rig.control.setLatency([{ platformId: course.platformId, fixedMs: 30 }]);
  await acceptAll(course, first);
  const handle = await rig.sync(course);

  const worker = await startWorkerProcess(rig);
  await eventually('a hundred calls took effect', async () => (await appliedCalls(rig, course)) >= 100);
  await worker.signal('SIGKILL');
  const atKill = await appliedCalls(rig, course);
  assert.ok(atKill < 300, 'the kill came in the middle');
  await acceptAll(course, second);
  const revived = await startWorkerProcess(rig);
  const revivedAt = performance.now();
  await eventually('work goes on', async () => (await appliedCalls(rig, course)) > atKill + 8, 20_000);
  const resumedAfterMs = performance.now() - revivedAt;
  await handle.result();
  await settled(course);

  const calls = await rig.control.journalEntries({ route: 'submitScore', contextId: course.contextId });
  for (const userId of course.students) {
    const sent = calls.filter((call) => call.userId === userId && call.applied).map((call) => valueOf(call.score));
    const wanted = [first.get(userId), ...(second.has(userId) ? [10] : [])];
    // A value that was overtaken before it went out need not have been sent.
    assert.ok(isEqual(sent, wanted) || isEqual(sent, wanted.slice(-1)), `${userId}: ${String(sent)}`);
  }
  assert.ok(resumedAfterMs < 12_000, `resumed after ${resumedAfterMs} ms`);
  await revived.signal('SIGTERM');
});

async function acceptAll(course: RigCourse, values: ReadonlyMap<string, number>): Promise<void> {
  const [id = ''] = course.columns;
  await rig.accept(
    course,
    [...values].map(([userId, scoreGiven]) => ({ column: { id }, userId, scoreGiven })),
  );
}

async function appliedCalls({ control }: Rig, { contextId }: RigCourse): Promise<number> {
  return (await control.journalEntries({ route: 'submitScore', contextId, applied: true })).length;
}

async function settled(course: RigCourse): Promise<void> {
  await eventually(
    'every score is submitted',
    async () => {
      const open = await rig.db('scores').where({ context: course.context }).whereNot({ state: 'submitted' });
      if (open.length > 0) await rig.sync(course);
      return open.length === 0;
    },
    40_000,
  );
}

function valueOf(score: unknown): unknown {
  return typeof score === 'object' && score !== null && 'scoreGiven' in score ? score.scoreGiven : undefined;
}

function isEqual(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, place) => value === other[place]);
}
