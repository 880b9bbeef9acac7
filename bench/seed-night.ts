import { randomUUID } from 'node:crypto';
import { createErasedPeople } from '../db/privacy/erased-people.js';
import { createLaunches } from '../db/courses/launches.js';
import { takeScores } from '../db/scores/take-scores.js';
import { createVault } from '../db/vault/vault.js';
import type { LmsFamily } from '../domain/platform.js';
import type { ScoreOrigin } from '../domain/score-origin.js';
import { PRIORITY } from '../domain/score.js';
import type { BenchStack } from './stack.js';
import { createWorkload, type BenchCourse } from './workload.js';

const origin: ScoreOrigin = { source: 'apiKey', id: randomUUID(), requestId: null };

/** What a night meets. */
export interface NightLoad {
  /** Courses with work, spread evenly over the platforms. */
  courses: number;
  scoresPerCourse: number;
  platforms: number;
  family: LmsFamily;
}

const platformOf = (course: number, { platforms }: Pick<NightLoad, 'platforms'>): string =>
  `night-${course % platforms}`;

/** Courses whose scores wait for the night, stored as the API would, on platforms with the limits of their family. */
export async function seedNight({ db, keyRing }: BenchStack, load: NightLoad, name: string): Promise<BenchCourse[]> {
  const vault = createVault(keyRing);
  const launches = createLaunches(db, { vault });
  const erased = createErasedPeople(vault);
  const courses = createWorkload({ scores: load.courses * load.scoresPerCourse, courses: load.courses, name });
  const changedAt = new Date();
  for (const [place, { contextId, serviceKey, scores }] of courses.entries()) {
    const platformId = platformOf(place, load);
    await launches.record({
      ...{ platformId, deploymentId: '1', contextId, family: load.family, launchedAt: changedAt },
      serviceKey: { secret: serviceKey, assignmentAndGrades: true, namesAndRoles: false },
    });
    await takeScores(
      db,
      scores.map(({ lineItemId, userId, value }) => ({
        ...{
          target: { platformId, deploymentId: '1', contextId, lineItem: { id: lineItemId } },
          userId,
          value,
          changedAt,
        },
        ...{ priority: PRIORITY.nightly, awaitsNightly: true, force: false },
      })),
      { platforms: null, origin, erased },
    );
  }
  await db.raw('analyze scores, line_items, contexts, service_keys');
  return courses;
}

/** Courses that have nothing to do: one score each, which the gradebook holds. By statements over the whole set. */
export async function seedIdle({ db }: BenchStack, courses: number, load: Pick<NightLoad, 'platforms'>): Promise<void> {
  await db.raw(
    `insert into contexts (deployment, context_id)
     select d.id, 'idle-' || n from generate_series(1, :courses::integer) as n
     join platforms p on p.platform_id = 'night-' || n % :platforms::integer join deployments d on d.platform = p.id`,
    { courses, platforms: load.platforms },
  );
  await db.raw(`insert into line_items (context, line_item_id)
    select id, 'https://lms.example/' || context_id from contexts where context_id like 'idle-%'`);
  await db.raw(`insert into scores (context, line_item, user_id, value, submitted, submitted_revision, submitted_at, state,
      priority, changed_at)
    select l.context, l.id, 'user', v, v, 1, now(), 'submitted', 3, now() from line_items l
    join contexts c on c.id = l.context cross join (select jsonb_build_object('scoreGiven', 1, 'scoreMaximum', 10,
      'activityProgress', 'Completed', 'gradingProgress', 'FullyGraded') as v) as x where c.context_id like 'idle-%'`);
  await db.raw('analyze scores, line_items, contexts');
}
