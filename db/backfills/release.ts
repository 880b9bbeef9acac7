import type { Knex } from 'knex';
import type { ScoreOrigin } from '../../domain/score-origin.js';
import { PRIORITY, type ScoreValue } from '../../domain/score.js';
import { acceptScoresWithin, type AcceptedScore, type ScoreToAccept } from '../scores/accept-scores.js';
import type { ErasedPeople } from '../privacy/erased-people.js';
import { halveRefused } from '../server/halve-refused.js';
import { queryRows } from '../server/knex.js';
import { retryDeadlock } from '../server/retry-deadlock.js';
import { resolveTargets } from '../scores/score-targets.js';
import { emptyLines } from './empty-lines.js';
import { JUDGE_PAGE, LOCK_PAGE, LOCK_SCORES, NOTE_RELEASED } from './release-sql.js';

/** A course to be woken. */
export interface ReleasedContext {
  context: string;
  deployment: string;
  gate: string;
}

export interface ReleasedPage {
  lines: number;
  contexts: ReleasedContext[];
}

export interface ReleaseStore {
  /**
   * Makes up to `limit` lines of one deployment due, at the priority of bulk work; none where the backfill is not being
   * released. A line whose score changed since it was judged is overtaken; one that PostgreSQL refuses for good is not
   * sent, for that reason, and takes no other with it. Repeating it releases the next ones.
   */
  releasePage(input: { backfill: string; deployment: string; limit: number }): Promise<ReleasedPage>;
  /** Pending and unfinished lines by deployment. */
  listQueues(backfill: string): Promise<ReleaseQueue[]>;
}

export interface ReleaseQueue {
  deployment: string;
  hasPending: boolean;
  unfinished: number;
  /** Calls a second that the platform bears at present, at most. */
  perSecond: number;
}

export function createRelease(db: Knex, erased: ErasedPeople): ReleaseStore {
  return {
    releasePage: ({ backfill, deployment, limit }) => releaseWhatGoes(db, erased, { backfill, deployment, limit }),
    listQueues: (backfill) => queryRows(db, LIST_QUEUES, { backfill }),
  };
}

interface PageToRelease {
  backfill: string;
  deployment: string;
  limit: number;
}

async function releaseWhatGoes(
  db: Knex,
  erased: ErasedPeople,
  { backfill, deployment, limit }: PageToRelease,
): Promise<ReleasedPage> {
  return halveRefused(
    limit,
    (some) =>
      retryDeadlock(() => db.transaction((trx) => releasePage(trx, erased, { backfill, deployment, limit: some }))),
    async () => {
      await queryRows(db, GIVE_UP_NEXT_LINE, { backfill, deployment, reason: 'RefusedByDatabase' });
      return { lines: 1, contexts: [] };
    },
  );
}

const LIST_QUEUES = `
select t.deployment,
  exists (select from backfill_items i
    where i.backfill = :backfill and i.state = 'pending' and i.deployment = t.deployment) as "hasPending",
  (select count(*) from backfill_items i
    where i.backfill = :backfill and i.state = 'released' and i.deployment = t.deployment)::int as unfinished,
  least(f.in_flight_max * 10, coalesce(f.rate_per_second, 1000000)) as "perSecond"
from (select distinct deployment from backfill_targets where backfill = :backfill and deployment is not null) as t
join deployments d on d.id = t.deployment join gates f on f.id = d.gate
order by t.deployment`;

/** A column that turned out to be another since it was looked up. */
async function followMerges(trx: Knex.Transaction, backfill: string): Promise<void> {
  for (;;) {
    const rows = await queryRows(
      trx,
      `update backfill_targets t set line_item = l.merged_into from line_items l
       where t.backfill = :backfill and l.id = t.line_item and l.merged_into is not null returning 1`,
      { backfill },
    );
    if (rows.length === 0) return;
  }
}

interface UnknownColumn {
  target: number;
  platformId: string;
  deploymentId: string;
  contextId: string;
  lineItemId: string | null;
  resourceLinkId: string | null;
  resourceId: string | null;
  tag: string | null;
  label: string | null;
  scoreMaximum: number | null;
}

/** Columns that nobody has named before are stored as wanted, now that something is to be sent to them. */
async function findColumns(trx: Knex.Transaction, backfill: string, deployment: string, limit: number): Promise<void> {
  const unknown = await queryRows<UnknownColumn>(
    trx,
    `select t.target, t.platform_id as "platformId", d.deployment_id as "deploymentId", t.context_id as "contextId",
       t.line_item_id as "lineItemId", t.resource_link_id as "resourceLinkId", t.resource_id as "resourceId", t.tag,
       t.label, t.score_maximum as "scoreMaximum"
     from backfill_targets t join deployments d on d.id = t.deployment
     where t.backfill = :backfill and t.line_item is null and t.problem is null and t.target in (
       select target from backfill_items i
       where i.backfill = :backfill and i.state = 'pending' and i.deployment = :deployment order by line limit :limit)`,
    { backfill, deployment, limit },
  );
  if (unknown.length === 0) return;
  const found = await resolveTargets(
    trx,
    unknown.map(({ platformId, deploymentId, contextId, ...column }) => ({
      ...{ platformId, deploymentId, contextId, platforms: null },
      lineItem: toName(column),
    })),
  );
  for (const [place, { target }] of unknown.entries()) {
    const column = found[place];
    if (!column) continue;
    if ('problem' in column) await queryRows(trx, GIVE_UP, { backfill, target, reason: column.problem });
    else await trx('backfill_targets').where({ backfill, target }).update({ line_item: column.lineItem });
  }
}

const giveUp = (which: string): string => `
with given_up as (
  update backfill_items set state = 'unsent', kind = 'refused', reason = :reason, settled_at = now()
  where backfill = :backfill and state = 'pending' and ${which} returning 1
)
update backfills set rejected = rejected + (select count(*) from given_up)::int,
  unsent = unsent - (select count(*) from given_up)::int
where id = :backfill`;
/** Lines of a course that is no longer to be found would be pending for ever. */
const GIVE_UP = giveUp('target = :target');
const GIVE_UP_NEXT_LINE = giveUp(`line = (
    select min(line) from backfill_items where backfill = :backfill and state = 'pending' and deployment = :deployment)`);

function toName(column: Omit<UnknownColumn, 'target' | 'platformId' | 'deploymentId' | 'contextId'>) {
  const { lineItemId, resourceLinkId, resourceId, tag, label, scoreMaximum } = column;
  if (lineItemId !== null) return { id: lineItemId };
  if (resourceId === null) return { resourceLinkId: resourceLinkId ?? '' };
  return { resourceId, label: label ?? resourceId, scoreMaximum: scoreMaximum ?? 1, ...(tag !== null && { tag }) };
}

interface PickedLine {
  line: number;
  context: string;
  deployment: string;
  gate: string;
  lineItem: string;
  userId: string;
  isOvertaken: boolean;
  value: ScoreValue;
  changedAt: Date;
  force: boolean;
}

async function releasePage(
  trx: Knex.Transaction,
  erased: ErasedPeople,
  { backfill, deployment, limit }: PageToRelease,
): Promise<ReleasedPage> {
  const open = await queryRows(
    trx,
    `select 1 from backfills where id = :backfill and state = 'releasing' for no key update`,
    { backfill },
  );
  if (open.length === 0) return { lines: 0, contexts: [] };
  await followMerges(trx, backfill);
  await findColumns(trx, backfill, deployment, limit);
  await queryRows(trx, LOCK_PAGE, { backfill, deployment, limit });
  await queryRows(trx, LOCK_SCORES);
  const judged = await queryRows<PickedLine>(trx, JUDGE_PAGE, { backfill });
  const gone = await erased.find(trx, judged);
  if (gone.size > 0)
    await emptyLines(
      trx,
      backfill,
      judged.filter((_, place) => gone.has(place)).map(({ line }) => line),
    );
  const lines = judged.filter((_, place) => !gone.has(place));
  const wanted = lines.filter(({ isOvertaken }) => !isOvertaken);
  const origin: ScoreOrigin = { source: 'backfill', id: backfill, requestId: null };
  const outcomes = await acceptScoresWithin(
    trx,
    wanted.map((line) => ({ ...toScore(line), origin })),
  );
  const results = [
    ...lines.filter(({ isOvertaken }) => isOvertaken).map(({ line }) => ({ line, state: 'overtaken' })),
    ...wanted.map(({ line }, place) => ({ line, ...toResult(outcomes[place]) })),
  ];
  await queryRows(trx, NOTE_RELEASED, { backfill, results: JSON.stringify(results) });
  const released = wanted.filter((_, place) => outcomes[place]?.needsSync);
  const contexts = new Map(released.map(({ context, gate }) => [context, { context, deployment, gate }]));
  return { lines: judged.length, contexts: [...contexts.values()] };
}

function toScore({ context, lineItem, userId, value, changedAt, force }: PickedLine): Omit<ScoreToAccept, 'origin'> {
  return { context, lineItem, userId, value, changedAt, force, priority: PRIORITY.bulk, awaitsNightly: false };
}

/** `there`: the gradebook holds it already, so no call is made. */
function toResult(accepted: AcceptedScore | undefined): { state: string; score?: string; revision?: number } {
  if (!accepted) throw new Error('A line got no answer from the store.');
  const { id, revision, outcome, needsSync } = accepted;
  if (outcome === 'superseded' || outcome === 'wouldClear') return { state: 'overtaken' };
  return { state: needsSync ? 'released' : 'there', score: id, revision };
}
