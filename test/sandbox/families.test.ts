import assert from 'node:assert/strict';
import { test } from 'node:test';
import { families } from '../../sandbox/families/registry.js';
import type { FamilyName } from '../../sandbox/types.js';
import { graded, lmsBody, mustExist, startCourse, type Course } from './harness.js';
import { sdk } from './sdk-schemas.js';

async function shown(course: Course): Promise<(number | null)[]> {
  return (await course.control.gradebook()).map((grade) => grade.resultScore);
}

const strangers: { family: FamilyName; status: number; text: RegExp }[] = [
  { family: 'canvas', status: 422, text: /User not found in course or is not a student/ },
  { family: 'moodle', status: 400, text: /Incorrect score received/ },
  { family: 'blackboard', status: 400, text: /User could not be found:/ },
  { family: 'd2l', status: 404, text: /User in requested score does not exist/ },
  { family: 'openedx', status: 500, text: /<!doctype html>/ },
];

for (const { family, status, text } of strangers) {
  test(`${family}: refuses a stranger with ${status} and changes nothing`, async (t) => {
    const course = await startCourse(t, family);
    const answer = await course.caller.score(course.column.id, graded('424242', 5));
    assert.equal(answer.status, status);
    assert.match(answer.text, text);
    assert.deepEqual(await shown(course), []);
  });
}

const departed: { family: FamilyName; status: number }[] = [
  { family: 'canvas', status: 422 },
  { family: 'moodle', status: 400 },
  { family: 'blackboard', status: 400 },
  { family: 'd2l', status: 403 },
  { family: 'openedx', status: 204 },
];

for (const { family, status } of departed) {
  test(`${family}: answers ${status} for someone who left, whom no roster lists any more`, async (t) => {
    const course = await startCourse(t, family);
    const student = mustExist(course.students[0]);
    await course.control.unenroll(course.context, student);
    assert.equal((await course.caller.score(course.column.id, graded(student, 5))).status, status);
    const roster = sdk.membershipContainer.Parse((await course.caller.call('GET', '/api/memberships')).body);
    assert.equal(
      roster.members.some((member) => member.userId === student),
      false,
    );
  });
}

test('moodle: refuses a second post in the same second and takes one in the next', async (t) => {
  let nowMs = 1_800_000_000_100;
  const course = await startCourse(t, 'moodle', { now: () => nowMs });
  const student = mustExist(course.students[0]);
  assert.equal((await course.caller.score(course.column.id, graded(student, 5))).status, 204);
  nowMs += 800;
  const refused = await course.caller.score(course.column.id, graded(student, 6));
  assert.equal(refused.status, 409);
  assert.match(refused.text, /Refusing score with an earlier timestamp/);
  nowMs += 200;
  assert.equal((await course.caller.score(course.column.id, graded(student, 7))).status, 204);
  assert.deepEqual(await shown(course), [14]);
});

test('moodle: a score without its comment clears the feedback, Pending the grade', async (t) => {
  let nowMs = 1_800_000_000_000;
  const course = await startCourse(t, 'moodle', { now: () => (nowMs += 1000) });
  const student = mustExist(course.students[0]);
  await course.caller.score(course.column.id, graded(student, 5, { comment: 'First' }));
  assert.equal((await course.control.gradebook())[0]?.comment, 'First');
  await course.caller.score(course.column.id, graded(student, 5));
  assert.equal((await course.control.gradebook())[0]?.comment, null);
  await course.caller.score(course.column.id, graded(student, 5, { gradingProgress: 'Pending' }));
  assert.deepEqual(await shown(course), [null]);
});

test('moodle: column ids carry a query, results name no next page, an overridden grade stays', async (t) => {
  let nowMs = 1_800_000_000_000;
  const course = await startCourse(t, 'moodle', { now: () => (nowMs += 1000) });
  assert.match(course.column.id, /\/lineitem\?type_id=1$/);
  for (const student of course.students) await course.caller.score(course.column.id, graded(student, 5));
  const path = `/api/lineitems/${encodeURIComponent(course.column.id)}/scores`;
  const cut = sdk.resultContainer.Parse((await course.caller.call('GET', `${path}?limit=2`)).body);
  assert.deepEqual([cut.scores.length, cut.next], [2, undefined]);
  assert.match(mustExist(cut.scores[0]).id, /\/results\/\d+\?type_id=1$/);
  const student = mustExist(course.students[0]);
  await course.control.editGrade({ lineItemId: course.column.id, userId: student, score: 3, overridden: true });
  assert.equal((await course.caller.score(course.column.id, graded(student, 9))).status, 204);
  assert.equal((await shown(course))[0], 3);
});

test('blackboard: a missing comment clears even the one of a teacher, and a user filter hides it', async (t) => {
  const course = await startCourse(t, 'blackboard');
  const student = mustExist(course.students[0]);
  const path = `/api/lineitems/${encodeURIComponent(course.column.id)}/scores`;
  await course.caller.score(course.column.id, graded(student, 5, { comment: 'Mine' }));
  const all = sdk.resultContainer.Parse((await course.caller.call('GET', path)).body);
  const one = sdk.resultContainer.Parse((await course.caller.call('GET', `${path}?userId=${student}`)).body);
  assert.deepEqual([all.scores[0]?.comment, one.scores.length, one.scores[0]?.comment], ['Mine', 1, undefined]);
  await course.control.editGrade({ lineItemId: course.column.id, userId: student, score: 9, comment: 'Teacher' });
  await course.caller.score(course.column.id, graded(student, 5));
  assert.equal((await course.control.gradebook())[0]?.comment, null);
});

test('d2l: caps at the maximum unless the column can exceed', async (t) => {
  const course = await startCourse(t, 'd2l');
  const student = mustExist(course.students[0]);
  await course.caller.score(course.column.id, graded(student, 11));
  assert.deepEqual(await shown(course), [20]);
  await course.control.updateLineItem(course.column.id, { canExceed: true });
  await course.caller.score(course.column.id, graded(student, 11));
  assert.deepEqual(await shown(course), [22]);
});

test('d2l: a role without a grade is refused for that person alone', async (t) => {
  const course = await startCourse(t, 'd2l');
  const [first = '', second = ''] = course.students;
  await course.control.updateMember(course.context, first, { gradable: false });
  assert.equal((await course.caller.score(course.column.id, graded(first, 1))).status, 403);
  assert.equal((await course.caller.score(course.column.id, graded(second, 1))).status, 204);
});

test('openedx: refuses an equal and an earlier time with its two texts', async (t) => {
  let nowMs = 1_800_000_000_000;
  const course = await startCourse(t, 'openedx', { now: () => nowMs });
  const student = mustExist(course.students[0]);
  assert.equal((await course.caller.score(course.column.id, graded(student, 5))).status, 204);
  assert.match(
    (await course.caller.score(course.column.id, graded(student, 5))).text,
    /already exists for the provided/,
  );
  nowMs -= 1;
  assert.match(
    (await course.caller.score(course.column.id, graded(student, 5))).text,
    /updated to a later point in time/,
  );
});

test('openedx: keeps an absent comment, clears an empty one, ignores the user filter', async (t) => {
  let nowMs = 1_800_000_000_000;
  const course = await startCourse(t, 'openedx', { now: () => (nowMs += 1) });
  const [first = '', second = ''] = course.students;
  await course.caller.score(course.column.id, graded(first, 5, { comment: 'Kept' }));
  await course.caller.score(course.column.id, graded(first, 6));
  await course.caller.score(course.column.id, graded(second, 30));
  const path = `/api/lineitems/${encodeURIComponent(course.column.id)}/scores?userId=${first}`;
  const rows = sdk.resultContainer.Parse((await course.caller.call('GET', path)).body).scores;
  assert.deepEqual(
    rows.map((row) => [row.userId, row.resultScore, row.comment]),
    [
      [second, 20, undefined],
      [first, 12, 'Kept'],
    ],
  );
  await course.caller.score(course.column.id, graded(first, 6, { comment: '' }));
  assert.equal((await course.control.gradebook())[0]?.comment, null);
});

test('openedx: wants whole maxima and a name for a column, deletes none, refuses large rosters', async (t) => {
  const course = await startCourse(t, 'openedx', { settings: { rosterLimit: 4 } });
  assert.equal('productFamilyCode' in course.launch.idToken.platform, false);
  const create = (body: Record<string, unknown>): Promise<{ status: number }> =>
    course.caller.call('POST', '/api/lineitems', { label: 'New', ...body });
  assert.equal((await create({ scoreMaximum: 2.5, resourceId: 'a' })).status, 400);
  assert.equal((await create({ scoreMaximum: 2 })).status, 400);
  assert.equal((await create({ scoreMaximum: 2, resourceId: 'a' })).status, 201);
  const deleted = await course.caller.call('DELETE', `/api/lineitems/${encodeURIComponent(course.column.id)}`);
  assert.equal(deleted.status, 403);
  assert.equal((await course.caller.call('GET', '/api/memberships')).status, 200);
  await course.control.addMember(course.context, { userId: 'fifth' });
  const refused = await course.caller.call('GET', '/api/memberships');
  assert.equal(refused.status, 403);
  assert.deepEqual(lmsBody(refused), { error: 'above_response_limit' });
});

test('every family names its columns by absolute URLs of the platform', async (t) => {
  for (const family of Object.values(families)) {
    const { column, control } = await startCourse(t, family.name);
    const [platform] = await control.listPlatforms();
    assert.equal(new URL(column.id).origin, platform?.url);
  }
});
