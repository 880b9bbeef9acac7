import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import type { ClaimStore } from '../db/scores/claims.js';
import type { ReadDeliveryTimes } from '../db/scores/delivery-times.js';
import type { UnknownScoreStore } from '../db/scores/unknown-scores.js';
import { createLtiaasCallTimes, type LtiaasCall } from '../metrics/ltiaas-calls.js';

/** How often the times of what was delivered are read, and for how many scores at once. */
const READ_EVERY_MS = 1_000;
const SCORES_PER_READ = 5_000;
/** Beyond these nothing is remembered while the database does not answer: a figure less, and no memory. */
const MOST_REMEMBERED = 50_000;

/** The metrics of one worker process. Labels are kinds: no name, no student, no id of an LMS. */
export interface WorkerMetrics {
  observeCall: (call: LtiaasCall) => void;
  /** The same, and counts what was recorded. */
  watchClaims(claims: ClaimStore): ClaimStore;
  watchUnknownScores(unknown: UnknownScoreStore): UnknownScoreStore;
  text(): Promise<string>;
  stop(): void;
}

export function createWorkerMetrics(readDeliveryTimes: ReadDeliveryTimes): WorkerMetrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const outcomes = new Counter({
    name: 'passback_score_outcomes_total',
    help: 'What became of scores that were claimed, by attempt.',
    labelNames: ['outcome', 'failure'],
    registers,
  });
  const settlements = new Counter({
    name: 'passback_score_settlements_total',
    help: 'What a gradebook showed of scores whose call had no certain end.',
    labelNames: ['outcome'],
    registers,
  });
  const deliveries = new Histogram({
    name: 'passback_score_delivery_seconds',
    help: 'Time from the acceptance of a score, or its becoming due again, to its being in the gradebook.',
    buckets: [0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600, 4 * 3_600, 12 * 3_600, 24 * 3_600, 72 * 3_600],
    registers,
  });
  const delivered = createDelivered(readDeliveryTimes, (seconds) => deliveries.observe(seconds));
  return {
    observeCall: createLtiaasCallTimes(register),
    watchClaims: (claims) => ({
      ...claims,
      async record(input) {
        const isRecorded = await claims.record(input);
        if (!isRecorded) return false;
        for (const { id, outcome, failureType } of input.outcomes) {
          outcomes.inc({ outcome, failure: failureType ?? '' });
          if (outcome === 'submitted' || outcome === 'confirmed') delivered.add(id);
        }
        return true;
      },
    }),
    watchUnknownScores: (unknown) => ({
      ...unknown,
      async settle(input) {
        const isRecorded = await unknown.settle(input);
        if (!isRecorded) return false;
        for (const { id, outcome } of input.settlements) {
          settlements.inc({ outcome });
          if (outcome === 'confirmed') delivered.add(id);
        }
        return true;
      },
    }),
    text: () => register.metrics(),
    stop: () => delivered.stop(),
  };
}

/** Asks beside the hot path, one statement at a time: what is watched must not wait for who watches. */
function createDelivered(
  read: ReadDeliveryTimes,
  observe: (seconds: number) => void,
): { add: (score: string) => void; stop: () => void } {
  let scores: string[] = [];
  let isReading = false;
  const look = async (): Promise<void> => {
    if (isReading || scores.length === 0) return;
    isReading = true;
    const some = scores.splice(0, SCORES_PER_READ);
    try {
      for (const seconds of await read(some)) observe(seconds);
    } catch {
      // The database did not answer: the log and the health of this worker tell of that.
    } finally {
      isReading = false;
    }
  };
  const timer = setInterval(() => void look(), READ_EVERY_MS).unref();
  return {
    add: (score) => {
      if (scores.length < MOST_REMEMBERED) scores.push(score);
    },
    stop: () => {
      clearInterval(timer);
      scores = [];
    },
  };
}
