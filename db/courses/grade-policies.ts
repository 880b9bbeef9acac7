import type { GradePolicy } from '../../domain/grade-policy.js';
import { ROSTER_HOLDS } from '../../domain/membership.js';
import { changeScores } from '../scores/transitions.js';
import { insertAuditEntry, type AuditEntry } from '../access/audit-entries.js';
import { queryRows, type Database } from '../server/knex.js';
import { isReached } from '../access/reach.js';

type Visible = { id: string; platforms: readonly string[] | null };

/** Whose grade counts, and what becomes of scores that wait for that to be decided. Undefined: nothing the caller may see. */
export interface GradePolicies {
  setOfContext(input: Visible & { policy: GradePolicy }): Promise<{ id: string } | undefined>;
  /** Null: the column goes by its course again. */
  setOfLineItem(input: Visible & { policy: GradePolicy | null }): Promise<{ id: string } | undefined>;
  /**
   * `send`: the score goes out over what a person put there, once. `keep`: it ends. `wasHeld` false: nothing was to be
   * decided, and nothing has changed. `audit` is kept with it, and only where something was decided.
   */
  decide(
    input: Visible & { decision: 'send' | 'keep'; audit?: AuditEntry },
  ): Promise<{ wasHeld: boolean; context: string; deployment: string; gate: string } | undefined>;
}

const VISIBLE = `
  join deployments d on d.id = c.deployment
  join platforms p on p.id = d.platform
  where ${isReached()}`;

export function createGradePolicies(db: Database): GradePolicies {
  const first = async <Row>(
    sql: string,
    { platforms, ...bindings }: Visible & Record<string, string | null | readonly string[]>,
    on = db,
  ): Promise<Row | undefined> =>
    (await queryRows<Row>(on, sql, { ...bindings, platforms: platforms && [...platforms] }))[0];
  return {
    setOfContext: (input) =>
      first(
        `update contexts set grade_policy = :policy
         where id = (select c.id from contexts c ${VISIBLE} and c.id = :id) returning id`,
        input,
      ),
    setOfLineItem: (input) =>
      first(
        `update line_items set grade_policy = :policy, updated_at = now()
         where id = (select l.id from line_items l join contexts c on c.id = l.context ${VISIBLE} and l.id = :id)
         returning id`,
        input,
      ),
    decide: ({ audit, ...input }) =>
      db.transaction(async (trx) => {
        const decided = await first<{ wasHeld: boolean; context: string; deployment: string; gate: string }>(
          DECIDE,
          { ...input, rosterHolds: ROSTER_HOLDS },
          trx,
        );
        if (decided?.wasHeld && audit) await insertAuditEntry(trx, audit);
        return decided;
      }),
  };
}

const DECIDE = `
with found as (
  select s.id, s.context, c.deployment, d.gate, case :decision when 'send' then 'decided' else 'declined' end as event,
    case when s.failure_type = any (:rosterHolds::text[]) then s.failure_type else 'HumanGradeKept' end as failure_type
  from scores s join contexts c on c.id = s.context ${VISIBLE} and s.id = :id
  for update of s
), decided as (
  ${changeScores(['decided', 'declined'], 'found')}
  returning s.id
)
select exists (select 1 from decided) as "wasHeld", context, deployment, gate from found`;
