import { toLineProblem } from '../backfills/to-backfill.js';
import { CHANGE_HEAD, PROBLEM_HEAD, toChangeRow, toProblemRow } from '../backfills/write-csv.js';
import { COLUMN, COURSE, STUDENT } from './request-bodies.js';

/** Files that are answered, by operation id: written as the real ones are, so that none is out of date. */
export const ANSWER_TEXTS: Readonly<Record<string, string>> = {
  listBackfillChanges:
    CHANGE_HEAD +
    toChangeRow({
      ...{ line: 2, ...COURSE, lineItemId: COLUMN.id, resourceLinkId: 'b7c1', resourceId: 'quiz-3', tag: 'grade' },
      ...{ userId: STUDENT, score: null, kind: 'raised', outcome: 'sent', reason: null, otherLine: null },
      ...{ beforeGiven: 7, beforeMaximum: 10, afterGiven: 8, afterMaximum: 10, clears: false, seenInGradebook: null },
      at: new Date('2026-11-27T02:00:00.000Z'),
    }),
  listBackfillProblems:
    PROBLEM_HEAD + toProblemRow(toLineProblem({ line: 3, type: 'unknownContext', detail: null, otherLine: null })),
};
