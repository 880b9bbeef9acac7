/** Things that happen to the column of a course of `score-life.ts`, and to its scores with it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createContextWork } from '../../db/courses/context-work.js';
import { createLineItems } from '../../db/courses/line-items.js';
import { PRIORITY } from '../../domain/score.js';
import type { ScoreOfTest } from './accept-scores.js';
import { insertLineItem } from './factories.js';
import { comes, eventOf, type Happening } from './score-happenings.js';
import { readScores, step } from './score-life.js';

/** A score comes on another name of the column, and the LMS then lists the column with both names. */
export const columnIsMerged =
  (userId: string, scoreGiven: number): Happening =>
  async (course) => {
    const { context, lineItem, lineItemId } = course;
    const resourceId = randomUUID();
    const wanted = await insertLineItem(course.db, { context, lineItemId: null, columns: { resource_id: resourceId } });
    await comes(`${userId}`, scoreGiven)({ ...course, lineItem: wanted.id });
    const scores = await readScores(course);
    const other = scores.find((score) => score.lineItem === wanted.id);
    const rival = scores.find((score) => score.lineItem === lineItem && score.userId === userId);
    assert.ok(other);
    const incoming: ScoreOfTest = { ...other, context, priority: PRIORITY.interactive, force: other.forced };
    await step(
      course,
      ({ id }) => {
        if (id === other.id) return rival ? 'superseded' : 'moved';
        return rival?.id === id ? eventOf(rival, incoming) : undefined;
      },
      () => createLineItems(course.db).storeListed(context, [{ id: lineItemId, resourceId }]),
    );
    await course.db.raw('update line_items set resource_id = ? where id = ?', [course.resourceId, lineItem]);
  };

/** The LMS no longer knows the column, and has another of the same name. */
export const columnIsLost: Happening = async (course) => {
  const { context, lineItem, resourceId } = course;
  const anew = `https://lms.example/line-items/${randomUUID()}`;
  await createContextWork(course.db).parkColumn({
    lineItem,
    type: 'LineItemNotFound',
    detail: null,
    probeAfterMs: null,
  });
  await step(
    course,
    ({ state }) => (state === 'held' || state === 'sending' ? 'moved' : 'forgotten'),
    () => createLineItems(course.db).storeListed(context, [{ id: anew, resourceId }]),
  );
  const [column] = await course.db<{ id: string; line_item_id: string }>('line_items').where({ line_item_id: anew });
  assert.ok(column);
  Object.assign(course, { lineItem: column.id, lineItemId: anew });
};
