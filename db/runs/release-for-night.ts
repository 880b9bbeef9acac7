import { changeScores } from '../scores/transitions.js';
import type { Database } from '../server/knex.js';

/** Lets go what waits for the night in these courses, in the order of ids, as every statement locks scores. */
export async function releaseForNight(trx: Database, contexts: readonly string[]): Promise<void> {
  await trx.raw(
    `with released as (
       select s.id from score_queue q join scores s on s.id = q.score
       where q.context = any (?::uuid[]) and q.hold = 'night' and s.state = 'due' and s.awaits_nightly
       order by s.id for update of s
     )
     ${changeScores('called', 'released')}`,
    [[...contexts]],
  );
}
