import type { Knex } from 'knex';
import { createLaunches } from '../db/courses/launches.js';
import { createKeyRing } from '../db/server/key-ring.js';

export interface Filling {
  scores: number;
  platforms: number;
}

/** As many as a course may have that is neither small nor large: 62 students and four columns. */
export const SCORES_PER_COURSE = 250;
/** Courses with something ready, the same number at every size, with so many ready scores each. */
const READY_COURSES = 20;
const READY_PER_COURSE = 50;

/**
 * Fills an empty database by statements over whole sets. Of ten courses one is parked, with all its scores due; two have
 * half of theirs waiting for the night: a fifth of all scores waits. All else is submitted, but for the ready ones.
 */
export async function fillScores(db: Knex, { scores, platforms }: Filling): Promise<void> {
  const keyRing = createKeyRing([{ id: 'bench', key: Buffer.alloc(32, 7) }]);
  const launches = createLaunches(db, { keyRing });
  for (let platform = 0; platform < platforms; platform += 1) {
    await launches.record({
      ...{ platformId: `platform-${platform}`, deploymentId: '1', contextId: 'launched', launchedAt: new Date() },
      ...{ family: 'canvas', serviceKey: { secret: 'key', assignmentAndGrades: true, namesAndRoles: true } },
    });
  }
  const courses = Math.ceil(scores / SCORES_PER_COURSE);
  await db.transaction(async (trx) => {
    await trx.raw(COURSES, { courses, platforms, readyCourses: READY_COURSES });
    await trx.raw(CONTEXTS);
    await trx.raw(KEYS);
    await trx.raw(COLUMNS);
    await trx.raw(SCORES, { perCourse: SCORES_PER_COURSE, ready: READY_PER_COURSE });
  });
  // What autovacuum would do at some moment of the measured time.
  for (const table of ['scores', 'contexts', 'line_items', 'service_keys'])
    await db.raw('vacuum (analyze) ??', [table]);
}

/** What becomes of each course is drawn up first, so that all tables follow one plan. */
const COURSES = `
create temporary table plan on commit drop as
select n, gen_random_uuid() as context, d.id as deployment, case
    when n % 10 = 0 then 'parked' when n % 10 <= 2 then 'nightly'
    when row_number() over (partition by n % 10 > 2 order by n) <= :readyCourses then 'ready' else 'done' end as kind
from generate_series(0, :courses::integer - 1) as n
join platforms p on p.platform_id = 'platform-' || n % :platforms::integer
join deployments d on d.platform = p.id`;

const CONTEXTS = `
insert into contexts (id, deployment, context_id, parked_type, parked_at)
select context, deployment, 'course-' || n, case when kind = 'parked' then 'ContextConcluded' end,
  case when kind = 'parked' then now() end from plan`;

const KEYS = `
insert into service_keys (context, ciphertext, encryption_key_id, assignment_and_grades, names_and_roles, launched_at)
select p.context, k.ciphertext, k.encryption_key_id, true, true, now()
from plan p cross join (select ciphertext, encryption_key_id from service_keys limit 1) k`;

const COLUMNS = `
insert into line_items (context, line_item_id)
select context, 'https://lms.example/courses/' || n || '/line_items/' || c from plan cross join generate_series(1, 4) as c`;

const SCORES = `
insert into scores (context, line_item, user_id, value, changed_at, priority, state, awaits_nightly, due_at, not_before,
  submitted, submitted_revision, submitted_at)
select context, line_item, user_id, value, at, 3, case when is_due then 'due' else 'submitted' end,
  is_due and kind = 'nightly', at, at, case when not is_due then value end, case when not is_due then 1 end,
  case when not is_due then at end
from (
  select p.context, l.id as line_item, 'user-' || s / 4 as user_id, p.kind, now() - interval '1 hour' as at,
    jsonb_build_object('scoreGiven', s % 11, 'scoreMaximum', 10, 'activityProgress', 'Completed', 'gradingProgress',
      'FullyGraded') as value,
    p.kind = 'parked' or (p.kind = 'nightly' and s % 2 = 0) or (p.kind = 'ready' and s < :ready::integer) as is_due
  from plan p cross join generate_series(0, :perCourse::integer - 1) as s
  join line_items l on l.context = p.context
    and l.line_item_id = 'https://lms.example/courses/' || p.n || '/line_items/' || s % 4 + 1
) as planned`;
