import type { Database } from '../server/knex.js';
import { queryRows } from '../server/knex.js';

/** Failures in a row, with no success behind the whole gate between them, that open the breaker. */
const OPEN_AFTER_FAILURES = 5;
/** The first rest of an open breaker, doubled at each failed probe, up to the longest. */
const FIRST_REST_MS = 15_000;
const LONGEST_REST_MS = 600_000;

export interface TakePermitsInput {
  /** Our uuid. */
  gate: string;
  /** The number of the asking process (see worker-holder.ts). */
  holder: number;
  /** Calls that the process would like to have under way. */
  want: number;
  /** Calls that are under way; they stay counted even when fewer are granted. */
  inFlight: number;
  /** Calls that the process would like to begin before it asks again. */
  starts: number;
  /** How long the grant is good for when it is not renewed, in milliseconds. */
  ttlMs: number;
}

export interface PermitGrant {
  granted: number;
  starts: number;
  /** When nothing was granted: ask again after this, in milliseconds. */
  waitMs: number;
  /** Why nothing was granted: `permits`, `rate`, or a failure type of the platform; null when something was. */
  reason: string | null;
}

export interface GateLimits {
  /** Sets what this process holds of a gate's permits, and takes rate tokens. One statement; repeating it is safe. */
  takePermits(input: TakePermitsInput): Promise<PermitGrant>;
  /** Gives all permits of a process back, for its end. */
  releasePermits(holder: number): Promise<void>;
  /** A call was answered as it should: the breaker closes. Costs a write only where there was trouble. */
  noteSuccess(gate: string): Promise<void>;
  /** Counts failures of the platform; the breaker opens after five in a row, or at once when a probe failed. */
  noteFailures(gate: string, type: string, count: number): Promise<void>;
  /**
   * Opens the breaker at once, for failures that only a person can end and for outages that say how long they last
   * (`restMs`, obeyed in full); probes go on.
   */
  openBreaker(gate: string, type: string, restMs?: number): Promise<void>;
  /** Halves the calls in flight (once in two seconds) and stops new ones for the time that the platform asked for. */
  noteThrottled(gate: string, retryAfterMs: number): Promise<void>;
}

export function createGateLimits(db: Database): GateLimits {
  const noteFailures = async (
    gate: string,
    type: string,
    { count, openAt, restMs = FIRST_REST_MS }: { count: number; openAt: number; restMs?: number | undefined },
  ): Promise<void> => {
    await db.raw('select note_gate_failures(?, ?, ?, ?, ?, ?)', [
      gate,
      type,
      count,
      openAt,
      restMs,
      Math.max(restMs, LONGEST_REST_MS),
    ]);
  };
  return {
    async takePermits({ gate, holder, want, inFlight, starts, ttlMs }) {
      const [grant] = await queryRows<PermitGrant>(
        db,
        'select granted, starts, wait_ms as "waitMs", reason from take_permits(?, ?, ?, ?, ?, ?)',
        [gate, holder, want, inFlight, starts, ttlMs],
      );
      if (!grant) throw new Error('take_permits gave no row.');
      return grant;
    },
    async releasePermits(holder) {
      await db.raw('delete from permits where holder = ?', [holder]);
    },
    async noteSuccess(gate) {
      await db.raw('select note_gate_success(?)', [gate]);
    },
    noteFailures: (gate, type, count) => noteFailures(gate, type, { count, openAt: OPEN_AFTER_FAILURES }),
    openBreaker: (gate, type, restMs) => noteFailures(gate, type, { count: 1, openAt: 1, restMs }),
    async noteThrottled(gate, retryAfterMs) {
      await db.raw(
        `update gates set
           in_flight_cap = case when cap_changed_at < clock_timestamp() - interval '2 seconds' or in_flight_cap = in_flight_max
             then greatest(1, in_flight_cap / 2) else in_flight_cap end,
           cap_changed_at = clock_timestamp(),
           blocked_until = greatest(blocked_until, clock_timestamp() + make_interval(secs => ? / 1000.0))
         where id = ?`,
        [retryAfterMs, gate],
      );
    },
  };
}
