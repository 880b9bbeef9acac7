import { randomUUID } from 'node:crypto';
import type { SandboxControl } from '../../sandbox/control-client.js';
import type { ContextSetup, FamilyName } from '../../sandbox/types.js';

/** One score as the tool would send it, and as the gradebook should then show it. */
export interface DemoScore {
  /** As `POST /v1/scores` names the column. */
  lineItem: { id: string } | { resourceId: string; tag: string; label: string; scoreMaximum: number };
  userId: string;
  scoreGiven: number;
  scoreMaximum: number;
}

export interface DemoCourse {
  title: string;
  lms: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  /** Of a launch into the course. */
  ltik: string;
  scores: DemoScore[];
  /** Why nothing of it can arrive; null for a healthy course. */
  trouble: string | null;
}

interface Plan {
  lms: string;
  family: FamilyName;
  titles: readonly string[];
  students: number;
  /** The last course of the platform is set up so that it must fail. */
  trouble?: { setup: Partial<ContextSetup>; why: string };
}

const MAXIMUM = 20;

const PLANS: readonly Plan[] = [
  {
    lms: 'Canvas',
    family: 'canvas',
    titles: ['Biology 101', 'Genetics', 'Botany (ended last term)'],
    students: 60,
    trouble: { setup: { concluded: true }, why: 'the course has ended' },
  },
  { lms: 'Moodle', family: 'moodle', titles: ['Linear Algebra', 'Statistics'], students: 70 },
  { lms: 'Blackboard', family: 'blackboard', titles: ['World History'], students: 90 },
  { lms: 'Brightspace', family: 'd2l', titles: ['Programming I', 'Databases'], students: 65 },
];

/**
 * Sets up LMSes with courses, students and columns in the sandbox, under names that no earlier demo used: what the
 * database kept of that one must not look unchanged here.
 */
export async function createCourses(control: SandboxControl): Promise<DemoCourse[]> {
  const term = randomUUID().slice(0, 6);
  const courses: DemoCourse[] = [];
  for (const { lms, family, titles, students, trouble } of PLANS) {
    const { platformId, deploymentId } = await control.createPlatform({
      family,
      name: `${lms} (demo ${term})`,
      platformId: `${family}-demo-${term}`,
    });
    for (const [place, title] of titles.entries()) {
      const isTroubled = trouble !== undefined && place === titles.length - 1;
      const size = isTroubled ? 10 : students;
      const view = await control.createContext({
        platformId,
        title,
        contextId: `${family}-${place + 1}-${term}`,
        students: size,
        instructors: 1,
        lineItems: [
          { label: 'Homework', scoreMaximum: MAXIMUM, resourceId: 'homework' },
          // Another scale than the tool's, so that rescaling can be seen.
          { label: 'Midterm', scoreMaximum: 100, resourceId: 'midterm' },
        ],
        ...(isTroubled && trouble.setup),
      });
      const { ltik } = await control.createLaunch({ platformId, contextId: view.contextId });
      const userIds = view.members.filter(({ roles }) => roles.every(isLearner)).map(({ userId }) => userId);
      courses.push({
        ...{ title, lms, platformId, deploymentId, ltik, contextId: view.contextId },
        scores: toScores(
          view.lineItems.map(({ id }) => id),
          userIds,
        ),
        trouble: isTroubled ? trouble.why : null,
      });
    }
  }
  return courses;
}

function isLearner(role: string): boolean {
  return role.endsWith('#Learner');
}

/** Two columns by their id, and a third that does not exist yet and is made on the way. */
function toScores(lineItemIds: readonly string[], userIds: readonly string[]): DemoScore[] {
  const columns: DemoScore['lineItem'][] = [
    ...lineItemIds.map((id) => ({ id })),
    { resourceId: 'participation', tag: 'grade', label: 'Participation', scoreMaximum: MAXIMUM },
  ];
  return columns.flatMap((lineItem, column) =>
    userIds.map((userId, place) => ({
      ...{ lineItem, userId, scoreMaximum: MAXIMUM },
      scoreGiven: ((place * 7 + column * 3) % (MAXIMUM * 2 + 1)) / 2,
    })),
  );
}
