import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import type { PullProgressInput, PullProgressResult } from '../../activities/read/pull-progress.js';
import type { RunSummary } from '../../domain/run.js';
import type { PassInput } from '../../workflows/pass.js';
import { createRig, type RigCourse } from '../helpers/rig.js';

const asked: PullProgressInput[] = [];
const nothing: PullProgressResult = {
  ...{ pages: 1, accepted: 0, unchanged: 0, superseded: 0, invalid: 0, failure: null, toolClock: null },
};
let answer: (input: PullProgressInput) => Promise<PullProgressResult> = async () => nothing;

const rig = await createRig({
  scoreSource: {
    pull: async (input) => {
      asked.push(input);
      return answer(input);
    },
  },
});

let nights = 0;
async function runNight(): Promise<RunSummary> {
  nights += 1;
  const handle = await rig.client.workflow.start<(input: PassInput) => Promise<RunSummary>>('nightlySync', {
    ...{ workflowId: `night-${nights}`, taskQueue: 'passback-workflows' },
    args: [{ limitMs: 120_000, patienceMs: 3_000, restMs: [50, 200] }],
  });
  return handle.result();
}

async function tell(course: RigCourse): Promise<PullProgressResult> {
  const [id = ''] = course.columns;
  const stored = await rig.accept(
    course,
    course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 6, awaitsNightly: true })),
  );
  const accepted = stored.filter(({ outcome }) => outcome === 'accepted').length;
  return { ...nothing, accepted, unchanged: stored.length - accepted };
}

const good = await rig.createCourse({ students: 3 });
const thrown = await rig.createCourse({ students: 1 });
const refused = await rig.createCourse({ students: 1 });
await rig.createCourse({ students: 1 });

test('asks the source first, sends what it told, and a course for which it fails costs only itself', async () => {
  answer = async ({ context }) => {
    if (context === thrown.context) throw ApplicationFailure.nonRetryable('It is wrong.', 'ScoreSourceWrong');
    if (context === refused.context) return { ...nothing, failure: 'ScoreSourceSlow' };
    return context === good.context ? tell(good) : nothing;
  };
  const summary = await runNight();
  assert.deepEqual(summary.source, {
    ...{ asked: 4, accepted: 3, unchanged: 0, superseded: 0, invalid: 0, gaveUp: false },
    failures: { ScoreSourceWrong: 1, ScoreSourceSlow: 1 },
  });
  assert.deepEqual([summary.contexts, summary.submitted], [1, 3]);
  assert.equal(summary.state, 'incomplete');
  assert.deepEqual(summary.trouble, ['scoreSourceFailed']);
  assert.deepEqual(new Set(asked.map(({ since }) => since)), new Set([null]));
});

test('asks the next time for what came since, where it was answered in full, and sends nothing twice', async () => {
  asked.length = 0;
  answer = async ({ context }) => (context === good.context ? tell(good) : nothing);
  await rig.control.clearJournal();
  const summary = await runNight();
  assert.equal(summary.unchanged, 3);
  assert.equal(summary.state, 'completed');
  assert.deepEqual([summary.contexts, summary.submitted], [0, 0]);
  assert.deepEqual(await rig.control.journalEntries({ route: 'submitScore' }), []);
  const sinceOf = (id: string): string | null | undefined => asked.find(({ context }) => context === id)?.since;
  assert.match(sinceOf(good.context) ?? '', /^\d{4}-/);
  assert.equal(sinceOf(thrown.context), null);
  assert.equal(sinceOf(refused.context), null);
});

test('finds out soon that a worker died while it asked', async () => {
  const { events } = await rig.client.workflow.getHandle('night-1').fetchHistory();
  const asks = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: asked }) =>
    asked?.activityType?.name === 'pullProgress' ? [Number(asked.heartbeatTimeout?.seconds ?? 0)] : [],
  );
  assert.deepEqual(new Set(asks), new Set([30]));
});

test('gives up on a source that fails for all, and still sends what is due', async () => {
  await rig.db.raw(
    `insert into contexts (deployment, context_id) select ?, 'more-' || n from generate_series(1, 300) n`,
    [good.deployment],
  );
  await rig.accept(thrown, [
    { column: { id: thrown.columns[0] ?? '' }, userId: thrown.students[0] ?? '', scoreGiven: 9, awaitsNightly: true },
  ]);
  asked.length = 0;
  answer = async () => ({ ...nothing, failure: 'ScoreSourceUnavailable' });
  const summary = await runNight();
  assert.ok(asked.length < 100, String(asked.length));
  assert.equal(summary.source?.gaveUp, true);
  assert.equal(summary.submitted, 1);
  assert.deepEqual(summary.trouble, ['scoreSourceFailed']);
});
