import type { Knex } from 'knex';
import { fillScores, type Filling } from './fill-scores.js';

/** What lists show besides scores, the same at every size: each far longer than a page. */
const KEYS = 1_000;
const DEEDS = 20_000;
const RUNS = 500;

/**
 * Scores with all that people look at beside them: a call and an origin for each, people in the roster, every hundredth
 * rejected for one of several reasons, and long lists of runs, keys, sessions and deeds.
 */
export async function fillConsole(db: Knex, filling: Omit<Filling, 'hasOwnStudents'>): Promise<void> {
  await fillScores(db, { ...filling, hasOwnStudents: true });
  // With the triggers that note what is in trouble.
  await db.raw(REJECTED);
  await db.transaction(async (trx) => {
    await trx.raw('set local session_replication_role = replica');
    await trx.raw(ATTEMPTS);
    await trx.raw(REVISIONS);
    await trx.raw(MEMBERSHIPS);
    await trx.raw(LIST_OF_KEYS, { keys: KEYS });
    await trx.raw(SESSIONS);
    await trx.raw(LIST_OF_DEEDS, { deeds: DEEDS });
    await trx.raw(LIST_OF_RUNS, { runs: RUNS });
  });
  const tables = [
    'scores',
    'attempts',
    'score_revisions',
    'memberships',
    'api_keys',
    'console_sessions',
    'audit_entries',
  ];
  for (const table of [...tables, 'runs']) await db.raw('vacuum (analyze) ??', [table]);
}

const REJECTED = `
update scores set state = 'rejected', submitted = null, submitted_revision = null, submitted_at = null,
  failure_type = (array['ScoreRejected', 'MemberNotInContext', 'LineItemNotFound', 'ScoreTooLarge'])[1 + seq % 4],
  updated_at = now() - seq % 168 * interval '1 hour'
where state = 'submitted' and seq % 100 = 7`;

const ATTEMPTS = `
insert into attempts (score, revision, kind, outcome, status, failure_type, started_at, duration_ms, lane_token)
select id, revision, 'submit', case when state = 'rejected' then 'rejected' else 'submitted' end,
  case when state = 'rejected' then 422 else 200 end, failure_type, now(), 200, 1
from scores where state in ('submitted', 'rejected')`;

const REVISIONS = `
insert into score_revisions (score, changed_at, revision, source) select id, changed_at, revision, 'unknown' from scores`;

const MEMBERSHIPS = `
insert into memberships (context, user_id, roles, status, seen_in_read, standing)
select distinct context, user_id, array['Learner'], 'Active', 1, 'learner' from scores`;

const LIST_OF_KEYS = `
insert into api_keys (name, hash, hint, scopes) select 'key ' || n, sha256(('key ' || n)::bytea), 'hint', array['read']
from generate_series(1, :keys::integer) as n`;

const SESSIONS = `
insert into console_sessions (hash, api_key, expires_at) select hash, id, now() + interval '12 hours' from api_keys`;

const LIST_OF_DEEDS = `
insert into audit_entries (api_key, action, subject, reason, at)
select keys[1 + n % cardinality(keys)], 'contexts.pause', courses[1 + n % cardinality(courses)], 'exams',
  now() - n * interval '1 minute'
from generate_series(1, :deeds::integer) as n, (select array_agg(id) from api_keys) as k (keys),
  (select array_agg(id::text) from contexts) as c (courses)`;

const LIST_OF_RUNS = `
insert into runs (id, kind, trigger, state, started_at, ends_by, ended_at)
select gen_random_uuid(), 'nightly', 'schedule', 'completed', at, at + interval '6 hours', at + interval '1 hour'
from (select now() - n * interval '1 day' as at from generate_series(1, :runs::integer) as n) as nights`;
