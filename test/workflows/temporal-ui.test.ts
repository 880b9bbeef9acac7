/** The filters of docs/temporal-ui.md, each tried on a server where each has something to find. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createBulkOperations } from '../../db/bulk/bulk-operations.js';
import { createGateWakes } from '../../db/platforms/gate-wakes.js';
import { BACKFILL_STATES } from '../../domain/backfill.js';
import { BULK_STATES } from '../../domain/bulk-operation.js';
import { RUN_STATES } from '../../domain/run.js';
import { desiredSchedules, reconcileSchedules } from '../../worker/schedules.js';
import { createWorkflowWaker } from '../../waking/workflow-waker.js';
import { backfillStartOptions } from '../../workflows/backfill-start-options.js';
import { NIGHTLY_SCHEDULE_ID, SWEEP_SCHEDULE_ID, WORKFLOW_TYPES } from '../../workflows/names.js';
import { createBackfillsOfTest } from '../helpers/backfills.js';
import { eventually } from '../helpers/database.js';
import { insertApiKey } from '../helpers/factories.js';
import { createRig, type RigCourse } from '../helpers/rig.js';
import { readRepositoryFile } from '../helpers/repository.js';

const rig = await createRig();
const { client } = rig;
const page = readRepositoryFile('docs/temporal-ui.md');
const filters = [...page.matchAll(/```sql\n([^`]+)\n```/g)].map(([, filter = '']) => filter);

async function acceptForAll(course: RigCourse, awaitsNightly = false): Promise<void> {
  const [id = ''] = course.columns;
  await rig.accept(
    course,
    course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 5, awaitsNightly })),
  );
}

/** A sender and an actor that wait for a platform that is out. */
async function beginOutage(): Promise<RigCourse> {
  const course = await rig.createCourse({ students: 4 });
  const answer = { status: 503, headers: { 'retry-after': '300' } };
  await rig.control.addFault({ match: { contextId: course.contextId }, action: { kind: 'status', ...answer } });
  await acceptForAll(course);
  await rig.send(course);
  await rig.sync(course, { lineItems: true, roster: true });
  return course;
}

async function rejectScores(): Promise<void> {
  const course = await rig.createCourse({ students: 2 });
  const match = { route: 'submitScore', contextId: course.contextId } as const;
  await rig.control.addFault({ match, action: { kind: 'lmsStatus', status: 422 } });
  await acceptForAll(course);
  await rig.send(course);
}

/** A night in which a course is out of reach for longer than it lasts. */
async function runIncompleteNight(course: RigCourse): Promise<string> {
  await acceptForAll(course, true);
  const handle = await client.workflow.start<(input: object) => Promise<{ runId: string; state: string }>>(
    'nightlySync',
    {
      workflowId: 'night',
      taskQueue: 'passback-workflows',
      args: [{ limitMs: 500, patienceMs: 900_000, restMs: [50, 100] }],
    },
  );
  const { runId, state } = await handle.result();
  assert.equal(state, 'incomplete');
  return runId;
}

async function startBackfill({ platformId, contextId, columns, students }: RigCourse): Promise<string> {
  const backfills = await createBackfillsOfTest(rig.db);
  const column = { platformId, contextId, lineItemId: columns[0] ?? '' };
  const id = await backfills.upload(students.map((userId) => ({ column, userId, scoreGiven: 8, scoreMaximum: 10 })));
  await client.workflow.signalWithStart('backfill', backfillStartOptions(id));
  return id;
}

async function beginBulk(course: RigCourse): Promise<void> {
  const { id: apiKey } = await insertApiKey(rig.db);
  const waker = createWorkflowWaker(client.workflow, { lingerMs: 50, gateWakes: createGateWakes(rig.db) });
  const act = { kind: 'sync', filter: { contextId: course.contextId } } as const;
  const { id } = await createBulkOperations(rig.db, { pageSize: 1 }).begin({
    id: randomUUID(),
    act,
    platforms: null,
    apiKey,
    reason: 'tried',
  });
  await waker.carryOnBulk(id);
}

async function sweep(): Promise<void> {
  const clock = { hour: 3, minute: 30 };
  const declared = desiredSchedules({
    ...{ sweepIntervalMs: 3_600_000, timeZone: 'UTC', nightlyLimitMs: 60_000 },
    ...{ nightlyAt: clock, rosterAt: clock, reconcileAt: clock },
  });
  await reconcileSchedules(
    client,
    declared.filter(({ scheduleId }) => scheduleId === SWEEP_SCHEDULE_ID),
  );
  await client.schedule.getHandle(SWEEP_SCHEDULE_ID).trigger();
}

test('finds with each filter what the page says', async () => {
  assert.ok(filters.length >= 12);
  const outage = await beginOutage();
  await rejectScores();
  const run = await runIncompleteNight(outage);
  const backfill = await startBackfill(await rig.createCourse({ students: 2 }));
  await beginBulk(await rig.createCourse({ students: 3 }));
  await sweep();
  const aside = await rig.sync(await rig.createCourse(), { lineItems: true, trigger: 'operator' });
  await aside.terminate();
  const values: Record<string, string> = { gate: outage.gate, context: outage.context, run, backfill };
  for (const filter of filters) {
    const query = filter.replaceAll(/<(\w+)>/g, (_, name: string) => values[name] ?? name);
    await eventually(query, async () => (await client.workflow.count(query)).count > 0, 20_000).catch(
      (error: unknown) => {
        throw new Error(`nothing found: ${query}`, { cause: error });
      },
    );
  }
});

test('the page names every type of workflow, and every state', () => {
  for (const type of Object.values(WORKFLOW_TYPES)) assert.ok(page.includes(`\`${type}\``), type);
  const states = [...BACKFILL_STATES, ...BULK_STATES, ...RUN_STATES].filter((state) => state !== 'receiving');
  for (const state of states) assert.ok(page.includes(`\`${state}\``), state);
  assert.ok(page.includes(NIGHTLY_SCHEDULE_ID));
});
