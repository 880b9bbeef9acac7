import { createRandom } from './random.js';

/**
 * What can be killed, and what is only stopped for a while: a paused worker wakes within its lane, a zombie long after
 * others took it. `temporalLost` comes back with nothing of what it held.
 */
export const STRIKES = ['worker', 'api', 'temporal', 'postgres', 'pause', 'zombie', 'pooler', 'temporalLost'] as const;
export type StrikeKind = (typeof STRIKES)[number];

export interface Strike {
  kind: StrikeKind;
  /** In milliseconds from the beginning of the load. */
  atMs: number;
  /** Which of the two workers, where the strike is at a worker. */
  worker: 0 | 1;
  /** How long a worker stands still that is paused or made a zombie, in milliseconds. */
  pauseMs: number;
}

export interface StrikePlanOptions {
  seed: number;
  kills: number;
  durationMs: number;
  /** Pauses are shorter than this; zombies stand still for longer. */
  laneMs: number;
  /** What is struck by turns; default: all but a pooler. */
  round?: readonly StrikeKind[];
}

/** Of so many strikes each process gets its part, in random order, so that no short campaign spares one. */
export const ROUND: readonly StrikeKind[] = ['worker', 'worker', 'api', 'temporal', 'postgres', 'pause', 'zombie'];
export const ROUND_WITH_POOLER: readonly StrikeKind[] = [...ROUND, 'pooler'];
/** All that Temporal holds is lost, and again, and nobody starts a worker anew. */
export const ROUND_OF_LOSS: readonly StrikeKind[] = ['temporalLost', 'temporalLost'];

/** When and at what to strike: the same options give the same plan. */
export function planStrikes({ seed, kills, durationMs, laneMs, round = ROUND }: StrikePlanOptions): Strike[] {
  const random = createRandom(seed, 'strikes');
  const rounds = Array.from({ length: Math.ceil(kills / round.length) }, () => random.shuffle(round));
  const slotMs = durationMs / kills;
  return rounds
    .flat()
    .slice(0, kills)
    .map((kind, slot) => ({
      kind,
      // Anywhere in its slot: two may come so close that one process falls while another gets up.
      atMs: Math.round((slot + random.next()) * slotMs),
      worker: random.chance(0.5) ? 0 : 1,
      pauseMs: kind === 'zombie' ? laneMs + random.whole(1_000, 4_000) : random.whole(500, 3_000),
    }));
}
