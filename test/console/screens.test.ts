import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestApi } from '../helpers/app.js';
import { insertConsoleCourse, listConsolePages } from '../helpers/console-course.js';
import { createSchedules, signInWith, textOf } from '../helpers/console.js';

const api = await createTestApi({ schedules: createSchedules() });
const course = await insertConsoleCourse(api.db);
const { visitor } = await signInWith(api);

describe('every screen', () => {
  for (const [name, path] of Object.entries(listConsolePages(course))) {
    it(`${name} is shown whole, and takes no name for markup`, async () => {
      const shown = await visitor.get(path);
      assert.equal(shown.status, 200, textOf(shown));
      assert.match(shown.html, /^<!doctype html>.*<\/html>$/s);
      assert.doesNotMatch(shown.html, /<script>|<i>|<b>|undefined|\[object|NaN/);
      assert.doesNotMatch(shown.html, /\sstyle=|\son\w+=|javascript:/);
    });
  }
});

it('schedules are told in words, with their next five times', async () => {
  const shown = await visitor.get('/console/runs');
  assert.match(textOf(shown), /At 02:00 \(UTC\)\. 0 2 \* \* \*/);
  const [first = ''] = /<ul class="times">.*?<\/ul>/s.exec(shown.html) ?? [];
  assert.equal(first.match(/<time /g)?.length, 5);
});
