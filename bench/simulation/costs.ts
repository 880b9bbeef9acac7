import type { CpuSeconds, Part } from './machines.js';
import { PARTS } from './machines.js';

/** Who sends: an actor for each course, or one for each platform. */
export type Unit = 'course' | 'platform';

/** What a night costs, piece by piece. Every figure is a measured one; docs/performance.md says where. */
export interface Costs {
  unit: Unit;
  score: CpuSeconds;
  course: CpuSeconds;
  /** The night's step: a fixed part, and what grows with the scores that wait. */
  step: { ms: number; msPerThousandWaiting: number };
  /** Temporal's actions of each unit, of each step, and of a night as a whole; heartbeats come on top. */
  actions: { unit: number; step: number; night: number };
  /** A row of evidence with its indexes, and PostgreSQL's log for each score. */
  bytes: { attempt: number; wal: number };
}

/** A course's actor: start with its signal, one batch, the timer of its lingering, one upsert. */
export const ACTIONS_OF_COURSE = 4;
/** Asking what comes next, and the rest until then. */
export const ACTIONS_OF_STEP = 2;
/** What the schedule starts counts 3; its search attribute, beginning, closing. */
export const ACTIONS_OF_NIGHT = 6;

export interface MeasuredShape {
  scores: number;
  courses: number;
  /** CPU seconds by process. */
  cpu: Readonly<Record<string, number>>;
}

/**
 * Splits what two shapes of the same number of scores cost into a part for each score and one for each course. A part that
 * noise would make negative is nought.
 */
export function splitCosts(few: MeasuredShape, many: MeasuredShape): { score: CpuSeconds; course: CpuSeconds } {
  const split = (part: Part): { score: number; course: number } => {
    const [one, other] = [few.cpu[part] ?? 0, many.cpu[part] ?? 0];
    const perScore = (shape: MeasuredShape, cpu: number): number => cpu / shape.scores;
    const slope =
      (perScore(many, other) - perScore(few, one)) / (many.courses / many.scores - few.courses / few.scores);
    const course = Math.max(slope, 0);
    return { course, score: Math.max(perScore(few, one) - (course * few.courses) / few.scores, 0) };
  };
  const parts = Object.fromEntries(PARTS.map((part) => [part, split(part)]));
  const pick = (which: 'score' | 'course'): CpuSeconds => ({
    worker: parts['worker']?.[which] ?? 0,
    postgres: parts['postgres']?.[which] ?? 0,
    temporal: parts['temporal']?.[which] ?? 0,
  });
  return { score: pick('score'), course: pick('course') };
}
