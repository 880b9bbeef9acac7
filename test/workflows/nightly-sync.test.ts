import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { RunSummary } from '../../domain/run.js';
import { desiredSchedules, reconcileSchedules, type DesiredSchedule } from '../../worker/schedules.js';
import { NIGHTLY_SCHEDULE_ID, ROSTER_SCHEDULE_ID, sendScoresWorkflowId } from '../../workflows/names.js';
import type { PassInput } from '../../workflows/pass.js';
import { queryRows } from '../../db/server/knex.js';
import { eventually } from '../helpers/database.js';
import { createRig, type RigCourse } from '../helpers/rig.js';

const rig = await createRig();
const fast: PassInput = { limitMs: 120_000, patienceMs: 3_000, restMs: [50, 200] };

/** The declared schedule with a short interval in place of its time of day, and quick steps. */
async function createSchedule(scheduleId: string, everyMs: number, input: PassInput = fast): Promise<void> {
  const clock = { hour: 3, minute: 30 };
  const declared = desiredSchedules({
    ...{ sweepIntervalMs: 3_600_000, timeZone: 'Europe/Brussels', nightlyLimitMs: 60_000 },
    ...{ nightlyAt: clock, rosterAt: clock, reconcileAt: clock },
  }).filter((schedule) => schedule.scheduleId === scheduleId);
  const spec = { intervals: [{ every: everyMs }] };
  await reconcileSchedules(
    rig.client,
    declared.map((schedule): DesiredSchedule => ({ ...schedule, spec, input })),
  );
}

/** Runs the night as a trigger would, and gives what it says at its end. */
async function runNight(input: PassInput = fast): Promise<{ runId: string; summary: RunSummary }> {
  const handle = await startNight(input);
  return { runId: handle.firstExecutionRunId, summary: await handle.result() };
}

let nights = 0;
function startNight(input: PassInput = fast) {
  nights += 1;
  return rig.client.workflow.start<(input: PassInput) => Promise<RunSummary>>('nightlySync', {
    workflowId: `night-${nights}`,
    taskQueue: 'passback-workflows',
    args: [input],
  });
}

async function acceptForNight(course: RigCourse, scoreGiven = 7): Promise<void> {
  const [id = ''] = course.columns;
  await rig.accept(
    course,
    course.students.map((userId) => ({ column: { id }, userId, scoreGiven, awaitsNightly: true })),
  );
}

interface RunRow {
  id: string;
  state: string;
  trouble: string[];
  trigger: string;
  workflow_id: string;
}

const listRuns = (where: string): Promise<RunRow[]> =>
  queryRows(rig.db, `select id, state, trouble, trigger, workflow_id from runs where ${where} order by seq`);

const slowDown = ({ platformId }: RigCourse, fixedMs: number) =>
  rig.control.setLatency([{ route: 'submitScore', platformId, fixedMs }]);

const submits = (course: RigCourse) =>
  rig.control.journalEntries({ route: 'submitScore', contextId: course.contextId });

test('the clock starts a night that sends what waited for it, and tells what it did', async () => {
  const courses = [await rig.createCourse({ students: 3 }), await rig.createCourse({ students: 2, family: 'moodle' })];
  const idle = await rig.createCourse();
  for (const course of courses) await acceptForNight(course);
  await createSchedule(NIGHTLY_SCHEDULE_ID, 2_000);
  const row = await eventually(
    'a night with both courses',
    async () => (await listRuns(`kind = 'nightly' and state = 'completed'`))[0],
    30_000,
  );
  await rig.client.schedule.getHandle(NIGHTLY_SCHEDULE_ID).pause('the test saw enough');
  assert.equal(row.trigger, 'schedule');
  assert.match(row.workflow_id, /^nightly-sync-\d{4}-/);
  const summary = await rig.client.workflow.getHandle<() => Promise<RunSummary>>(row.workflow_id).result();
  assert.deepEqual(summary, {
    ...{ runId: row.id, state: 'completed', trouble: [], source: null, contexts: 2, settled: 2, submitted: 5 },
    ...{ notSettled: 0, unchanged: 0, rejected: 0 },
    ...{ waiting: 0, waitingFor: {}, failures: {}, durationMs: summary.durationMs },
  });
  assert.ok(summary.durationMs > 0);
  for (const course of courses) assert.equal((await submits(course)).length, course.students.length);

  // One filter shows the whole night: itself and the courses that had something due.
  const workflows = await eventually('the night in the list', async () => {
    const found: string[] = [];
    for await (const { workflowId } of rig.client.workflow.list({ query: `PassbackRun = '${row.id}'` })) {
      found.push(workflowId);
    }
    return found.length >= 3 ? found : undefined;
  });
  const expected = [row.workflow_id, ...courses.map(({ gate }) => sendScoresWorkflowId(gate))];
  assert.deepEqual(workflows.toSorted(), expected.toSorted());
  assert.equal(
    (await rig.control.journalEntries({ contextId: idle.contextId })).filter((e) => e.route === 'submitScore').length,
    0,
  );
});

test('a night with nothing due makes no workflow and no call', async () => {
  await rig.createCourse();
  const before = await rig.control.journalEntries();
  const { summary } = await runNight();
  assert.equal(summary.contexts, 0);
  assert.equal(summary.state, 'completed');
  assert.equal((await rig.control.journalEntries()).length, before.length);
});

test('a night tells what was rejected, what waits and for what, and ends all the same', async () => {
  const rejected = await rig.createCourse({ students: 2 });
  const [id = ''] = rejected.columns;
  await rig.accept(rejected, [{ column: { id }, userId: 'nobody-here', scoreGiven: 5, awaitsNightly: true }]);
  const concluded = await rig.createCourse({ students: 2 });
  await rig.control.updateContext({ contextId: concluded.contextId }, { concluded: true });
  await acceptForNight(concluded);
  const parked = await rig.createCourse({ students: 4 });
  await acceptForNight(parked);
  await rig.db('contexts').where({ id: parked.context }).update({ parked_type: 'ToolRemoved', parked_at: new Date() });

  const { summary } = await runNight();
  assert.equal(summary.contexts, 3);
  assert.equal(summary.rejected, 1);
  assert.equal(summary.waiting, 6);
  assert.deepEqual(summary.waitingFor, { ContextConcluded: 2, ToolRemoved: 4 });
  assert.equal(summary.state, 'completed');
  assert.deepEqual(await submits(parked), []);
  // The night has passed, so a launch or a person lets them go without waiting for the next one.
  assert.deepEqual(await rig.db('scores').where({ context: parked.context }).distinct().pluck('awaits_nightly'), [
    false,
  ]);
});

test('a platform that is away for longer than the patience is told, and not waited for', async () => {
  const away = await rig.createCourse({ students: 2 });
  await acceptForNight(away);
  await rig
    .db('gates')
    .where({ id: away.gate })
    .update({
      ...{ breaker: 'open', breaker_type: 'PlatformUnavailable', blocked_until: new Date(Date.now() + 3_600_000) },
      breaker_opened_at: new Date(Date.now() - 60_000),
    });
  const { summary } = await runNight();
  assert.equal(summary.waitingFor['PlatformUnavailable'], 2);
  assert.deepEqual(await submits(away), []);
});

test('a night that reaches its limit says so, and what is left goes on without it', async () => {
  const slow = await rig.createCourse({ students: 4, inFlightMax: 1 });
  await slowDown(slow, 1_000);
  await acceptForNight(slow);
  const { summary } = await runNight({ ...fast, limitMs: 1_500 });
  assert.equal(summary.state, 'incomplete');
  assert.deepEqual(summary.trouble, ['limitReached']);
  assert.ok(
    summary.submitted < 4 &&
      summary.submitted + (summary.waitingFor['turn'] ?? 0) + (summary.waitingFor['answer'] ?? 0) === 4,
    JSON.stringify(summary),
  );
  await eventually(
    'the rest',
    async () => (await rig.db('scores').where({ context: slow.context, state: 'submitted' })).length === 4,
  );
});

test('a night goes on in a fresh history', async () => {
  const course = await rig.createCourse({ students: 3, inFlightMax: 1 });
  await slowDown(course, 400);
  await acceptForNight(course);
  const handle = await startNight({ ...fast, stepsPerHistory: 2 });
  const summary = await handle.result();
  assert.equal(summary.submitted, 3);
  assert.equal(summary.runId, handle.firstExecutionRunId);
  const last = await rig.client.workflow.getHandle(handle.workflowId).describe();
  assert.notEqual(last.runId, handle.firstExecutionRunId);
  assert.deepEqual(await rig.db('runs').where({ workflow_id: handle.workflowId }).pluck('id'), [summary.runId]);
});

test('a trigger during a running night starts no second one', async () => {
  const course = await rig.createCourse({ students: 2, inFlightMax: 1 });
  await slowDown(course, 1_500);
  await acceptForNight(course);
  const schedule = rig.client.schedule.getHandle(NIGHTLY_SCHEDULE_ID);
  const before = await rig.db('runs').where({ kind: 'nightly' });
  await schedule.trigger(ScheduleOverlapPolicy.SKIP);
  await eventually(
    'the night',
    async () => (await rig.db('runs').where({ kind: 'nightly', state: 'running' })).length === 1,
  );
  const { info } = await schedule.describe();
  await schedule.trigger(ScheduleOverlapPolicy.SKIP);
  await eventually('the skip', async () => {
    const later = await schedule.describe();
    return later.info.numActionsSkippedOverlap > info.numActionsSkippedOverlap;
  });
  // The Temporal UI can be told to allow an overlap: such a one ends at once.
  const second = await (await startNight()).result();
  assert.deepEqual(second, { skippedFor: (await listRuns(`kind = 'nightly' and state = 'running'`))[0]?.id });
  await eventually(
    'the end',
    async () => (await rig.db('runs').where({ kind: 'nightly', state: 'running' })).length === 0,
    20_000,
  );
  assert.equal((await rig.db('runs').where({ kind: 'nightly' })).length, before.length + 1);
});

test('a canceled night is over in the database too', async () => {
  const course = await rig.createCourse({ students: 1 });
  await slowDown(course, 2_000);
  await acceptForNight(course);
  const handle = await startNight();
  await eventually(
    'it asks',
    async () =>
      (await rig.db('run_contexts').where({ run: handle.firstExecutionRunId, context: course.context })).length === 1,
  );
  await handle.cancel();
  await assert.rejects(handle.result());
  const [row] = await listRuns(`id = '${handle.firstExecutionRunId}'`);
  assert.ok(row);
  assert.equal(row.state, 'failed');
  assert.deepEqual(row.trouble, ['canceled']);
});

test('a pass over the rosters reads each course once, and ends', async () => {
  const courses = [await rig.createCourse({ students: 2 }), await rig.createCourse({ students: 2, family: 'moodle' })];
  await rig.control.clearJournal();
  await createSchedule(ROSTER_SCHEDULE_ID, 3_600_000);
  await rig.client.schedule.getHandle(ROSTER_SCHEDULE_ID).trigger();
  const row = await eventually(
    'the end',
    async () => (await listRuns(`kind = 'rosters' and ended_at is not null`))[0],
    60_000,
  );
  assert.equal(row.state, 'completed');
  for (const course of courses) {
    const reads = await rig.control.journalEntries({ route: 'memberships', contextId: course.contextId });
    assert.equal(reads.length, 1);
  }
  const open = await rig.db('run_contexts').where({ run: row.id }).whereNull('settled_at');
  assert.deepEqual(open, []);
});
