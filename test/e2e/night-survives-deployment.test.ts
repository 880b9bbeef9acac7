import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { queryRows } from '../../db/server/knex.js';
import type { RunSummary } from '../../domain/run.js';
import { NIGHTLY_SCHEDULE_ID } from '../../workflows/names.js';
import { eventually } from '../helpers/database.js';
import { appliedValues, countApplied } from '../helpers/journal.js';
import { createRig, type RigCourse } from '../helpers/rig.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

const rig = await createRig({ withWorkers: false });

test('a night goes on where it was when its worker is killed and another takes its place', async () => {
  const courses: RigCourse[] = [];
  for (let made = 0; made < 12; made += 1) {
    const course = await rig.createCourse({ students: 5, inFlightMax: 2 });
    const [id = ''] = course.columns;
    await rig.accept(
      course,
      course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 8, awaitsNightly: true })),
    );
    courses.push(course);
  }
  await rig.control.setLatency([{ route: 'submitScore', fixedMs: 400 }]);
  const applied = async (): Promise<number> => {
    const counts = await Promise.all(courses.map((course) => countApplied(rig, course)));
    return counts.reduce((sum, count) => sum + count, 0);
  };

  const worker = await startWorkerProcess(rig);
  await rig.client.schedule.getHandle(NIGHTLY_SCHEDULE_ID).trigger(ScheduleOverlapPolicy.SKIP);
  await eventually('the night has begun', async () => (await applied()) >= 5, 30_000);
  await worker.signal('SIGKILL');
  const atKill = await applied();
  assert.ok(atKill < 60, 'the kill came in the middle');
  await startWorkerProcess(rig);

  const ended = await eventually(
    'its end',
    async () => {
      const rows = await queryRows<{ id: string; workflow_id: string; state: string }>(
        rig.db,
        `select id, workflow_id, state from runs where kind = 'nightly' and ended_at is not null`,
      );
      return rows[0];
    },
    120_000,
  );
  assert.equal(ended.state, 'completed');
  const summary = await rig.client.workflow.getHandle<() => Promise<RunSummary>>(ended.workflow_id).result();
  assert.deepEqual(
    [summary.contexts, summary.submitted, summary.rejected, summary.waiting],
    [12, 60, 0, 0],
    JSON.stringify(summary),
  );
  assert.equal((await rig.db('runs').where({ kind: 'nightly' })).length, 1);
  for (const course of courses) {
    const values = await appliedValues(rig, course);
    for (const userId of course.students) assert.deepEqual(values.get(userId), [8]);
  }
});
