import type { Knex } from 'knex';
import { SUBMITTED } from '../scores/carried-values.js';
import { isFreeOf } from '../scores/readiness.js';
import { changeScores, removeVanished } from '../scores/transitions.js';
import { queryRows } from '../server/knex.js';
import { isRefusalOfData, refusalCode } from '../server/refusal-code.js';
import { retryDeadlock } from '../server/retry-deadlock.js';
import { breakOff } from './control.js';

export interface OutcomeStore {
  /** Notes what became of released lines, and says how many are still open. Repeating it changes nothing. */
  noteOutcomes(backfill: string): Promise<{ open: number }>;
  /**
   * Puts released scores of a halted backfill that were not sent back to what they were, as far as no call of theirs is
   * under way and the tool has not spoken since. `onlyParked`: of one that is being released, those that wait for
   * something that was set aside. One that was resumed, or halted, meanwhile is left alone. Where PostgreSQL refuses to put
   * lines back, all others are, and the backfill is broken off: it says how many are sent all the same.
   */
  withdraw(backfill: string, options?: { onlyParked?: boolean }): Promise<number>;
}

export function createOutcomes(db: Knex): OutcomeStore {
  return {
    async noteOutcomes(backfill) {
      return retryDeadlock(() =>
        db.transaction(async (trx) => {
          await queryRows(trx, 'select 1 from backfills where id = :backfill for no key update', { backfill });
          const [row] = await queryRows<{ open: number }>(trx, SETTLE, { backfill });
          return { open: row?.open ?? 0 };
        }),
      );
    },
    withdraw: (backfill, { onlyParked = false } = {}) => withdrawWhatGoes(db, backfill, onlyParked),
  };
}

/** Lines that are refused one by one, before the others of them are left too: each costs statements that fail. */
const MOST_REFUSED = 50;

async function withdrawWhatGoes(db: Knex, backfill: string, onlyParked: boolean): Promise<number> {
  const take = (lines: readonly number[] | null): Promise<number> =>
    retryDeadlock(() => db.transaction((trx) => withdraw(trx, { backfill, onlyParked, lines })));
  const refusals: string[] = [];
  const takeOrHalve = async (lines: readonly number[]): Promise<number> => {
    if (lines.length === 0 || refusals.length >= MOST_REFUSED) return 0;
    try {
      return await take(lines);
    } catch (error) {
      const code = codeOfData(error);
      if (lines.length === 1) return (refusals.push(code), 0);
      const middle = Math.floor(lines.length / 2);
      return (await takeOrHalve(lines.slice(0, middle))) + (await takeOrHalve(lines.slice(middle)));
    }
  };
  try {
    return await take(null);
  } catch (error) {
    const code = codeOfData(error);
    const rows = await queryRows<{ line: number }>(db, RELEASED_LINES, { backfill });
    const count = await takeOrHalve(rows.map(({ line }) => line));
    await breakOff(db, backfill, refusals[0] ?? code);
    return count;
  }
}

/** @throws what is no refusal of data */
function codeOfData(error: unknown): string {
  const code = refusalCode(error);
  if (code === undefined || !isRefusalOfData(code)) throw error;
  return code;
}

async function withdraw(
  trx: Knex.Transaction,
  { backfill, onlyParked, lines }: { backfill: string; onlyParked: boolean; lines: readonly number[] | null },
): Promise<number> {
  const states = onlyParked ? ['releasing'] : ['paused', 'cancelling'];
  const here = await queryRows(trx, LOCK_WHERE, { backfill, states });
  if (here.length === 0) return 0;
  const rows = await queryRows(trx, WITHDRAW, { backfill, onlyParked, lines: lines && [...lines] });
  if (onlyParked && rows.length > 0) await queryRows(trx, NOTE_PARKED, { backfill, count: rows.length });
  return rows.length;
}

const RELEASED_LINES = `select line from backfill_items where backfill = :backfill and state = 'released' order by line`;

const LOCK_WHERE = `
select 1 from backfills where id = :backfill and state = any (:states::text[]) for no key update`;

/**
 * A score that is newer than what was released may have been sent before: its attempts tell. While a call of the released
 * revision is under way, or its end is unknown, the line stays open; where the score is gone, since another backfill took
 * it back, nothing is left to wait for. Evidence is looked for from a day before on, so that old weeks are left out, and the
 * clock of a worker may be wrong by as much.
 */
const SETTLE = `
with seen as (
  select i.line, case
    when s.id is null then 'overtaken'
    when s.sending_revision = i.released_revision then null
    when s.state = 'submitted' and s.revision = i.released_revision then 'sent'
    when s.state in ('rejected', 'held') and s.revision = i.released_revision then s.state
    when s.revision = i.released_revision and s.state <> 'superseded' and s.changed_at = i.released_changed_at then null
    when exists (select from attempts a where a.score = s.id and a.started_at > b.released_at - interval '1 day'
      and a.revision = i.released_revision and a.outcome in ('submitted', 'confirmed')) then 'sent'
    else 'overtaken' end as state,
    s.failure_type, s.submitted_at
  from backfill_items i join backfills b on b.id = i.backfill left join scores s on s.id = i.score
  where i.backfill = :backfill and i.state = 'released'
), settled as (
  update backfill_items i set state = e.state, settled_at = case when e.state = 'sent' then e.submitted_at else now() end,
    reason = case when e.state in ('rejected', 'held') then e.failure_type else i.reason end
  from seen e
  where i.backfill = :backfill and i.line = e.line and i.state = 'released' and e.state is not null
  returning i.state
), counted as (
  select count(*)::int as n, count(*) filter (where state = 'sent')::int as sent,
    count(*) filter (where state in ('rejected', 'held'))::int as rejected,
    count(*) filter (where state = 'overtaken')::int as overtaken
  from settled
), ticked as (
  select coalesce(now() - rate_at >= interval '3 seconds', false) as ticks, extract(epoch from now() - rate_at) as seconds
  from backfills where id = :backfill
), noted as (
  update backfills b set sent = b.sent + c.sent, rejected = b.rejected + c.rejected,
    overtaken = b.overtaken + c.overtaken, unsent = b.unsent - c.n, updated_at = now(),
    rate_per_second = case when ticks and b.rate_per_second = 0 then (b.sent + c.sent - b.rate_sent) / seconds
      when ticks then (b.rate_per_second + (b.sent + c.sent - b.rate_sent) / seconds) / 2
      else b.rate_per_second end,
    rate_sent = case when ticks or b.rate_at is null then b.sent + c.sent else b.rate_sent end,
    rate_at = case when ticks or b.rate_at is null then now() else b.rate_at end
  from counted c, ticked
  where b.id = :backfill
)
select (select count(*) from seen where state is null)::int as open`;

/** A row that the backfill made is gone again, unless something tells of it, such as a failed call, or a score that was merged into it: then it stays, and says that it was withdrawn. */
const WITHDRAW = `
with open as (
  select i.line, i.score, i.was, i.released_revision, i.released_changed_at
  from backfill_items i join scores s on s.id = i.score
  where i.backfill = :backfill and i.state = 'released' and (:lines::integer[] is null or i.line = any (:lines::integer[]))
    and (not :onlyParked or exists (
      select from contexts c join line_items l on l.id = s.line_item
      where c.id = s.context and not (${isFreeOf('contextParked', 'lineItemParked')})))
), locked as (
  select s.id, o.line, o.was, case
    when o.was is not null then 'putBack'
    when exists (select from attempts a where a.score = s.id and a.started_at > s.created_at - interval '1 day')
      or exists (select from drifts d where d.score = s.id)
      or exists (select from webhook_events e where e.score = s.id)
      or exists (select from scores m where m.superseded_by = s.id) then 'withdrawn'
    else 'vanished' end as event, case
    when o.was ->> 'state' in ('rejected', 'held') then o.was ->> 'state'
    when o.was ->> 'state' <> 'due' and ${SUBMITTED} = o.was -> 'value' then 'submitted'
    else 'due' end as back_to
  from open o join scores s on s.id = o.score
  where s.state = 'due' and s.revision = o.released_revision and s.changed_at = o.released_changed_at
  order by s.id for update of s
), removed as (
  ${removeVanished('locked')}
), restored as (
  ${changeScores(['putBack', 'withdrawn'], 'locked')}
  returning s.id, s.revision, s.changed_at
), noted as (
  insert into score_revisions (score, revision, changed_at, was, source, origin_id)
  select r.id, r.revision, r.changed_at, (select w.value from scores w where w.id = r.id), 'backfillWithdrawn', :backfill::uuid
  from restored r
)
update backfill_items i set state = case when :onlyParked then 'unsent' else 'pending' end,
  reason = case when :onlyParked then 'parked' end, kind = case when :onlyParked then 'blocked' else i.kind end,
  score = case when l.event = 'vanished' then null else i.score end, was = null, released_revision = null,
  released_changed_at = null, expected_revision = case when l.event = 'vanished' then 0 else i.released_revision + 1 end
from locked l
where i.backfill = :backfill and i.line = l.line
returning i.line`;

const NOTE_PARKED = `
update backfills set rejected = rejected + :count, unsent = unsent - :count, updated_at = now() where id = :backfill`;
