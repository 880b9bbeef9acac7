import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Knex } from 'knex';
import { queryRows } from '../../../db/server/knex.js';
import type { ScoreState, ScoreValue } from '../../../domain/score.js';
import { createBackfillsOfTest, type CorrectionOfTest } from '../../helpers/backfills.js';
import { createTestDatabase } from '../../helpers/database.js';
import {
  insertContext,
  insertLineItem,
  insertMembership,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const backfills = await createBackfillsOfTest(db);
const { store } = backfills;
const PAST = new Date(Date.now() - 60_000);

async function createCourse(columns: { context?: Knex.ValueDict; lineItem?: Knex.ValueDict; hasKey?: boolean } = {}) {
  const platform = await insertPlatform(db);
  const { id: context, context_id: contextId } = await insertContext(db, {
    deployment: platform.deployment,
    columns: columns.context ?? {},
  });
  if (columns.hasKey ?? true) await insertServiceKey(db, { context });
  const { id: lineItem, line_item_id } = await insertLineItem(db, { context, columns: columns.lineItem ?? {} });
  const column = { platformId: platform.platform_id, contextId, lineItemId: line_item_id ?? '' };
  const hold = (userId: string, state: ScoreState = 'submitted', value: Partial<ScoreValue> = {}, more = {}) =>
    insertScore(db, {
      ...{ context, lineItem, userId, state, value: { scoreGiven: 5, ...value } },
      columns: { changed_at: PAST, ...more },
    });
  return { context, lineItem, column, hold };
}

type Judged = Record<string, [kind: string | null, reason: string | null]>;

async function judge(corrections: readonly CorrectionOfTest[]): Promise<Judged> {
  const id = await backfills.upload(corrections, { dryRun: true });
  await backfills.preview(id);
  const changes = await store.listChanges({ backfill: id, after: 0, limit: 100 });
  return Object.fromEntries(changes.map(({ userId, kind, reason }) => [userId, [kind, reason]]));
}

test('tells raised, lowered, unchanged, newly given, amended and cleared grades apart', async () => {
  const { column, hold } = await createCourse();
  for (const user of ['up', 'down', 'same', 'rescaled', 'commented', 'cleared']) await hold(user);
  await hold('zero', 'submitted', { scoreGiven: 0 });
  await hold('progress', 'submitted', { scoreGiven: null, gradingProgress: 'Pending' });
  const judged = await judge([
    { column, userId: 'up', scoreGiven: 6 },
    { column, userId: 'down', scoreGiven: 4 },
    { column, userId: 'same', scoreGiven: 5 },
    { column, userId: 'rescaled', scoreGiven: 10, scoreMaximum: 20 },
    { column, userId: 'commented', scoreGiven: 5, more: { comment: 'see me' } },
    { column, userId: 'cleared', more: { clears: true, scoreGiven: null } },
    { column, userId: 'zero', scoreGiven: 0 },
    { column, userId: 'progress', scoreGiven: 0 },
    { column, userId: 'new', scoreGiven: 0 },
  ]);
  assert.deepEqual(judged, {
    up: ['raised', null],
    down: ['lowered', null],
    same: ['unchanged', null],
    rescaled: ['amended', null],
    commented: ['amended', null],
    cleared: ['lowered', null],
    zero: ['unchanged', null],
    progress: ['given', null],
    new: ['given', null],
  });
});

test('keeps what a correction does not name', async () => {
  const { column, hold, lineItem } = await createCourse();
  await hold('ada', 'submitted', { scoreGiven: 5, scoreMaximum: 20, comment: 'good' });
  const id = await backfills.upload([{ column, userId: 'ada', scoreGiven: 6 }]);
  await backfills.preview(id);
  await store.decide({ backfill: id, decision: 'approve', apiKey: backfills.apiKey, reason: 'a test' });
  const [queue] = await store.listQueues(id);
  await store.releasePage({ backfill: id, deployment: queue?.deployment ?? '', limit: 10 });
  const rows = await queryRows<{ value: unknown }>(db, 'select value from scores where line_item = ?', [lineItem]);
  assert.deepEqual(rows[0]?.value, {
    ...{ scoreGiven: 6, scoreMaximum: 20, comment: 'good' },
    ...{ activityProgress: 'Completed', gradingProgress: 'FullyGraded' },
  });
});

test('blocks what is set aside, needs a launch, was graded by a person, or is newer than the correction', async () => {
  const parked = { parked_type: 'ContextConcluded', parked_at: new Date() };
  const concluded = await createCourse({ context: parked });
  const column = await createCourse({ lineItem: { parked_type: 'LineItemNotFound', parked_at: new Date() } });
  const keyless = await createCourse({ hasKey: false });
  const plain = await createCourse();
  await concluded.hold('same');
  await plain.hold('held', 'held', {}, { failure_type: 'HumanGradeStands' });
  await plain.hold('newer', 'submitted', {}, { changed_at: new Date(Date.now() + 60_000) });
  const judged = await judge([
    { column: concluded.column, userId: 'concluded', scoreGiven: 6, scoreMaximum: 10 },
    { column: concluded.column, userId: 'same', scoreGiven: 5 },
    { column: column.column, userId: 'column', scoreGiven: 6, scoreMaximum: 10 },
    { column: keyless.column, userId: 'keyless', scoreGiven: 6, scoreMaximum: 10 },
    { column: plain.column, userId: 'held', scoreGiven: 6 },
    { column: plain.column, userId: 'newer', scoreGiven: 6 },
    { column: plain.column, userId: 'dated', scoreGiven: 6, changedAt: PAST },
  ]);
  assert.deepEqual(judged, {
    concluded: ['blocked', 'parked'],
    same: ['unchanged', null],
    column: ['blocked', 'parked'],
    keyless: ['blocked', 'launchNeeded'],
    held: ['blocked', 'humanGrade'],
    newer: ['blocked', 'newer'],
    dated: ['given', null],
  });
});

test('knows a student by the roster, or by a score that the LMS took', async () => {
  const rostered = await createCourse({ context: { roster_read: 1, roster_read_at: new Date() } });
  await insertMembership(db, { context: rostered.context, userId: 'member' });
  await insertMembership(db, { context: rostered.context, userId: 'left', columns: { status: 'Inactive' } });
  await rostered.hold('graded');
  const unread = await createCourse();
  await unread.hold('refused', 'rejected', {}, { failure_type: 'MemberNotInContext' });
  const scores = { scoreGiven: 6, scoreMaximum: 10 };
  const judged = await judge([
    ...['member', 'left', 'graded', 'stranger'].map((userId) => ({ column: rostered.column, userId, ...scores })),
    ...['anybody', 'refused'].map((userId) => ({ column: unread.column, userId, ...scores })),
  ]);
  assert.deepEqual(judged, {
    member: ['given', null],
    left: ['blocked', 'unknownStudent'],
    graded: ['raised', null],
    stranger: ['blocked', 'unknownStudent'],
    anybody: ['given', null],
    refused: ['blocked', 'unknownStudent'],
  });
});

test('refuses lines whose course or column is not known, or whose maximum nobody knows', async () => {
  const { column } = await createCourse({ lineItem: { score_maximum: null } });
  const { platformId, contextId } = column;
  const resource = { platformId, contextId, resourceId: 'essay' };
  const judged = await judge([
    { column: { ...column, platformId: 'nowhere' }, userId: 'platform', scoreGiven: 6 },
    { column: { ...column, contextId: 'nothing' }, userId: 'context', scoreGiven: 6 },
    { column: { ...column, deploymentId: 'other' }, userId: 'deployment', scoreGiven: 6 },
    { column: resource, userId: 'column', scoreGiven: 6, scoreMaximum: 10 },
    { column, userId: 'maximum', scoreGiven: 6 },
    { column: { ...resource, tag: 'x', label: 'Essay', scoreMaximum: 20 }, userId: 'made', scoreGiven: 6 },
  ]);
  assert.deepEqual(judged, {
    platform: ['refused', 'unknownPlatform'],
    context: ['refused', 'unknownContext'],
    deployment: ['refused', 'unknownDeployment'],
    column: ['refused', 'unknownColumn'],
    maximum: ['refused', 'scoreMaximumMissing'],
    made: ['given', null],
  });
});

test('takes two names of one column for one cell', async () => {
  const { column } = await createCourse({ lineItem: { resource_id: 'quiz', tag: 'grade' } });
  const { platformId, contextId } = column;
  const judged = await judge([
    { column, userId: 'ada', scoreGiven: 6, scoreMaximum: 10 },
    { column: { platformId, contextId, resourceId: 'quiz', tag: 'grade' }, userId: 'ada', scoreGiven: 7 },
  ]);
  assert.deepEqual(judged, { ada: ['refused', 'sameCellTwice'] });
});

test('changes nothing: no score, no column, no course', async () => {
  const { column, hold } = await createCourse();
  await hold('ada');
  const tables = ['scores', 'line_items', 'contexts'];
  const read = () => Promise.all(tables.map((table) => db(table).select<unknown[]>().orderBy('id')));
  const before = await read();
  await judge([
    { column, userId: 'ada', scoreGiven: 6 },
    { column: { ...column, lineItemId: 'https://lms.example/new' }, userId: 'ada', scoreGiven: 6, scoreMaximum: 10 },
  ]);
  assert.deepEqual(await read(), before);
});

test('sums up by column, with a histogram, the largest drop and an estimate by the platform’s limits', async () => {
  const { column, hold } = await createCourse();
  for (const user of ['a', 'b', 'c']) await hold(user);
  const id = await backfills.upload(
    [
      { column, userId: 'a', scoreGiven: 1 },
      { column, userId: 'b', scoreGiven: 8 },
      { column, userId: 'c', scoreGiven: 5 },
    ],
    { dryRun: true, perSecond: 0.5 },
  );
  await backfills.preview(id);
  const found = await store.find({ id, platforms: null, apiKey: backfills.apiKey });
  const preview = found?.preview;
  assert.deepEqual(preview?.kinds, { lowered: 1, raised: 1, unchanged: 1 });
  assert.equal(preview?.largestDrop, 40);
  assert.deepEqual(preview?.histogram, [
    { from: -40, to: -30, count: 1 },
    { from: 30, to: 40, count: 1 },
  ]);
  assert.deepEqual([preview?.estimate.calls, preview?.estimate.seconds], [2, 4]);
  const [counted] = await store.listColumns({ backfill: id, after: 0, limit: 10 });
  assert.deepEqual(counted?.counts, { lowered: 1, raised: 1, unchanged: 1 });
});

test('estimates by what calls for scores of the same courses took lately, new students included', async () => {
  const { column, hold } = await createCourse();
  const { id: score } = await hold('known');
  const { id: read } = await hold('read');
  await db.raw(
    `insert into attempts (score, revision, kind, outcome, started_at, duration_ms, lane_token)
     select score, 1, kind, 'submitted', now() - ago, ms, 1
     from (values (:score::uuid, 'submit', interval '1 day', 700), (:score, 'submit', interval '5 weeks', 900),
       (:score, 'submit', interval '9 weeks', 90000), (:read, 'readBack', interval '1 day', 90000)) as a(score, kind, ago, ms)`,
    { score, read },
  );
  const id = await backfills.upload([{ column, userId: 'new', scoreGiven: 1 }], { dryRun: true });
  await backfills.preview(id);
  const found = await store.find({ id, platforms: null, apiKey: backfills.apiKey });
  const [platform] = found?.preview?.estimate.platforms ?? [];
  assert.deepEqual([platform?.callMs, platform?.isMeasured], [800, true]);
});
