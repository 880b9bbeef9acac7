import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestApi } from '../helpers/app.js';
import { insertConsoleCourse } from '../helpers/console-course.js';
import { signInWith, textOf } from '../helpers/console.js';
import { createSource, REFERENCE_MAPPING } from '../helpers/webhooks.js';

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

  it('leads from the reference of a grading service to the score, or says where it belongs', async () => {
    const { visitor } = await signInWith(api);
    const { course: context, column: line_item } = course;
    const of = { context, line_item, expires_at: new Date(Date.now() + 86_400_000) };
    await createSource(api, { name: 'grader', mapping: REFERENCE_MAPPING });
    const [source] = await db('webhook_sources').where({ name: 'grader' }).pluck<string[]>('id');
    await db('webhook_references').insert([
      { ...of, source, reference: 'essay-77', user_id: 'grace' },
      { ...of, source, reference: 'essay-78', user_id: 'nobody yet' },
    ]);
    const { location } = await visitor.post('/console/find', { what: 'essay-77' });
    assert.equal(location, `/console/scores/${course.scores.rejected}`);
    const early = await visitor.post('/console/find', { what: 'essay-78' });
    assert.match(textOf(early), /grader nobody yet .* bio-101 none came yet/);
    const { visitor: stranger } = await signInWith(api, { platforms: ['another'] });
    assert.match(textOf(await stranger.post('/console/find', { what: 'essay-77' })), /Nothing found/);
  });

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
