import type { Database } from '../server/knex.js';
import { queryRows } from '../server/knex.js';

/** Failures in a row, with no success behind the whole gate between them, that open the breaker. */
export const OPEN_AFTER_FAILURES = 5;
/** The first rest of an open breaker, doubled at each failed probe, up to the longest. */
const FIRST_REST_MS = 15_000;
const LONGEST_REST_MS = 600_000;

/** Leave for one call that reads, or why there is none and when to ask again. */
export type ReadingTurn = { turn: string } | { waitMs: number; reason: string };

/** What a note made of the breaker; null: it is as it was, or stays open after a probe. */
export type BreakerChange = 'opened' | 'closed' | null;

/** What is known of the platform behind a gate, where all processes see it. */
export interface GateLimits {
  /**
   * Leave for one call for a course, which runs out by itself after `ttlMs`; the sender of the gate makes room for who
   * waits. There is none while somebody has paused the course, its deployment or its platform.
   */
  takeTurn(input: { gate: string; context: string; ttlMs: number }): Promise<ReadingTurn>;
  endTurn(turn: string): Promise<void>;
  /** A call was answered as it should: the breaker closes. Costs a write only where there was trouble. */
  noteSuccess(gate: string): Promise<BreakerChange>;
  /** Counts a failure that one course met; the breaker opens after five in a row over several courses, or when a probe fails. */
  noteFailure(gate: string, type: string, context: string | null): Promise<BreakerChange>;
  /**
   * Opens the breaker at once, for failures that only a person can end and for outages that say how long they last
   * (`restMs`, obeyed in full); probes go on.
   */
  openBreaker(gate: string, type: string, restMs?: number): Promise<BreakerChange>;
  /** A probe ended and proved nothing: the next call that is asked for may be one. Repeating it allows one more. */
  endProbe(gate: string): Promise<void>;
  /** Halves the calls in flight (once in two seconds) and stops new ones for the time that the platform asked for. */
  noteThrottled(gate: string, retryAfterMs: number): Promise<void>;
}

export function createGateLimits(db: Database): GateLimits {
  const note = async (
    gate: string,
    type: string,
    {
      context,
      openAt,
      restMs = FIRST_REST_MS,
    }: { context: string | null; openAt: number; restMs?: number | undefined },
  ): Promise<BreakerChange> => {
    // Locked, so that of failures that come together one opens it.
    const [row] = await queryRows<{ was: string; is: string }>(
      db,
      `with g as materialized (select id, breaker from gates where id = ? for no key update)
       select breaker as was, note_gate_failure(id, ?, ?, ?, ?, ?) as is from g`,
      [gate, type, context, openAt, Math.round(restMs), Math.max(Math.round(restMs), LONGEST_REST_MS)],
    );
    if (!row) throw new Error(`There is no gate ${gate}.`);
    return row.was === 'closed' && row.is === 'open' ? 'opened' : null;
  };
  return {
    async takeTurn({ gate, context, ttlMs }) {
      const [row] = await queryRows<{ turn: string | null; waitMs: number; reason: string | null }>(
        db,
        'select turn, wait_ms as "waitMs", reason from take_turn(?, ?, ?)',
        [gate, ttlMs, context],
      );
      if (!row) throw new Error('take_turn gave no row.');
      return row.turn === null ? { waitMs: row.waitMs, reason: row.reason ?? 'permits' } : { turn: row.turn };
    },
    async endTurn(turn) {
      await db.raw('delete from reading_turns where id = ?', [turn]);
    },
    async noteSuccess(gate) {
      // Read as it stood before the function changed it.
      const sql = 'select g.breaker as was, note_gate_success(g.id) from gates g where g.id = ?';
      const [row] = await queryRows<{ was: string }>(db, sql, [gate]);
      return row && row.was !== 'closed' ? 'closed' : null;
    },
    noteFailure: (gate, type, context) => note(gate, type, { context, openAt: OPEN_AFTER_FAILURES }),
    openBreaker: (gate, type, restMs) => note(gate, type, { context: null, openAt: 1, restMs }),
    async endProbe(gate) {
      await db.raw(`update gates set probe_until = null where id = ? and breaker = 'halfOpen'`, [gate]);
    },
    async noteThrottled(gate, retryAfterMs) {
      await db.raw(
        `update gates set
           in_flight_cap = case when cap_changed_at < clock_timestamp() - interval '2 seconds' or in_flight_cap = in_flight_max
             then greatest(1, in_flight_cap / 2) else in_flight_cap end,
           cap_changed_at = case when cap_changed_at < clock_timestamp() - interval '2 seconds' or in_flight_cap = in_flight_max
             then clock_timestamp() else cap_changed_at end,
           blocked_until = greatest(blocked_until, clock_timestamp() + make_interval(secs => ? / 1000.0))
         where id = ?`,
        [retryAfterMs, gate],
      );
    },
  };
}
