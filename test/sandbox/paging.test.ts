import assert from 'node:assert/strict';
import { test } from 'node:test';
import { role } from '../../sandbox/families/roles.js';
import { graded, mustExist, startCourse } from './harness.js';
import { sdk } from './sdk-schemas.js';

test('columns are paged with links in all four directions', async (t) => {
  const lineItems = Array.from({ length: 5 }, (_, index) => ({ label: `Column ${index}`, scoreMaximum: 10 }));
  const { caller } = await startCourse(t, 'canvas', { context: { lineItems } });
  const read = async (path: string): Promise<ReturnType<typeof sdk.lineItemContainer.Parse>> =>
    sdk.lineItemContainer.Parse((await caller.call('GET', path)).body);
  const first = await read('/api/lineitems?limit=2');
  assert.deepEqual([first.lineItems.length, first.prev], [2, undefined]);
  const second = await read(`/api/lineitems?url=${encodeURIComponent(mustExist(first.next))}`);
  assert.deepEqual(
    second.lineItems.map((item) => item.label),
    ['Column 2', 'Column 3'],
  );
  assert.equal(second.first, second.prev);
  const last = await read(`/api/lineitems?url=${encodeURIComponent(mustExist(second.last))}`);
  assert.deepEqual([last.lineItems.map((item) => item.label), last.next], [['Column 4'], undefined]);
});

test('a page URL outranks every other parameter and keeps its filters', async (t) => {
  const { caller } = await startCourse(t, 'd2l', { context: { students: 5, instructors: 3 } });
  const learners = encodeURIComponent(role.learner);
  const first = sdk.membershipContainer.Parse(
    (await caller.call('GET', `/api/memberships?role=${learners}&limit=3`)).body,
  );
  const url = encodeURIComponent(mustExist(first.next));
  const second = sdk.membershipContainer.Parse(
    (await caller.call('GET', `/api/memberships?url=${url}&limit=1&role=Instructor`)).body,
  );
  assert.deepEqual([first.members.length, second.members.length, second.next], [3, 2, undefined]);
  assert.ok(second.members.every((member) => member.roles.includes(role.learner)));
});

test('a page URL without a limit keeps the page size of the platform', async (t) => {
  const { caller } = await startCourse(t, 'canvas', { context: { students: 60 } });
  const first = sdk.membershipContainer.Parse((await caller.call('GET', '/api/memberships')).body);
  const url = encodeURIComponent(mustExist(first.next));
  const second = sdk.membershipContainer.Parse((await caller.call('GET', `/api/memberships?url=${url}&limit=1`)).body);
  assert.deepEqual([first.members.length, second.members.length], [50, 11]);
});

test('a URL of another list is not found', async (t) => {
  const { caller, column } = await startCourse(t, 'canvas');
  const foreign = encodeURIComponent('https://canvas.example/api/lti/courses/77/names_and_roles?page=2');
  assert.equal((await caller.call('GET', `/api/memberships?url=${foreign}`)).status, 404);
  assert.equal((await caller.call('GET', `/api/lineitems/${encodeURIComponent(column.id)}/scores?url=x`)).status, 404);
});

test('results are paged and filtered by user', async (t) => {
  const { caller, column, students } = await startCourse(t, 'canvas', { context: { students: 25 } });
  for (const student of students) await caller.score(column.id, graded(student, 5));
  const path = `/api/lineitems/${encodeURIComponent(column.id)}/scores`;
  const seen: string[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const page: ReturnType<typeof sdk.resultContainer.Parse> = sdk.resultContainer.Parse(
      (await caller.call('GET', next)).body,
    );
    seen.push(...page.scores.map((row) => row.userId));
    next = page.next === undefined ? undefined : `${path}?url=${encodeURIComponent(page.next)}`;
  }
  assert.deepEqual(seen, students);
  const one = sdk.resultContainer.Parse((await caller.call('GET', `${path}?userId=${students[7] ?? ''}`)).body);
  assert.deepEqual(
    one.scores.map((row) => row.userId),
    [students[7]],
  );
});

test('a roster can be asked for a known link and hides names where the platform is anonymous', async (t) => {
  const { caller, launch } = await startCourse(t, 'moodle', { settings: { anonymous: true } });
  const link = launch.idToken.launch.resourceLink.id;
  const roster = sdk.membershipContainer.Parse(
    (await caller.call('GET', `/api/memberships?resourceLinkId=${link}`)).body,
  );
  assert.deepEqual(Object.keys(mustExist(roster.members[0])), ['userId', 'roles', 'status']);
  assert.equal((await caller.call('GET', '/api/memberships?resourceLinkId=none')).status, 400);
});
