import type { SandboxControl } from '../../sandbox/control-client.js';
import type { FamilyName } from '../../sandbox/types.js';
import { valueOf, type Cell, type Post } from './load-plan.js';

/** The products of which every campaign has some. */
export const FAMILIES: readonly FamilyName[] = ['canvas', 'moodle', 'blackboard', 'd2l'];
/** Two that exist, of different maxima, and one that is made on the way. */
const COLUMNS = ['quiz', 'midterm', 'essay'] as const;

export const COLUMN_COUNT = COLUMNS.length;

/** An LMS to set up, with so many courses. */
export interface LmsPlan {
  platformId: string;
  family: FamilyName;
  courses: number;
}

export interface Course {
  platformId: string;
  contextId: string;
  students: string[];
  /** As `POST /v1/scores` names them. */
  columns: Record<string, unknown>[];
}

/** Sets up LMSes and their courses in the sandbox, in this order, and has each course launched through `launch`. */
export async function createCourses(
  control: SandboxControl,
  lmses: readonly LmsPlan[],
  { students, launch }: { students: number; launch: (ltik: string) => Promise<void> },
): Promise<Course[]> {
  const courses: Course[] = [];
  for (const lms of lmses) {
    const { platformId } = await control.createPlatform({ family: lms.family, platformId: lms.platformId });
    for (let number = 1; number <= lms.courses; number += 1) {
      const view = await control.createContext({
        ...{ platformId, contextId: `${platformId}-${number}`, students },
        lineItems: [
          { label: 'Quiz', scoreMaximum: 100, resourceId: 'quiz' },
          { label: 'Midterm', scoreMaximum: 20, resourceId: 'midterm' },
        ],
      });
      const { contextId } = view;
      await launch((await control.createLaunch({ platformId, contextId })).ltik);
      courses.push({
        ...{ platformId, contextId },
        students: view.members.filter(({ roles }) => roles.every(isLearner)).map(({ userId }) => userId),
        columns: [
          ...view.lineItems.map(({ id }) => ({ id })),
          { resourceId: 'essay', tag: 'grade', label: 'Essay', scoreMaximum: 50 },
        ],
      });
    }
  }
  return courses;
}

function isLearner(role: string): boolean {
  return role.endsWith('#Learner');
}

/** A post as the API takes it. `originMs` is when version 0 of every cell changed. */
export function toBody(post: Post, cells: readonly Cell[], courses: readonly Course[], originMs: number): unknown {
  const { cell, course } = placeOf(post.cell, cells, courses);
  const { platformId, contextId } = course;
  return {
    ...{ platformId, contextId, lineItem: course.columns[cell.column], userId: course.students[cell.student] },
    ...{ scoreGiven: valueOf(post), scoreMaximum: 100 },
    changedAt: new Date(originMs + post.version * 1_000).toISOString(),
  };
}

/** Names a cell as `cellName` does, whatever its column's id in the LMS is. */
export function nameOf(index: number, cells: readonly Cell[], courses: readonly Course[]): string {
  const { cell, course } = placeOf(index, cells, courses);
  return cellName(course.contextId, COLUMNS[cell.column] ?? '', course.students[cell.student] ?? '');
}

export function cellName(contextId: string, column: string, userId: string): string {
  return `${contextId} ${column} ${userId}`;
}

function placeOf(index: number, cells: readonly Cell[], courses: readonly Course[]): { cell: Cell; course: Course } {
  const cell = cells[index];
  const course = courses[cell?.course ?? -1];
  if (!cell || !course) throw new RangeError(`There is no cell ${index}.`);
  return { cell, course };
}
