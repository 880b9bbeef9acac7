import type { Knex } from 'knex';
import { RESENDABLE_KINDS, type DriftKind } from '../../domain/drift.js';
import { PRIORITY, type ScoreValue } from '../../domain/score.js';
import { isParked } from './parking.js';
import { SUBMITTED } from '../scores/carried-values.js';
import { changeScores } from '../scores/transitions.js';
import { queryRows, type Database } from '../server/knex.js';
import { retryDeadlock } from '../server/retry-deadlock.js';

/** A column that has taken scores of ours. */
export interface ReconcilableColumn {
  /** Our uuid, and its id in the LMS. */
  lineItem: string;
  lineItemId: string;
  columnMaximum: number | null;
}

/** A cell as we left it, and untouched since. */
export interface SentScore {
  id: string;
  userId: string;
  revision: number;
  submitted: ScoreValue;
  /** The roster has had this person, and no longer has. */
  isGone: boolean;
}

export interface FoundDrift {
  score: string;
  kind: DriftKind;
  resultScore: number | null;
  resultMaximum: number | null;
}

/** A moment on the database's clock. */
export type DatabaseInstant = Date;

export interface DriftStore {
  now(): Promise<DatabaseInstant>;
  /** Columns after the one given (by uuid; null: from the first), in the order of their uuids. */
  listColumns(context: string, after: string | null): Promise<ReconcilableColumn[]>;
  /** Submitted scores of a column that nothing has touched since `before`: of some users, or those after an id. */
  listSent(
    input: { lineItem: string; before: DatabaseInstant } & (
      { userIds: readonly string[] } | { after: string | null; limit: number }
    ),
  ): Promise<SentScore[]>;
  /**
   * Records what differs, and with `resend` makes it due again, once for each finding; a grade policy that lets people
   * win keeps what a person changed. Gives the number of scores made due. Repeating it is safe.
   */
  record(input: {
    context: string;
    before: DatabaseInstant;
    found: readonly FoundDrift[];
    resend: boolean;
  }): Promise<number>;
  /** After a column was read whole: what was not found again has ended. */
  endColumn(input: { lineItem: string; before: DatabaseInstant }): Promise<void>;
  /** After all columns of a context were read, or skipped with a reason. */
  endContext(context: string): Promise<void>;
  /** Open drifts of a context by kind. */
  countOpen(context: string): Promise<Record<DriftKind, number>>;
}

export function createDrifts(db: Knex): DriftStore {
  return {
    async now() {
      const [row] = await queryRows<{ now: Date }>(db, 'select clock_timestamp() as now');
      if (!row) throw new Error('The database tells no time.');
      return row.now;
    },
    listColumns: (context, after) =>
      queryRows(
        db,
        `select l.id as "lineItem", l.line_item_id as "lineItemId", l.score_maximum as "columnMaximum"
         from line_items l
         where l.context = :context and l.line_item_id is not null and l.merged_into is null and not ${isParked('l')}
           and (:after::uuid is null or l.id > :after::uuid)
           and exists (select from scores s where s.line_item = l.id and s.state = 'submitted')
         order by l.id`,
        { context, after },
      ),
    listSent: (input) =>
      queryRows(db, LIST_SENT, {
        lineItem: input.lineItem,
        before: input.before,
        userIds: 'userIds' in input ? [...input.userIds] : null,
        after: 'after' in input ? input.after : null,
        limit: 'limit' in input ? input.limit : input.userIds.length,
      }),
    record: (input) => retryDeadlock(() => db.transaction((trx) => record(trx, input))),
    async endColumn({ lineItem, before }) {
      await db.raw(
        `with ended as (
           update drifts set ended_at = now() where line_item = :lineItem and ended_at is null and seen_at < :before
         )
         update line_items set results_read_at = :before where id = :lineItem`,
        { lineItem, before },
      );
    },
    async endContext(context) {
      await db.raw('update contexts set results_read_at = now() where id = ?', [context]);
    },
    async countOpen(context) {
      const rows = await queryRows<{ kind: DriftKind; count: number }>(
        db,
        'select kind, count(*)::int as count from drifts where context = ? and ended_at is null group by kind',
        [context],
      );
      const none = { missing: 0, capped: 0, rescaled: 0, changed: 0, userGone: 0 };
      return Object.assign(none, Object.fromEntries(rows.map(({ kind, count }) => [kind, count])));
    },
  };
}

const LIST_SENT = `
select s.id, s.user_id as "userId", s.revision, ${SUBMITTED} as submitted, coalesce(m.status <> 'Active', false) as "isGone"
from scores s left join memberships m on m.context = s.context and m.user_id = s.user_id
where s.line_item = :lineItem and s.superseded_by is null and s.state = 'submitted' and s.submitted_at < :before
  and s.submitted_revision is not null
  and (:userIds::text[] is null or s.user_id = any (:userIds::text[]))
  and (:after::text is null or s.user_id > :after::text)
order by s.user_id limit :limit`;

interface RecordInput {
  context: string;
  before: DatabaseInstant;
  found: readonly FoundDrift[];
  resend: boolean;
}

async function record(trx: Database, { context, before, found, resend }: RecordInput): Promise<number> {
  if (found.length === 0) return 0;
  const bindings = { context, before, found: JSON.stringify(found) };
  // Locked in the order of their ids, and judged again: what was sent meanwhile is no drift.
  await trx.raw(
    `select 1 from scores s join ${FOUND} on f.score = s.id where ${UNTOUCHED} order by s.id for update of s`,
    bindings,
  );
  // Another kind, or another grade, is another finding: it may be sent again.
  await trx.raw(
    `update drifts d set ended_at = now() from ${FOUND} join scores s on s.id = f.score
     where d.score = f.score and d.ended_at is null and ((d.kind, d.result_score, d.result_maximum, d.revision)
       is distinct from (f.kind, f."resultScore", f."resultMaximum", s.revision))`,
    bindings,
  );
  await trx.raw(OPEN, bindings);
  if (!resend) return 0;
  const rows = await queryRows(trx, RESEND, {
    ...bindings,
    kinds: [...RESENDABLE_KINDS],
    priority: PRIORITY.nightly,
  });
  return rows.length;
}

const FOUND = `jsonb_to_recordset(:found::jsonb)
  as f(score uuid, kind text, "resultScore" double precision, "resultMaximum" double precision)`;
const UNTOUCHED = `s.state = 'submitted' and s.submitted_at < :before`;

const OPEN = `
insert into drifts (context, line_item, score, user_id, kind, revision, score_given, score_maximum, result_score,
  result_maximum)
select s.context, s.line_item, s.id, s.user_id, f.kind, s.revision, (${SUBMITTED} ->> 'scoreGiven')::double precision,
  (${SUBMITTED} ->> 'scoreMaximum')::double precision, f."resultScore", f."resultMaximum"
from ${FOUND} join scores s on s.id = f.score
where s.context = :context and ${UNTOUCHED}
on conflict (score) where ended_at is null do update set seen_at = clock_timestamp()`;

const RESEND = `
with wrong as (
  select s.id, :priority::smallint as priority
  from ${FOUND} join drifts d on d.score = f.score and d.ended_at is null and d.resent_at is null
  join scores s on s.id = f.score join line_items l on l.id = s.line_item join contexts c on c.id = s.context
  where s.context = :context and ${UNTOUCHED} and f.kind = any (:kinds::text[])
    and (f.kind <> 'changed' or coalesce(l.grade_policy, c.grade_policy) <> 'humanWins')
), again as (
  ${changeScores('resent', 'wrong')}
  returning s.id
)
update drifts d set resent_at = now() from again a where d.score = a.id and d.ended_at is null
returning d.id`;
