import { digest, madeUpId } from '../dev/seed/made-up-id.js';
import type { ScoreValue } from '../domain/score.js';

/** Columns of a course, as far as it has scores for them. */
const COLUMNS = 4;

/** One course of a run, with the scores that its gradebook shall get. */
export interface BenchCourse {
  contextId: string;
  /** As long as one of LTIAAS: 48 characters. */
  serviceKey: string;
  scores: BenchScore[];
}

export interface BenchScore {
  /** The LMS's id of the column, a URL. */
  lineItemId: string;
  userId: string;
  value: ScoreValue;
}

export const API_KEY = 'bench-api-key-of-about-the-usual-length';

/**
 * The scores of a run, the same for every process that is told the same: each student of a course has one in each of
 * four columns. `name` sets runs apart, so that no run meets what an earlier one has sent.
 */
export function createWorkload(load: { scores: number; courses: number; name: string }): BenchCourse[] {
  return Array.from({ length: load.courses }, (_, course) => {
    const count = Math.floor(load.scores / load.courses) + (course < load.scores % load.courses ? 1 : 0);
    const contextId = madeUpId(`${load.name} context ${course}`);
    return {
      contextId,
      serviceKey: digest(`${load.name} key ${course}`).slice(0, 48),
      scores: Array.from({ length: count }, (_, place) => toScore(load.name, course, place)),
    };
  });
}

function toScore(name: string, course: number, place: number): BenchScore {
  const column = place % COLUMNS;
  const student = Math.floor(place / COLUMNS);
  return {
    lineItemId: `https://lms.example.edu/api/lti/courses/${name}-${course}/line_items/${column + 1}`,
    userId: madeUpId(`${name} user ${course} ${student}`),
    value: {
      scoreGiven: (place * 7) % 11,
      scoreMaximum: 10,
      activityProgress: 'Completed',
      gradingProgress: 'FullyGraded',
    },
  };
}
