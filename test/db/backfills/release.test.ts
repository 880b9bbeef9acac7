import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { FIRST_PAGE } from '../../../db/bulk/page.js';
import { queryRows } from '../../../db/server/knex.js';
import { PRIORITY } from '../../../domain/score.js';
import { retryPage } from '../../../db/scores/resumptions.js';
import { acceptScores } from '../../helpers/accept-scores.js';
import { createBackfillsOfTest, type CorrectionOfTest } from '../../helpers/backfills.js';
import { createTestDatabase } from '../../helpers/database.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
  scoreValue,
} from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const backfills = await createBackfillsOfTest(db);
const { store, apiKey } = backfills;

interface Row {
  user_id: string;
  state: string;
  revision: number;
  value: { scoreGiven: number | null };
  priority: number;
  failure_type: string | null;
}

async function createCourse() {
  const platform = await insertPlatform(db);
  const { id: context, context_id: contextId } = await insertContext(db, { deployment: platform.deployment });
  await insertServiceKey(db, { context });
  const { id: lineItem, line_item_id } = await insertLineItem(db, { context });
  const column = { platformId: platform.platform_id, contextId, lineItemId: line_item_id ?? '' };
  const hold = (userId: string, state: 'submitted' | 'due' | 'rejected' | 'sending', scoreGiven = 5) =>
    insertScore(db, {
      ...{ context, lineItem, userId, state, value: { scoreGiven } },
      columns: { changed_at: new Date(Date.now() - 60_000) },
    });
  const rows = async (): Promise<Record<string, Row>> => {
    const found = await queryRows<Row>(db, 'select * from scores where line_item = ?', [lineItem]);
    return Object.fromEntries(found.map((row) => [row.user_id, row]));
  };
  const accept = (userId: string, scoreGiven: number) =>
    acceptScores(db, [
      {
        ...{ context, lineItem, userId, value: scoreValue({ scoreGiven }), changedAt: new Date() },
        ...{ priority: PRIORITY.interactive, awaitsNightly: false, force: false },
      },
    ]);
  const { deployment, gate } = platform;
  return { deployment, gate, context, lineItem, column, hold, rows, accept };
}

/** Previewed and approved, with the page of all lines released. */
async function release(
  course: { deployment: string; column: CorrectionOfTest['column'] },
  given: Record<string, number>,
) {
  const id = await backfills.upload(
    Object.entries(given).map(([userId, scoreGiven]) => ({
      ...{ column: course.column, userId, scoreGiven, scoreMaximum: 10 },
    })),
  );
  assert.equal(await backfills.preview(id), 'awaitingApproval');
  await store.decide({ backfill: id, decision: 'approve', apiKey, reason: 'a test' });
  const page = { backfill: id, deployment: course.deployment, limit: 100 };
  return { id, page };
}

const outcomesOf = async (id: string): Promise<Record<string, string>> => {
  const changes = await store.listChanges({ backfill: id, after: 0, limit: 100 });
  return Object.fromEntries(changes.map(({ userId, outcome }) => [userId, outcome]));
};

/** What the sending path does when a score has arrived. */
const send = async (lineItem: string, userId: string): Promise<void> => {
  await db.raw(
    `update scores set state = 'submitted', submitted = value, submitted_revision = revision, submitted_at = now()
     where line_item = ? and user_id = ?`,
    [lineItem, userId],
  );
};

test('makes scores due at the priority of bulk work, and notes what became of them', async () => {
  const course = await createCourse();
  await course.hold('ada', 'submitted');
  const { id, page } = await release(course, { ada: 8, bob: 6 });
  const released = await store.releasePage(page);
  assert.deepEqual(released, {
    lines: 2,
    contexts: [{ context: course.context, deployment: course.deployment, gate: course.gate }],
  });
  const rows = await course.rows();
  assert.deepEqual([rows['ada']?.state, rows['ada']?.priority, rows['ada']?.value.scoreGiven], ['due', 5, 8]);
  assert.deepEqual([rows['bob']?.state, rows['bob']?.priority], ['due', 5]);
  assert.deepEqual(await store.releasePage(page), { lines: 0, contexts: [] });
  assert.deepEqual(await store.noteOutcomes(id), { open: 2 });
  await send(course.lineItem, 'ada');
  assert.deepEqual(await store.noteOutcomes(id), { open: 1 });
  assert.deepEqual(await outcomesOf(id), { ada: 'sent', bob: 'released' });
  await send(course.lineItem, 'bob');
  await store.noteOutcomes(id);
  assert.equal(await store.finish(id), 'finished');
  const status = await store.getStatus(id);
  assert.deepEqual([status?.sent, status?.unsent], [2, 0]);
});

test('leaves alone what the tool changed after the preview, and what it changes after the release', async () => {
  const course = await createCourse();
  for (const user of ['ada', 'bob', 'eve']) await course.hold(user, 'submitted');
  const { id, page } = await release(course, { ada: 8, bob: 8, eve: 8 });
  await course.accept('ada', 3);
  await store.releasePage(page);
  await course.accept('bob', 4);
  await store.noteOutcomes(id);
  const rows = await course.rows();
  assert.deepEqual(
    [rows['ada']?.value.scoreGiven, rows['bob']?.value.scoreGiven, rows['eve']?.value.scoreGiven],
    [3, 4, 8],
  );
  assert.deepEqual(await outcomesOf(id), { ada: 'overtaken', bob: 'overtaken', eve: 'released' });
});

test('puts back what was released and not sent, to the letter', async () => {
  const course = await createCourse();
  await course.hold('submitted', 'submitted');
  await course.hold('rejected', 'rejected');
  await course.hold('due', 'due');
  const before = await course.rows();
  const { id, page } = await release(course, { submitted: 8, rejected: 8, due: 8, nobody: 8 });
  await store.releasePage(page);
  await store.decide({ backfill: id, decision: 'pause', apiKey, reason: 'a test' });
  assert.equal(await store.withdraw(id), 4);
  const after = await course.rows();
  assert.equal(after['nobody'], undefined);
  for (const user of ['submitted', 'rejected', 'due']) {
    const [was, is] = [before[user], after[user]];
    assert.deepEqual(
      [is?.state, is?.value, is?.priority, is?.failure_type],
      [was?.state, was?.value, was?.priority, was?.failure_type],
      user,
    );
  }
  assert.deepEqual(await store.releasePage(page), { lines: 0, contexts: [] });
  await store.decide({ backfill: id, decision: 'resume', apiKey, reason: 'a test' });
  assert.equal((await store.releasePage(page)).lines, 4);
  const again = await course.rows();
  assert.deepEqual(
    Object.values(again).map(({ state, value }) => [state, value.scoreGiven]),
    [1, 2, 3, 4].map(() => ['due', 8]),
  );
});

test('leaves a new score that calls have failed for as rejected, and sends it after all when resumed', async () => {
  const course = await createCourse();
  const { id, page } = await release(course, { new: 8 });
  await store.releasePage(page);
  await db.raw(
    `insert into attempts (score, revision, kind, outcome, started_at, duration_ms, lane_token)
     select id, revision, 'submit', 'retryable', now(), 5, 1 from scores where line_item = ?`,
    [course.lineItem],
  );
  await store.decide({ backfill: id, decision: 'pause', apiKey, reason: 'a test' });
  assert.equal(await store.withdraw(id), 1);
  const { new: withdrawn } = await course.rows();
  assert.deepEqual([withdrawn?.state, withdrawn?.failure_type], ['rejected', 'BackfillWithdrawn']);
  // It was never to be sent: an operator who retries all that was rejected does not mean it.
  const scope = { id: randomUUID(), platforms: null, filter: { lineItemId: course.column.lineItemId } };
  assert.equal((await retryPage(db, scope, { after: FIRST_PAGE, limit: 10 })).acted, 0);
  await store.decide({ backfill: id, decision: 'resume', apiKey, reason: 'a test' });
  await store.releasePage(page);
  const { new: resumed } = await course.rows();
  assert.deepEqual([resumed?.state, resumed?.value.scoreGiven], ['due', 8]);
});

test('stores no column and gives no line up while it is paused', async () => {
  const course = await createCourse();
  const named = { resourceId: 'new', label: 'New', scoreMaximum: 10 };
  const { platformId, contextId } = course.column;
  const { id, page } = await release({ ...course, column: { platformId, contextId, ...named } }, { ada: 8 });
  await store.decide({ backfill: id, decision: 'pause', apiKey, reason: 'a test' });
  const columns = () => queryRows(db, `select 1 from line_items where resource_id = 'new'`);
  assert.deepEqual(await store.releasePage(page), { lines: 0, contexts: [] });
  assert.deepEqual(await columns(), []);
  await store.decide({ backfill: id, decision: 'resume', apiKey, reason: 'a test' });
  assert.equal((await store.releasePage(page)).lines, 1);
  assert.equal((await columns()).length, 1);
});

test('takes back nothing that the tool has confirmed, or whose call is under way', async () => {
  const course = await createCourse();
  for (const user of ['confirmed', 'sending', 'plain']) await course.hold(user, 'submitted');
  const { id, page } = await release(course, { confirmed: 8, sending: 8, plain: 8 });
  await store.releasePage(page);
  await course.accept('confirmed', 8);
  await db.raw(
    `update scores set state = 'sending', sending = value, sending_revision = revision, lane_token = 1
     where line_item = ? and user_id = 'sending'`,
    [course.lineItem],
  );
  await store.decide({ backfill: id, decision: 'cancel', apiKey, reason: 'a test' });
  assert.equal(await store.withdraw(id), 1);
  assert.deepEqual(await store.noteOutcomes(id), { open: 1 });
  assert.equal(await store.finish(id), 'cancelling');
  await db.raw(
    `update scores set state = 'submitted', submitted = sending, submitted_revision = sending_revision, sending = null,
       sending_revision = null, submitted_at = now() where line_item = ? and user_id = 'sending'`,
    [course.lineItem],
  );
  await store.noteOutcomes(id);
  assert.equal(await store.finish(id), 'cancelled');
  assert.deepEqual(await outcomesOf(id), { confirmed: 'overtaken', sending: 'sent', plain: 'unsent' });
  const rows = await course.rows();
  assert.deepEqual([rows['confirmed']?.state, rows['plain']?.state], ['due', 'submitted']);
});

test('restores by an undo what was before, but not where something newer came', async () => {
  const course = await createCourse();
  for (const user of ['ada', 'bob']) await course.hold(user, 'submitted');
  const { id, page } = await release(course, { ada: 8, bob: 8, new: 8 });
  await store.releasePage(page);
  for (const user of ['ada', 'bob', 'new']) await send(course.lineItem, user);
  await store.noteOutcomes(id);
  await store.finish(id);
  await course.accept('bob', 9);
  const undo = await backfills.insert({ source: 'undo', action: 'restore', undoOf: id });
  assert.equal(await backfills.preview(undo), 'awaitingApproval');
  const changes = await store.listChanges({ backfill: undo, after: 0, limit: 10 });
  assert.deepEqual(
    changes.map(({ userId, kind, reason, outcome }) => [userId, kind, reason, outcome]),
    [
      ['ada', 'lowered', null, 'pending'],
      ['bob', 'blocked', 'newer', 'skipped'],
      ['new', 'lowered', null, 'pending'],
    ],
  );
  const refused = await store.decide({ backfill: undo, decision: 'approve', apiKey, reason: 'a test' });
  assert.deepEqual(refused, { isDone: false, state: 'awaitingApproval', isByAuthor: true });
  await store.decide({ backfill: undo, decision: 'approve', apiKey: (await insertApiKey(db)).id, reason: 'a test' });
  await store.releasePage({ ...page, backfill: undo });
  const { ada, bob, new: made } = await course.rows();
  assert.deepEqual([ada?.value.scoreGiven, bob?.value.scoreGiven, made?.value.scoreGiven], [5, 9, null]);
});
