import type { CpuSeconds, Part } from './machines.js';
import { PARTS } from './machines.js';

/** What a night costs, piece by piece: measured (docs/performance.md), or reckoned as `measured.ts` says. */
export interface Costs {
  /** Claimed, sent and recorded. */
  score: CpuSeconds;
  /** A course that a batch meets for the first time: its keys are read. */
  course: CpuSeconds;
  /** A sender that is told: workflow tasks, one batch, the timer after it. */
  wake: CpuSeconds;
  /** A step of the night, and on top of it each course that is under way, and each that is picked. */
  step: CpuSeconds;
  underWay: CpuSeconds;
  picked: CpuSeconds;
  /** A course that is put in line, before anybody goes. */
  planned: CpuSeconds;
  /** A row of evidence with its indexes, and PostgreSQL's log for each score. */
  bytes: { attempt: number; wal: number };
}

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
