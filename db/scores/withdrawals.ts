import type { ScoreState } from '../../domain/score.js';
import { insertAuditEntry, type AuditEntry } from '../access/audit-entries.js';
import { queryRows, type Database } from '../server/knex.js';
import { changeScores } from './transitions.js';
import { isReached } from '../access/reach.js';

export interface Withdrawals {
  /**
   * Ends a score that is due, before it is sent; in any other state it stays as it is. Gives the state that it was in;
   * undefined: there is none that the caller may see. Under the score's lock, so that no claim has it meanwhile.
   */
  withdraw(input: {
    id: string;
    platforms: readonly string[] | null;
    reason: string;
    /** Kept with it, and only where it ends. */
    audit?: AuditEntry;
  }): Promise<{ state: ScoreState } | undefined>;
}

export function createWithdrawals(db: Database): Withdrawals {
  return {
    withdraw: ({ id, platforms, reason, audit }) =>
      db.transaction(async (trx) => {
        const bindings = { id, reason, platforms: platforms && [...platforms] };
        const [found] = await queryRows<{ state: ScoreState }>(trx, WITHDRAW, bindings);
        if (found?.state === 'due' && audit) await insertAuditEntry(trx, audit);
        return found;
      }),
  };
}

const WITHDRAW = `
with found as (
  select s.id, s.state, :reason::text as failure_detail
  from scores s join contexts c on c.id = s.context join deployments d on d.id = c.deployment
  join platforms p on p.id = d.platform
  where s.id = :id and ${isReached()}
  for update of s
), ended as (
  ${changeScores('calledOff', 'found')}
)
select state from found`;
