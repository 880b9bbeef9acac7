import assert from 'node:assert/strict';
import { test } from 'node:test';
import { graded, lmsBody, mustExist, startCourse } from './harness.js';
import { sdk } from './sdk-schemas.js';

const extension = 'https://canvas.instructure.com/lti/submission';
const notStudent = {
  errors: { type: 'unprocessable_entity', message: 'User not found in course or is not a student' },
};

test('staff, observers, the test student, inactive people and strangers are no students', async (t) => {
  const { caller, column, context, students } = await startCourse(t, 'canvas', {
    context: { students: 1, assistants: 1, observers: 1, inactive: 1, testUser: true },
  });
  const others = context.members.map((member) => member.userId).filter((userId) => userId !== students[0]);
  assert.equal(others.length, 5);
  for (const userId of [...others, 'stranger']) {
    const answer = await caller.score(column.id, graded(userId, 1));
    assert.equal(answer.status, 422);
    assert.deepEqual(lmsBody(answer), notStudent);
  }
});

test('nobody is a student of an unpublished course', async (t) => {
  const { caller, column, control, context, students } = await startCourse(t, 'canvas');
  await control.updateContext(context, { published: false });
  for (const userId of students) {
    assert.deepEqual(lmsBody(await caller.score(column.id, graded(userId, 1))), notStudent);
  }
});

test('a concluded course answers 404, or 422 where the site says so', async (t) => {
  const { caller, column, control, context, students } = await startCourse(t, 'canvas');
  const score = graded(mustExist(students[0]), 1);
  await control.updateContext(context, { concluded: true });
  const quiet = await caller.score(column.id, score);
  assert.equal(quiet.status, 404);
  assert.deepEqual(lmsBody(quiet), { errors: [{ message: 'The specified resource does not exist.' }] });
  await control.updatePlatform({ platformId: 'canvas' }, { concludedStatus: 422 });
  const plain = await caller.score(column.id, score);
  assert.equal(plain.status, 422);
  assert.match(plain.text, /This course has concluded\. AGS requests will no longer be accepted/);
  await control.updateContext(context, { concluded: false });
  assert.equal((await caller.score(column.id, score)).status, 204);
});

test('a deleted column answers 404 with nothing in it, an unpublished one 422, a foreign one 412', async (t) => {
  const { caller, column, control, students } = await startCourse(t, 'canvas');
  const score = graded(mustExist(students[0]), 1);
  await control.updateLineItem(column.id, { published: false });
  const unpublished = await caller.score(column.id, score);
  assert.equal(unpublished.status, 422);
  assert.match(unpublished.text, /"field":"grade".*assignment is still unpublished/);
  await control.updateLineItem(column.id, { published: true, owned: false });
  assert.equal((await caller.score(column.id, score)).status, 412);
  await control.updateLineItem(column.id, { owned: true, deleted: true });
  const deleted = await caller.score(column.id, score);
  assert.equal(deleted.status, 404);
  assert.equal(lmsBody(deleted), '');
});

test('attempts run out unless the post says that it is no new submission', async (t) => {
  const { caller, column, control, students } = await startCourse(t, 'canvas');
  const student = mustExist(students[0]);
  await control.updateLineItem(column.id, { allowedAttempts: 1 });
  assert.equal((await caller.score(column.id, graded(student, 1))).status, 204);
  const spent = await caller.score(column.id, graded(student, 2));
  assert.equal(spent.status, 422);
  assert.match(spent.text, /maximum number of allowed attempts/);
  const regrade = graded(student, 3, { [extension]: { new_submission: false } });
  assert.equal((await caller.score(column.id, regrade)).status, 204);
  const [grade] = await control.gradebook();
  assert.deepEqual([grade?.resultScore, grade?.submissions, grade?.posts], [6, 1, 2]);
});

test('every post appends its comment', async (t) => {
  const { caller, column, control, students } = await startCourse(t, 'canvas');
  const score = graded(mustExist(students[0]), 1, { comment: 'Well done.' });
  await caller.score(column.id, score);
  await caller.score(column.id, score);
  assert.deepEqual((await control.gradebook())[0]?.comments, ['Well done.', 'Well done.']);
});

test('a post without a final score empties the cell unless told to preserve it', async (t) => {
  const { caller, column, control, students } = await startCourse(t, 'canvas');
  const student = mustExist(students[0]);
  const shown = async (): Promise<number | null | undefined> => (await control.gradebook())[0]?.resultScore;
  const pending = { userId: student, activityProgress: 'Submitted', gradingProgress: 'Pending' };
  await caller.score(column.id, graded(student, 10));
  await caller.score(column.id, { ...pending, [extension]: { preserve_score: true } });
  assert.equal(await shown(), 20);
  await caller.score(column.id, pending);
  assert.equal(await shown(), null);
});

test("a teacher's grade is overwritten unless people come first", async (t) => {
  const { caller, column, control, students } = await startCourse(t, 'canvas');
  const student = mustExist(students[0]);
  await control.editGrade({ lineItemId: column.id, userId: student, score: 15 });
  await caller.score(column.id, graded(student, 1, { [extension]: { prioritize_non_tool_grade: true } }));
  const results = await caller.call('GET', `/api/lineitems/${encodeURIComponent(column.id)}/scores`);
  assert.equal(sdk.resultContainer.Parse(results.body).scores[0]?.resultScore, 15, 'results show what the teacher set');
  await caller.score(column.id, graded(student, 1));
  assert.equal((await control.gradebook())[0]?.resultScore, 2);
});

test('scores are scaled to the column and not capped', async (t) => {
  const { caller, column, control, students } = await startCourse(t, 'canvas');
  await caller.score(column.id, graded(mustExist(students[0]), 12.5));
  assert.equal((await control.gradebook())[0]?.resultScore, 25);
  const missing = await caller.score(column.id, { ...graded(mustExist(students[1]), 1), scoreMaximum: null });
  assert.equal(missing.status, 422);
  assert.match(missing.text, /ScoreMaximum not supplied/);
});

test('an earlier time is refused and an equal one taken', async (t) => {
  let nowMs = 1_800_000_000_000;
  const { caller, column, students } = await startCourse(t, 'canvas', { now: () => nowMs });
  const student = mustExist(students[0]);
  assert.equal((await caller.score(column.id, graded(student, 1))).status, 204);
  assert.equal((await caller.score(column.id, graded(student, 2))).status, 204);
  nowMs -= 1;
  const early = await caller.score(column.id, graded(student, 3));
  assert.equal(early.status, 400);
  assert.match(early.text, /before last updated timestamp/);
});

test('the roster has active people only, fifty a page whatever is asked', async (t) => {
  const { caller } = await startCourse(t, 'canvas', { context: { students: 120, inactive: 5 } });
  const seen = new Set<string>();
  let path = '/api/memberships?limit=500';
  const sizes: number[] = [];
  for (;;) {
    const page = sdk.membershipContainer.Parse((await caller.call('GET', path)).body);
    sizes.push(page.members.length);
    for (const member of page.members) seen.add(member.userId);
    if (page.next === undefined) break;
    path = `/api/memberships?url=${encodeURIComponent(page.next)}`;
  }
  assert.deepEqual(sizes, [50, 50, 21]);
  assert.equal(seen.size, 121);
});
