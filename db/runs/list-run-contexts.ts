/** The courses of a run, each with what the run knows of it. */
import type { RunContextState } from '../../domain/run.js';
import { queryRows, type Database } from '../server/knex.js';
import { isReached } from '../access/reach.js';

export interface RunContextRecord {
  context: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  title: string | null;
  state: RunContextState;
  /** Null: it is in line. */
  askedAt: Date | null;
  settledAt: Date | null;
  submitted: number;
  rejected: number;
  waiting: number;
  /** By kind of failure, or what else is waited for, when the run last counted. */
  waitingFor: Record<string, number>;
  /** Why it could not be read. */
  failure: string | null;
}

export interface RunContextPage {
  run: string;
  /** The platform ids that the caller may see; null: all. */
  platforms: readonly string[] | null;
  platformId?: string | undefined;
  deploymentId?: string | undefined;
  state?: RunContextState | undefined;
  /** The context that the last page ended with. */
  after: string | null;
  limit: number;
}

const STATE = `case when rc.settled_at is not null then 'settled' when rc.left_at is not null then 'notSettled'
  when rc.asked_at is null then 'inLine' else 'underWay' end`;

export async function listRunContexts(
  db: Database,
  { run, platforms, platformId, deploymentId, state, after, limit }: RunContextPage,
): Promise<RunContextRecord[]> {
  return queryRows(
    db,
    `select rc.context, p.platform_id as "platformId", d.deployment_id as "deploymentId", c.context_id as "contextId",
       c.title, ${STATE} as state, rc.asked_at as "askedAt", rc.settled_at as "settledAt", rc.submitted, rc.rejected,
       rc.waiting, rc.waiting_for as "waitingFor", rc.failure
     from run_contexts rc join contexts c on c.id = rc.context join deployments d on d.id = c.deployment
     join platforms p on p.id = d.platform
     where rc.run = :run and ${isReached()}
       and (:platformId::text is null or p.platform_id = :platformId)
       and (:deploymentId::text is null or d.deployment_id = :deploymentId)
       and (:state::text is null or ${STATE} = :state) and (:after::uuid is null or rc.context > :after::uuid)
     order by rc.context limit :limit`,
    {
      ...{ run, platforms: platforms && [...platforms], state: state ?? null, after, limit },
      ...{ platformId: platformId ?? null, deploymentId: deploymentId ?? null },
    },
  );
}
