import { REFUSED_MEMBERS, ROSTER_HOLDS } from '../../domain/membership.js';
import { keptBackBy } from '../scores/kept-back.js';
import { changeScores } from '../scores/transitions.js';
import { queryRows, type Database } from '../server/knex.js';

/**
 * A learner who launches is in the course: what an older roster said of him has ended, and scores that were kept back or
 * refused for want of an enrolment are due again. Gives their number. Repeating an older launch does nothing.
 */
export async function welcomeLearner(
  trx: Database,
  input: { context: string; learnerId: string; launchedAt: Date },
): Promise<number> {
  await trx.raw(
    `with back as (
       update memberships m set status = 'Active', missed_reads = 0, updated_at = now()
       from contexts c
       where c.id = :context and m.context = c.id and m.user_id = :learnerId and m.status <> 'Active'
         and (c.roster_read_at is null or c.roster_read_at < :launchedAt)
       returning m.context, m.user_id, m.roles, c.roster_read
     )
     insert into membership_changes (context, user_id, change, status, roles_before, roles_after, read)
     select context, user_id, 'returned', 'Active', roles, roles, roster_read from back`,
    input,
  );
  const released = await queryRows(
    trx,
    `with waiting as (
       select s.id from score_troubles t join scores s on s.id = t.score left join memberships m on m.context = s.context and m.user_id = s.user_id
       where t.context = :context and t.user_id = :learnerId and s.updated_at < :launchedAt
         and ${keptBackBy('m')} is null
         and ((s.state = 'held' and s.failure_type = any (:holds::text[]))
           or (s.state = 'rejected' and s.failure_type = any (:refusals::text[])))
       order by s.id for update of s
     )
     ${changeScores('letGo', 'waiting')} returning s.id`,
    { ...input, holds: [...ROSTER_HOLDS], refusals: [...REFUSED_MEMBERS] },
  );
  return released.length;
}
