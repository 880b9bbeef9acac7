import { createLaunches } from '../db/courses/launches.js';
import { createVault } from '../db/vault/vault.js';
import type { BenchStack } from './stack.js';

export interface BackfillLoad {
  lines: number;
  courses: number;
  /** The part of the lines whose score is held already. */
  held: number;
}

const PLATFORM = 'bench-platform';
const columnOf = (course: number): string => `https://lms.example/api/lti/courses/${course}/line_items/1`;

/** Courses with a roster that lacks every tenth student, and scores that were submitted, by statements of the database. */
export async function seedHeld({ db, keyRing }: BenchStack, load: BackfillLoad): Promise<void> {
  const launches = createLaunches(db, { vault: createVault(keyRing) });
  for (let course = 0; course < load.courses; course += 1) {
    await launches.record({
      ...{ platformId: PLATFORM, deploymentId: '1', contextId: `course-${course}`, launchedAt: new Date() },
      ...{ family: 'canvas', lineItemId: columnOf(course) },
      serviceKey: { secret: `key-${course}`, assignmentAndGrades: true, namesAndRoles: true },
    });
  }
  await db.raw(`create temporary table places as select c.id as context, l.id as line_item,
    split_part(c.context_id, '-', 2)::integer as course from contexts c join line_items l on l.context = c.id`);
  const held = Math.round(load.lines * load.held);
  await db.raw(
    `insert into scores (context, line_item, user_id, value, submitted, submitted_revision, submitted_at, state, priority,
       changed_at)
     select p.context, p.line_item, 'user-' || n, v, v, 1, now(), 'submitted', 3, now() - interval '1 day'
     from generate_series(0, :last::integer) as n join places p on p.course = n % :courses::integer
     cross join lateral (select jsonb_build_object('scoreGiven', n % 11, 'scoreMaximum', 10, 'activityProgress',
       'Completed', 'gradingProgress', 'FullyGraded') as v) as x`,
    { last: held - 1, courses: load.courses },
  );
  await db.raw(
    `insert into memberships (context, user_id, roles, status, seen_in_read)
     select p.context, 'user-' || n, '{Learner}', 'Active', 1
     from generate_series(0, :last::integer) as n join places p on p.course = n % :courses::integer where n % 10 <> 0`,
    { last: load.lines - 1, courses: load.courses },
  );
  await db.raw('update contexts set roster_read = 1, roster_read_at = now()');
  await db.raw('analyze');
}

/** The file, in parts of about 64 kB; `look` is called at each tenth of it. */
export function* toCsvChunks({ lines, courses }: BackfillLoad, look: (part: number) => void): Generator<Buffer> {
  let text = 'platformId,contextId,userId,lineItemId,scoreGiven,scoreMaximum\n';
  for (let n = 0; n < lines; n += 1) {
    const course = n % courses;
    text += `${PLATFORM},course-${course},user-${n},${columnOf(course)},${(n * 7 + 3) % 11},10\n`;
    if (n % Math.ceil(lines / 10) === 0 && n > 0) look(n / lines);
    if (text.length < 64_000) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}
