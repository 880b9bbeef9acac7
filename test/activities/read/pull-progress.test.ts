import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { PullProgressResult } from '../../../activities/read/pull-progress.js';
import { queryRows } from '../../../db/server/knex.js';
import type { ProgressTrouble } from '../../../sandbox/types.js';
import { createRig, type RigCourse } from '../../helpers/rig.js';

const rig = await createRig({ withWorkers: false, scoreSource: { timeoutMs: 3_000, maxBytes: 100_000 } });
const NOTHING: PullProgressResult = {
  ...{ pages: 0, accepted: 0, unchanged: 0, superseded: 0, invalid: 0, failure: null, toolClock: null },
};

beforeEach(() => rig.control.setProgressTroubles([]));

test('takes what the score source tells as if it had been handed in, page by page', async () => {
  const { course, scores } = await newCourse(5);
  await rig.control.setProgress({ contextId: course.contextId, scores, pageSize: 2 });
  assert.deepEqual(await pull(course), { ...NOTHING, pages: 3, accepted: 5 });
  assert.deepEqual(await pull(course), { ...NOTHING, pages: 3, unchanged: 5 });
  const rows = await queryRows(
    rig.db,
    `select distinct state, priority, awaits_nightly from scores where context = ?`,
    [course.context],
  );
  assert.deepEqual(rows, [{ state: 'due', priority: 3, awaits_nightly: false }]);
});

test('signs each question, so that the tool can check who asks, and names the course and the time', async () => {
  const { course, scores } = await newCourse(2);
  await rig.control.setProgress({ contextId: course.contextId, scores, pageSize: 1 });
  await pull(course, '2026-01-01T00:00:00.000Z');
  const asks = (await rig.control.progressAsks()).filter(({ contextId }) => contextId === course.contextId);
  assert.deepEqual(
    asks.map(({ verified, since, cursor }) => [verified, since, cursor]),
    [
      [true, '2026-01-01T00:00:00.000Z', null],
      [true, '2026-01-01T00:00:00.000Z', '1'],
    ],
  );
  assert.equal(new Set(asks.map(({ messageId }) => messageId)).size, 2);
});

test('takes an answer without content for no progress', async () => {
  const { course } = await newCourse(1);
  assert.deepEqual(await pull(course), { ...NOTHING, pages: 1 });
});

test('refuses what is no score, or belongs to another course, and takes the others', async () => {
  const { course, scores } = await newCourse(1);
  const other = await newCourse(1);
  const [good] = scores;
  const odd = [
    null,
    'a score',
    { ...good, scoreMaximum: -1 },
    { ...good, userId: undefined },
    { ...good, contextId: other.course.contextId },
    { ...good, platformId: other.course.platformId },
    { ...good, deploymentId: 'another' },
  ];
  const named = { ...good, contextId: course.contextId, platformId: course.platformId };
  await rig.control.setProgress({ contextId: course.contextId, scores: [...odd, named] });
  assert.deepEqual(await pull(course), { ...NOTHING, pages: 1, accepted: 1, invalid: odd.length });
  assert.equal(await countScores(other.course), 0);
});

test('keeps a newer score that is held already', async () => {
  const { course, scores } = await newCourse(1);
  await rig.control.setProgress({ contextId: course.contextId, scores });
  await pull(course);
  const old = scores.map((score) => ({ ...score, scoreGiven: 1, changedAt: '2020-01-01T00:00:00Z' }));
  await rig.control.setProgress({ contextId: course.contextId, scores: old });
  assert.deepEqual(await pull(course), { ...NOTHING, pages: 1, superseded: 1 });
});

const troubles: [string, ProgressTrouble['kind'], string][] = [
  ['is slow', 'slow', 'ScoreSourceTooSlow'],
  ['answers with a web page', 'notJson', 'ScoreSourceUnreadable'],
  ['answers with something else', 'wrongShape', 'ScoreSourceUnreadable'],
  ['answers without end', 'huge', 'ScoreSourceUnreadable'],
  ['refuses us', 'unauthorized', 'ScoreSourceRefused'],
  ['points elsewhere', 'elsewhere', 'ScoreSourceRefused'],
];

for (const [what, kind, failure] of troubles) {
  test(`keeps the pages before the one at which the source ${what}, and says why there are no more`, async () => {
    const { course, scores } = await newCourse(4);
    await rig.control.setProgress({ contextId: course.contextId, scores, pageSize: 2 });
    await rig.control.setProgressTroubles([{ kind, contextId: course.contextId, skip: 1 }]);
    assert.deepEqual(await pull(course), { ...NOTHING, pages: 1, accepted: 2, failure });
    assert.equal(await countScores(course), 2);
  });
}

test('asks again for a page that failed for a moment', async () => {
  for (const kind of ['down', 'drop'] as const) {
    const { course, scores } = await newCourse(2);
    await rig.control.setProgress({ contextId: course.contextId, scores });
    await rig.control.setProgressTroubles([{ kind, contextId: course.contextId, times: 1 }]);
    assert.deepEqual(await pull(course), { ...NOTHING, pages: 1, accepted: 2 }, kind);
  }
});

test('says that a source is away which stays away', async () => {
  const { course } = await newCourse(1);
  await rig.control.setProgressTroubles([{ kind: 'drop', contextId: course.contextId }]);
  assert.deepEqual(await pull(course), { ...NOTHING, failure: 'ScoreSourceUnreachable' });
  const asks = (await rig.control.progressAsks()).filter(({ contextId }) => contextId === course.contextId);
  assert.equal(asks.length, 3);
});

test('gives up on pages that go in a circle, or never end', async () => {
  for (const [kind, pages] of [
    ['circle', 2],
    ['endless', 500],
  ] as const) {
    const { course } = await newCourse(1);
    await rig.control.setProgressTroubles([{ kind, contextId: course.contextId }]);
    assert.deepEqual(await pull(course), { ...NOTHING, pages, failure: 'ScoreSourceEndless' }, kind);
  }
});

interface SourceScore {
  lineItem: { id: string };
  userId: string;
  scoreGiven: number;
  scoreMaximum: number;
  changedAt: string;
}

async function newCourse(students: number): Promise<{ course: RigCourse; scores: SourceScore[] }> {
  const course = await rig.createCourse({ students });
  const [id = ''] = course.columns;
  const changedAt = '2026-11-01T00:00:00Z';
  const scores = course.students.map((userId) => ({
    ...{ lineItem: { id }, userId, scoreGiven: 5, scoreMaximum: 10, changedAt },
  }));
  return { course, scores };
}

async function pull(course: RigCourse, since: string | null = null): Promise<PullProgressResult> {
  const input = { context: course.context, runId: randomUUID(), since };
  const result: PullProgressResult = await new MockActivityEnvironment().run(rig.activities.pullProgress, input);
  // Each answer has an HTTP date; the nights of test/workflows/night-with-source.test.ts tell what it is for.
  return { ...result, toolClock: null };
}

async function countScores({ context }: RigCourse): Promise<number> {
  return (await queryRows(rig.db, 'select 1 from scores where context = ?', [context])).length;
}
