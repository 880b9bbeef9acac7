import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJournal } from '../../sandbox/state/journal.js';
import { graded, mustExist, startCourse } from './harness.js';

test('tells every call with what it was about, what came in and what went out', async (t) => {
  const { caller, column, context, control, students } = await startCourse(t, 'canvas');
  const student = mustExist(students[0]);
  const score = graded(student, 5, { comment: 'Hi', timestamp: 'mine' });
  await caller.score(column.id, score);
  await caller.score(column.id, graded('stranger', 1));
  await caller.call('GET', '/api/memberships');
  const { entries, cursor } = await control.journal();
  const scoresUrl = `/api/lineitems/${encodeURIComponent(column.id)}/scores`;
  const common = {
    at: 'then',
    method: 'POST',
    platformId: 'canvas',
    deploymentId: '1',
    contextId: context.contextId,
  };
  assert.deepEqual(
    entries.map((entry) => ({ ...entry, at: 'then' })),
    [
      {
        seq: 1,
        ...common,
        url: scoresUrl,
        route: 'submitScore',
        lineItemId: column.id,
        userId: student,
        score,
        status: 204,
        applied: true,
      },
      {
        seq: 2,
        ...common,
        url: scoresUrl,
        route: 'submitScore',
        lineItemId: column.id,
        userId: 'stranger',
        score: graded('stranger', 1),
        status: 422,
        applied: false,
      },
      {
        seq: 3,
        ...common,
        method: 'GET',
        url: '/api/memberships',
        route: 'memberships',
        lineItemId: null,
        userId: null,
        score: null,
        status: 200,
        applied: false,
      },
    ],
  );
  assert.equal(cursor, 3);
});

test('names the column that a call made', async (t) => {
  const { caller, control, context } = await startCourse(t, 'canvas');
  await caller.call('POST', '/api/lineitems', { label: 'New', scoreMaximum: 5 });
  await caller.call('POST', '/api/lineitems', { label: 'New' });
  const { entries } = await control.journal({ route: 'createLineItem' });
  const made = (await control.getContext(context)).lineItems.at(-1);
  assert.deepEqual(
    entries.map((entry) => [entry.lineItemId, entry.applied, entry.status]),
    [
      [made?.id, true, 201],
      [null, false, 400],
    ],
  );
});

test('never holds a credential', async (t) => {
  const { caller, column, control, launch, students } = await startCourse(t, 'canvas');
  await caller.score(column.id, graded(mustExist(students[0]), 5));
  const text = JSON.stringify(await control.journal());
  assert.equal(text.includes(mustExist(launch.serviceKey)), false);
  assert.equal(text.includes('test-key'), false);
});

test('is read by filter, by cursor and as lines, and can be cleared', async (t) => {
  const { caller, column, control, students } = await startCourse(t, 'canvas');
  for (const student of students) await caller.score(column.id, graded(student, 5));
  await caller.score(column.id, graded('stranger', 5));
  const first = await control.journal({ limit: 2 });
  const rest = await control.journal({ after: first.cursor });
  assert.deepEqual([first.entries.length, rest.entries.map((entry) => entry.seq), rest.cursor], [2, [3, 4], 4]);
  assert.deepEqual((await control.journal({ after: rest.cursor })).entries, []);
  assert.equal((await control.journal({ applied: false })).entries.length, 1);
  assert.equal((await control.journal({ userId: students[1] ?? '' })).entries.length, 1);
  assert.deepEqual(await control.journalEntries({ status: 204 }), (await control.journal({ status: 204 })).entries);
  await control.clearJournal();
  await caller.score(column.id, graded('stranger', 5));
  assert.deepEqual(
    (await control.journal({ after: rest.cursor })).entries.map((entry) => entry.seq),
    [5],
  );
});

test('sums up each cell with its applied values in the order of effect', async (t) => {
  const { caller, column, context, control, students } = await startCourse(t, 'canvas');
  const [first = '', second = ''] = students;
  await caller.score(column.id, graded(first, 5));
  await control.addFault({ times: 1, action: { kind: 'applyThenStatus', status: 504 } });
  await caller.score(column.id, graded(first, 6));
  await control.addFault({ times: 1, action: { kind: 'status', status: 500 } });
  await caller.score(column.id, graded(first, 7));
  await caller.score(column.id, { userId: second, activityProgress: 'Completed', gradingProgress: 'Pending' });
  const summary = await control.journalSummary();
  const where = { contextId: context.contextId, lineItemId: column.id };
  assert.deepEqual(summary.cells, [
    { ...where, userId: first, calls: 3, applied: 2, values: [5, 6] },
    { ...where, userId: second, calls: 1, applied: 1, values: [null] },
  ]);
  assert.deepEqual(summary.byStatus, { 204: 2, 500: 1, 504: 1 });
  assert.deepEqual([summary.calls, summary.applied, summary.byRoute], [4, 3, { submitScore: 4 }]);
});

test('follows a journal of 200,000 entries without reading it all again', () => {
  const journal = createJournal();
  for (let index = 0; index < 200_000; index += 1) journal.append(entryFor(index));
  const startedAt = performance.now();
  for (let turn = 0; turn < 1000; turn += 1) {
    assert.equal(journal.page({ after: 199_990, limit: 5 }).entries.length, 5);
  }
  const perTurnMs = (performance.now() - startedAt) / 1000;
  assert.ok(perTurnMs < 1, `${perTurnMs} ms a turn`);
  assert.equal(journal.page({ userId: 'user-7' }).entries.length, 200);
  assert.equal(journal.summary({}).cells.length, 1000);
});

test('forgets the oldest entries beyond its size and keeps counting', () => {
  const journal = createJournal(100);
  for (let index = 0; index < 101; index += 1) journal.append(entryFor(index));
  const { entries, cursor } = journal.page({});
  assert.deepEqual([entries.length, entries[0]?.seq, cursor], [91, 11, 101]);
  assert.deepEqual(
    journal.page({ after: 99 }).entries.map((entry) => entry.seq),
    [100, 101],
  );
});

function entryFor(index: number): Parameters<ReturnType<typeof createJournal>['append']>[0] {
  return {
    at: '2026-11-23T02:00:00.000Z',
    method: 'POST',
    url: '/api/lineitems/1/scores',
    route: 'submitScore',
    platformId: 'p',
    deploymentId: '1',
    contextId: 'c',
    lineItemId: 'https://lms.example/1',
    userId: `user-${index % 1000}`,
    score: { scoreGiven: index },
    status: 204,
    applied: true,
  };
}
