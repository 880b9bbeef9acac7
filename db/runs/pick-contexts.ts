import type { PassKind } from '../../domain/run.js';
import { hasKeyFor, isSetAside } from '../courses/parking.js';
import { isFreeOf, isReachableWithin } from '../scores/readiness.js';
import { changeScores } from '../scores/transitions.js';
import { queryRows, type Database } from '../server/knex.js';

export interface PickInput {
  runId: string;
  kind: PassKind;
  limit: number;
  /** How long the run waits for what rests, in milliseconds. */
  patienceMs: number;
}

/** Contexts behind one gate that may be under way for a run: enough to keep its calls in flight, and no more. */
const ROOM = `greatest(4, least(24, 2 * f.in_flight_cap))`;
/** A roster or a gradebook read is one call after another. */
const READ_ROOM = `greatest(1, least(4, f.in_flight_cap))`;

const UNDER_WAY = `
under_way as (
  select rc.gate, count(*) as count from run_contexts rc
  where rc.run = :runId and rc.settled_at is null and rc.left_at is null and rc.is_poked group by rc.gate
)`;

export const PATIENCE = `make_interval(secs => :patienceMs / 1000.0)`;
/**
 * Those that can move come by their place in the line of their gate, so that each gate gets its turn; the
 * others cost nothing but their row.
 */
const insertPicked = (room: string): string => `
picked as (
  select x.id, x.gate, x.can_move from (
    select c.*, row_number() over (partition by c.gate, c.can_move order by c.attempted_at nulls first, c.id) as place
    from candidates c
  ) x
  left join under_way u on u.gate = x.gate
  join gates f on f.id = x.gate
  where not x.can_move or x.place <= ${room} - coalesce(u.count, 0)
  order by x.can_move desc, x.place, x.gate
  limit :limit
)
insert into run_contexts (run, context, gate, is_poked) select :runId, id, gate, can_move from picked
on conflict do nothing returning context`;

/** Driven by the two small indexes of unfinished scores: what is finished costs nothing. */
const PICK_DUE = `
with ${UNDER_WAY}, due as (
  select s.context, s.line_item, s.state, s.not_before from score_queue q join scores s on s.id = q.score, runs r
  where r.id = :runId and (q.due_at <= r.due_before or s.state <> 'due')
), waiting as (
  select s.context, bool_or(${isFreeOf('rest', 'lineItemParked')}) as is_ready
  from due s join line_items l on l.id = s.line_item group by s.context
), candidates as (
  select c.id, d.gate, c.last_attempted_at as attempted_at,
    w.is_ready and ${isFreeOf('contextParked')} and ${isReachableWithin(PATIENCE)} as can_move
  from waiting w join contexts c on c.id = w.context join deployments d on d.id = c.deployment
  join gates f on f.id = d.gate
  where not exists (select from run_contexts rc where rc.run = :runId and rc.context = c.id)
), ${insertPicked(ROOM)}`;

/** Every context that can be read from, is not set aside, and fits; the one that was attempted longest ago first. */
const pickForReading = (attemptedAt: string, fits: string): string => `
with ${UNDER_WAY}, candidates as (
  select c.id, d.gate, ${attemptedAt} as attempted_at, true as can_move
  from contexts c join deployments d on d.id = c.deployment, runs r
  where r.id = :runId and c.created_at <= r.started_at and not ${isSetAside('c')} and ${fits}
    and not exists (select from run_contexts rc where rc.run = :runId and rc.context = c.id)
), ${insertPicked(READ_ROOM)}`;

const HAS_SCORE_OF_OURS = 'exists (select from scores s where s.context = c.id and s.submitted_revision is not null)';

const PICKS: Readonly<Record<PassKind, string>> = {
  nightly: PICK_DUE,
  rosters: pickForReading('c.roster_read_at', hasKeyFor('names_and_roles', 'c')),
  reconcile: pickForReading(
    'c.last_attempted_at',
    `${hasKeyFor('assignment_and_grades', 'c')} and ${HAS_SCORE_OF_OURS}`,
  ),
};

/** Picks the next contexts of a run, and lets go what waited there for the night. Gives their number. */
export async function pickContexts(trx: Database, { runId, kind, limit, patienceMs }: PickInput): Promise<number> {
  const bindings = kind === 'nightly' ? { runId, limit, patienceMs } : { runId, limit };
  const rows = await queryRows<{ context: string }>(trx, PICKS[kind], bindings);
  if (kind === 'nightly' && rows.length > 0) {
    // In the order of their ids, as every statement locks scores.
    await trx.raw(
      `with released as (
         select s.id from score_queue q join scores s on s.id = q.score
         where q.context = any (?::uuid[]) and q.hold = 'night' and s.state = 'due' and s.awaits_nightly
         order by s.id for update of s
       )
       ${changeScores('called', 'released')}`,
      [rows.map(({ context }) => context)],
    );
  }
  return rows.length;
}
