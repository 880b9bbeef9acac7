import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestApi } from '../helpers/app.js';
import { insertConsoleCourse, signInWith, textOf } from '../helpers/console.js';

const api = await createTestApi();
const { db } = api;
const course = await insertConsoleCourse(db);
const [gate = ''] = await db('gates').where({ platform: course.platform }).pluck<string[]>('id');

describe('finding', () => {
  const found: Record<string, [what: string, to: string]> = {
    'a score by its id': [course.scores.due, `/console/scores/${course.scores.due}`],
    'a course by its id in the LMS': ['bio-101', `/console/courses/${course.course}`],
    'a course by its workflow': [`sync-context/${course.course}`, `/console/courses/${course.course}`],
    'a column by its id': [course.column, `/console/courses/${course.course}`],
    'a platform by its sender': [`send/${gate}`, `/console/platforms/${course.platform}`],
    'a run by its id': [course.run, `/console/runs/${course.run}`],
    'a student of one course': ['grace', `/console/scores/${course.scores.rejected}/person`],
  };
  for (const [name, [what, to]] of Object.entries(found)) {
    it(`leads to ${name}`, async () => {
      const { visitor } = await signInWith(api);
      const { status, location } = await visitor.post('/console/find', { what: ` ${what} ` });
      assert.deepEqual([status, location], [303, to]);
    });
  }

  it('shows the scores of a student of several courses, under no address', async () => {
    const { visitor } = await signInWith(api);
    const shown = await visitor.post('/console/find', { what: 'alan' });
    assert.equal(shown.status, 200);
    assert.match(textOf(shown), /Scores of alan/);
  });

  it('finds nothing that the key may not see', async () => {
    const { visitor } = await signInWith(api, { platforms: ['another'] });
    // Runs are everybody's: a limited key sees the counts of its platforms.
    for (const [what] of Object.values(found).filter(([one]) => one !== course.run)) {
      const shown = await visitor.post('/console/find', { what });
      assert.match(textOf(shown), /Nothing found/);
    }
  });
});
