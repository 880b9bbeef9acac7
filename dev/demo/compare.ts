import type { Grade } from '../../sandbox/types.js';
import type { DemoCourse, DemoScore } from './courses.js';

export interface Comparison {
  sent: number;
  equal: number;
  /** Readable differences, without anything that a log should not hold: the demo's people are made up. */
  differences: string[];
}

/** Holds what a course was sent against what its gradebook shows, in parts of the maximum, since LMSes rescale. */
export function compareCourse(
  { title, scores }: DemoCourse,
  grades: readonly Grade[],
  columns: ReadonlyMap<string, string>,
): Comparison {
  const byCell = new Map(grades.map((grade) => [`${grade.lineItemId} ${grade.userId}`, grade]));
  const differences: string[] = [];
  for (const score of scores) {
    const lineItemId = 'id' in score.lineItem ? score.lineItem.id : (columns.get(score.lineItem.resourceId) ?? '');
    const grade = byCell.get(`${lineItemId} ${score.userId}`);
    if (!isShown(score, grade)) {
      const shown = grade?.resultScore ?? 'nothing';
      differences.push(
        `${title}: ${score.userId} was sent ${score.scoreGiven}/${score.scoreMaximum}, the gradebook shows ${shown}`,
      );
    }
  }
  return { sent: scores.length, equal: scores.length - differences.length, differences };
}

function isShown({ scoreGiven, scoreMaximum }: DemoScore, grade: Grade | undefined): boolean {
  if (!grade || grade.resultScore === null || grade.resultScore === undefined) return false;
  return Math.abs(grade.resultScore / (grade.resultMaximum ?? 1) - scoreGiven / scoreMaximum) < 1e-9;
}
