import type { Knex } from 'knex';
import { createLaunches } from '../db/courses/launches.js';
import { createKeyRing } from '../db/vault/key-ring.js';
import { createVault } from '../db/vault/vault.js';

export interface Filling {
  scores: number;
  platforms: number;
  /** Default: 250. */
  perCourse?: number;
  /** Students are in ten courses each, as in a school; otherwise all courses have the same ones. */
  hasOwnStudents?: boolean;
}

/** As many as a course may have that is neither small nor large: 62 students and four columns. */
export const SCORES_PER_COURSE = 250;
/** Courses with something ready, the same number at every size, with so many ready scores each. */
const READY_COURSES = 20;
const READY_PER_COURSE = 50;
/** Of the parked ones those that are to be probed, and others that want columns: few, and as many at every size. */
const FEW_COURSES = 4;

/**
 * Fills an empty database by statements over whole sets. Of ten courses one is parked, with all its scores on hold; two
 * have half of theirs waiting for the night: a fifth of all scores waits. All else is submitted, but for the ready ones and
 * those whose columns are wanted. The queue is filled as its trigger and the claim would have left it, without them.
 */
export async function fillScores(
  db: Knex,
  { scores, platforms, perCourse = SCORES_PER_COURSE, hasOwnStudents = false }: Filling,
): Promise<void> {
  const keyRing = createKeyRing([{ id: 'bench', key: Buffer.alloc(32, 7) }]);
  const launches = createLaunches(db, { vault: createVault(keyRing) });
  for (let platform = 0; platform < platforms; platform += 1) {
    await launches.record({
      ...{ platformId: `platform-${platform}`, deploymentId: '1', contextId: 'launched', launchedAt: new Date() },
      ...{ family: 'canvas', serviceKey: { secret: 'key', assignmentAndGrades: true, namesAndRoles: true } },
    });
  }
  const courses = Math.ceil(scores / perCourse);
  await db.transaction(async (trx) => {
    // Rows of a plan that holds need no trigger, neither ours nor that of a foreign key.
    await trx.raw('set local session_replication_role = replica');
    await trx.raw(COURSES, { courses, platforms, readyCourses: READY_COURSES, few: FEW_COURSES });
    await trx.raw(CONTEXTS);
    await trx.raw(KEYS);
    await trx.raw(COLUMNS);
    await trx.raw(SCORES, { perCourse, hasOwnStudents, ready: READY_PER_COURSE });
    await trx.raw(QUEUE);
  });
  // What autovacuum would do at some moment of the measured time.
  for (const table of ['scores', 'score_queue', 'contexts', 'line_items', 'service_keys'])
    await db.raw('vacuum (analyze) ??', [table]);
}

/**
 * What becomes of each course is drawn up first, so that all tables follow one plan. Their ids begin with their number, so
 * that a page by ids has the same mixture at every size; what is ready or wanted comes last.
 */
const COURSES = `
create temporary table plan on commit drop as
select planned.*, (case when kind in ('ready', 'wanted') then 'f' else '0' end || lpad(to_hex(n), 7, '0')
  || substr(gen_random_uuid()::text, 9))::uuid as context
from (
  select n, d.id as deployment, d.gate, n / 10 < :few::integer as is_early, case
      when n % 10 = 0 then 'parked' when n % 10 <= 2 then 'nightly' when n % 10 = 9 and n / 10 < :few::integer then 'wanted'
      when row_number() over (partition by n % 10 between 3 and 8 order by n) <= :readyCourses then 'ready'
      else 'done' end as kind
  from generate_series(0, :courses::integer - 1) as n
  join platforms p on p.platform_id = 'platform-' || n % :platforms::integer
  join deployments d on d.platform = p.id
) as planned`;

const CONTEXTS = `
insert into contexts (id, deployment, context_id, parked_type, parked_at, parked_until)
select context, deployment, 'course-' || n, case when kind = 'parked' then 'ContextConcluded' end,
  case when kind = 'parked' then now() end, case when kind = 'parked' and is_early then now() - interval '1 minute'
    when kind = 'parked' and n % 20 = 0 then now() + interval '1 day' end from plan`;

const KEYS = `
insert into service_keys (context, ciphertext, data_key, assignment_and_grades, names_and_roles, launched_at)
select p.context, k.ciphertext, k.data_key, true, true, now()
from plan p cross join (select ciphertext, data_key from service_keys limit 1) k`;

const COLUMNS = `
insert into line_items (context, line_item_id, resource_id, tag)
select context, case when kind <> 'wanted' then 'https://lms.example/courses/' || n || '/line_items/' || c end, 'quiz', c
from plan cross join generate_series(1, 4) as c`;

const SCORES = `
insert into scores (context, line_item, user_id, value, changed_at, priority, state, awaits_nightly, due_at, not_before,
  submitted, submitted_revision, submitted_at)
select context, line_item, user_id, value, at, 3, case when is_due then 'due' else 'submitted' end,
  is_due and kind = 'nightly', at, at, case when not is_due then value end, case when not is_due then 1 end,
  case when not is_due then at end
from (
  select p.context, l.id as line_item,
    'user-' || case when :hasOwnStudents::boolean then n / 10 || '-' else '' end || s / 4 as user_id, p.kind, now() - interval '1 hour' as at,
    jsonb_build_object('scoreGiven', s % 11, 'scoreMaximum', 10, 'activityProgress', 'Completed', 'gradingProgress',
      'FullyGraded') as value,
    p.kind in ('parked', 'wanted') or (p.kind = 'nightly' and s % 2 = 0) or (p.kind = 'ready' and s < :ready::integer) as is_due
  from plan p cross join generate_series(0, :perCourse::integer - 1) as s
  join line_items l on l.context = p.context and l.tag = (s % 4 + 1)::text
) as planned`;

const QUEUE = `
insert into score_queue (score, gate, context, line_item, priority, due_at, hold)
select s.id, p.gate, s.context, s.line_item, s.priority, s.due_at,
  case p.kind when 'parked' then 'context' when 'nightly' then 'night' when 'wanted' then 'wanted' end
from scores s join plan p on p.context = s.context where s.state = 'due'`;
