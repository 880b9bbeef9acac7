/** A pass ends without what is stuck, and names it; what only takes long is waited for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunReader } from '../../db/runs/runs.js';
import type { RunSummary } from '../../domain/run.js';
import { syncContextWorkflowId } from '../../workflows/names.js';
import type { PassInput } from '../../workflows/pass.js';
import { eventually } from '../helpers/database.js';
import { createRig, type RigCourse } from '../helpers/rig.js';

const rig = await createRig();
const quick: PassInput = { limitMs: 40_000, patienceMs: 60_000, stallMs: 2_500, restMs: [50, 200] };

let passes = 0;
async function start(type: string, input: PassInput = quick) {
  passes += 1;
  return rig.client.workflow.start<(input: PassInput) => Promise<RunSummary>>(type, {
    ...{ workflowId: `pass-${passes}`, taskQueue: 'passback-workflows' },
    args: [input],
  });
}

async function acceptForNight(course: RigCourse): Promise<void> {
  const [id = ''] = course.columns;
  await rig.accept(
    course,
    course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 7, awaitsNightly: true })),
  );
}

const coursesOf = (run: string, state: 'settled' | 'notSettled') =>
  createRunReader(rig.db).listContexts({ run, platforms: null, state, after: null, limit: 100 });

test('a night ends without a course that is stuck, names it, and its scores go on by themselves', async () => {
  const stuck = await rig.createCourse({ students: 3 });
  const fine = await rig.createCourse({ students: 2 });
  // Asked to come back in a second, again and again: it never rests for longer than the night waits.
  await rig.control.addFault({
    match: { route: 'submitScore', contextId: stuck.contextId },
    action: { kind: 'lmsStatus', status: 429, headers: { 'retry-after': '1' }, body: {} },
  });
  for (const course of [stuck, fine]) await acceptForNight(course);
  const summary = await (await start('nightlySync')).result();
  assert.deepEqual([summary.state, summary.trouble], ['incomplete', ['notSettled']]);
  assert.deepEqual([summary.contexts, summary.settled, summary.notSettled, summary.submitted], [2, 1, 1, 2]);
  const [named, ...others] = await coursesOf(summary.runId, 'notSettled');
  assert.deepEqual(others, []);
  assert.deepEqual(
    [named?.context, named?.platformId, named?.contextId, named?.waiting, named?.waitingFor],
    [stuck.context, stuck.platformId, stuck.contextId, 3, { PlatformRateLimited: 3 }],
  );
  assert.deepEqual(
    (await coursesOf(summary.runId, 'settled')).map(({ context }) => context),
    [fine.context],
  );
  await rig.control.clearFaults();
  await eventually(
    'the rest',
    async () => (await rig.db('scores').where({ context: stuck.context, state: 'submitted' })).length === 3,
    60_000,
  );
});

test('a night waits for a course that takes long and moves', async () => {
  const slow = await rig.createCourse({ students: 6, inFlightMax: 1 });
  await rig.control.setLatency([{ route: 'submitScore', platformId: slow.platformId, fixedMs: 1_000 }]);
  await acceptForNight(slow);
  const summary = await (await start('nightlySync')).result();
  assert.deepEqual([summary.state, summary.settled, summary.submitted], ['completed', 1, 6]);
  assert.ok(summary.durationMs > 5_000, String(summary.durationMs));
});

test('a pass over rosters ends without a course whose actor never tells, and names it', async () => {
  const course = await rig.createCourse({ students: 1 });
  await rig.control.setLatency([{ route: 'memberships', platformId: course.platformId, fixedMs: 2_000 }]);
  const handle = await start('refreshRosters');
  await eventually(
    'it is asked for',
    async () =>
      (await rig.db('run_contexts').where({ run: handle.firstExecutionRunId, context: course.context })).length > 0,
  );
  await eventually('its actor is gone', async () =>
    rig.client.workflow
      .getHandle(syncContextWorkflowId(course.context))
      .terminate('the test')
      .then(() => true)
      .catch(() => false),
  );
  const summary = await handle.result();
  assert.deepEqual([summary.state, summary.trouble, summary.notSettled], ['incomplete', ['notSettled'], 1]);
  const named = await coursesOf(summary.runId, 'notSettled');
  assert.deepEqual(
    named.map(({ context }) => context),
    [course.context],
  );
});
