import type { ScoreState } from '../../domain/score.js';
import { queryRows, type Database } from '../server/knex.js';
import { changeScores } from './transitions.js';

export interface Withdrawals {
  /**
   * Ends a score that is due, before it is sent; in any other state it stays as it is. Gives the state that it was in;
   * undefined: there is none that the caller may see. Under the score's lock, so that no claim has it meanwhile.
   */
  withdraw(input: {
    id: string;
    platforms: readonly string[] | null;
    reason: string;
  }): Promise<{ state: ScoreState } | undefined>;
}

export function createWithdrawals(db: Database): Withdrawals {
  return {
    async withdraw({ id, platforms, reason }) {
      const bindings = { id, reason, platforms: platforms && [...platforms] };
      return (await queryRows<{ state: ScoreState }>(db, WITHDRAW, bindings))[0];
    },
  };
}

const WITHDRAW = `
with found as (
  select s.id, s.state, :reason::text as failure_detail
  from scores s join contexts c on c.id = s.context join deployments d on d.id = c.deployment
  join platforms p on p.id = d.platform
  where s.id = :id and (:platforms::text[] is null or p.platform_id = any (:platforms::text[]))
  for update of s
), ended as (
  ${changeScores('calledOff', 'found')}
)
select state from found`;
