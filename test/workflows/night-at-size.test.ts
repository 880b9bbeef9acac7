/** The aims of the night at their size: it costs what changed, and a slow platform holds nobody up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import type { RunSummary } from '../../domain/run.js';
import type { PassInput } from '../../workflows/pass.js';
import { eventually } from '../helpers/database.js';
import { createRig, type RigCourse } from '../helpers/rig.js';
import { sized } from '../helpers/size.js';

/** Courses of the first night, and those of them that have something due. */
const COURSES = sized({ full: 10_000, quick: 2_000 });
const DUE = sized({ full: 100, quick: 40 });
/** Courses of the slow platform, and of each fast one. */
const SLOW = sized({ full: 500, quick: 200 });
const FAST = sized({ full: 10, quick: 4 });

const rig = await createRig();

function startNight(workflowId: string, input: PassInput) {
  return rig.client.workflow.start<(input: PassInput) => Promise<RunSummary>>('nightlySync', {
    ...{ workflowId, taskQueue: 'passback-workflows' },
    args: [input],
  });
}

async function acceptOne(course: RigCourse): Promise<void> {
  const [id = ''] = course.columns;
  const [userId = ''] = course.students;
  await rig.accept(course, [{ column: { id }, userId, scoreGiven: 7, awaitsNightly: true }]);
}

async function createCourses(platformId: string | null, count: number): Promise<RigCourse[]> {
  const courses: RigCourse[] = [];
  for (let made = 0; made < count; made += 1) {
    const lms = courses[0]?.platformId ?? platformId;
    const course = await rig.createCourse({
      ...{ students: 1, inFlightMax: 4 },
      ...(lms !== null && { context: { platformId: lms } }),
    });
    courses.push({ ...course, platformId: lms ?? course.platformId });
    await acceptOne(courses[made] ?? course);
  }
  return courses;
}

test(`a night over ${COURSES} courses of which ${DUE} have something due is the work of ${DUE}`, async (t) => {
  const [first] = await createCourses(null, 1);
  assert.ok(first);
  await createCourses(first.platformId, DUE - 1);
  // The others have sent all that they had.
  await rig.db.raw(
    `with made as (
       insert into contexts (deployment, context_id) select ?, 'done-' || n from generate_series(1, ?::int) n returning id
     ), columns as (
       insert into line_items (context, line_item_id) select id, 'column' from made returning id, context
     )
     insert into scores (context, line_item, user_id, value, changed_at, state, priority, submitted, submitted_revision, submitted_at)
     select context, id, 'student-' || n, v, now(), 'submitted', 3, v, 1, now()
     from columns, generate_series(1, 3) n, (select value as v from scores limit 1) one`,
    [first.deployment, COURSES - DUE],
  );
  await rig.db.raw('analyze');
  await rig.control.clearJournal();
  const handle = await startNight('large-night', { limitMs: 120_000, restMs: [100, 1_000] });
  const summary = await handle.result();
  assert.deepEqual([summary.contexts, summary.submitted, summary.waiting], [DUE, DUE, 0]);
  const calls = await rig.control.journalEntries();
  assert.equal(calls.length, DUE);
  const { count } = await eventually('the workflows in the list', async () => {
    const found = await rig.client.workflow.count(`PassbackRun = '${summary.runId}'`);
    return found.count >= 2 ? found : undefined;
  });
  // The night and the one sender of the platform, which may end and come again: it is not a workflow for each course.
  assert.ok(count < DUE / 5, `${count} workflows`);
  const { historyLength } = await handle.describe();
  t.diagnostic(
    `${summary.durationMs} ms, ${calls.length} calls, ${count} workflows, ${historyLength} events of the night`,
  );
});

test('nine small fast platforms are done before a tenth of a large slow one is', async (t) => {
  const slow = await createCourses(null, SLOW);
  const slowId = slow[0]?.platformId ?? '';
  await rig.control.setLatency([{ route: 'submitScore', platformId: slowId, fixedMs: 2_000 }]);
  const fast: RigCourse[] = [];
  for (let made = 0; made < 9; made += 1) fast.push(...(await createCourses(null, FAST)));
  const doneOf = async (courses: readonly RigCourse[]): Promise<number> => {
    const rows = await queryRows<{ count: number }>(
      rig.db,
      `select count(*)::int as count from scores where state = 'submitted' and context = any (?::uuid[])`,
      [courses.map(({ context }) => context)],
    );
    return rows[0]?.count ?? 0;
  };
  const startedAt = performance.now();
  const handle = await startNight('fair-night', { limitMs: 600_000 });
  await eventually('the fast ones are done', async () => (await doneOf(fast)) === fast.length, 60_000);
  const done = await doneOf(slow);
  t.diagnostic(
    `after ${Math.round(performance.now() - startedAt)} ms: ${fast.length} of the fast ones, ${done} of the slow one`,
  );
  assert.ok(done < SLOW / 10, `${done} of the slow one`);
  // The slow one is not starved either.
  await eventually('the slow one moves', async () => (await doneOf(slow)) > done, 30_000);
  await handle.terminate('the test saw enough');
});
