import assert from 'node:assert/strict';
import { test } from 'node:test';
import { graded, mustExist, startCourse } from './harness.js';

test('the start page lists platforms and courses and refreshes itself', async (t) => {
  const { url } = await startCourse(t, 'canvas', { context: { title: 'Algebra' } });
  const page = await (await fetch(`${url}/?refresh=2`)).text();
  assert.match(page, /<meta http-equiv="refresh" content="2" \/>/);
  const link = mustExist(/href="(\/gradebook\/[^"]+)"/.exec(page)?.[1]).replaceAll('&amp;', '&');
  assert.equal((await fetch(url + link)).status, 200);
  assert.doesNotMatch(await (await fetch(`${url}/?refresh=0`)).text(), /http-equiv="refresh"/);
});

test('a gradebook shows students, grades and the latest calls', async (t) => {
  const { url, caller, column, context, students } = await startCourse(t, 'canvas');
  const student = mustExist(students[0]);
  await caller.score(column.id, graded(student, 7.5, { comment: 'Nice work' }));
  const page = await (await fetch(`${url}/gradebook/${context.contextId}`)).text();
  const row = mustExist(page.split('<tr>').find((part) => part.includes(student) && part.includes('1 comment')));
  assert.match(row, />\s*15<br/);
  assert.match(page, /7\.5 \/ 10/);
  assert.match(page, /POST submitScore/);
});

test('whatever people typed is escaped', async (t) => {
  const nasty = `<script>alert("x")</script>'&`;
  const { url, caller, control, context, column } = await startCourse(t, 'moodle', {
    context: {
      title: nasty,
      contextId: nasty,
      members: [{ userId: nasty, name: nasty }],
      lineItems: [{ label: nasty, scoreMaximum: 5 }],
    },
  });
  await caller.score(column.id, graded(nasty, 1, { comment: nasty }));
  assert.equal((await control.gradebook(context))[0]?.comment, nasty);
  for (const path of ['/', `/gradebook/${encodeURIComponent(nasty)}`]) {
    const page = await (await fetch(url + path)).text();
    assert.equal(page.includes('<script>'), false, path);
    assert.ok(page.includes('&lt;script&gt;'), path);
  }
});

test('a favicon is served and an unknown course is not found', async (t) => {
  const { url } = await startCourse(t, 'canvas');
  const icon = await fetch(`${url}/favicon.ico`);
  assert.deepEqual([icon.status, icon.headers.get('content-type')], [200, 'image/svg+xml']);
  assert.equal((await fetch(`${url}/gradebook/none`)).status, 404);
});
