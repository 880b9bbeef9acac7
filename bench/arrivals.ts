import type { BenchCourse } from './workload.js';

/** One call for a score, as the stub got it. */
export interface Arrival {
  lineItemId: string;
  userId: string;
  given: number;
}

/** How what arrived compares with what should. */
export interface ArrivalCheck {
  /** Scores that arrived exactly once. */
  once: number;
  missing: number;
  /** Scores that arrived more than once. */
  repeated: number;
  /** Calls for scores that nobody asked for. */
  foreign: number;
}

/** Holds the calls against the scores: each is to arrive exactly once. */
export function checkArrivals(
  courses: readonly BenchCourse[],
  arrivals: readonly Omit<Arrival, 'given'>[],
): ArrivalCheck {
  const counts = new Map<string, number>();
  for (const { scores } of courses) for (const score of scores) counts.set(cellOf(score), 0);
  const check: ArrivalCheck = { once: 0, missing: 0, repeated: 0, foreign: 0 };
  for (const arrival of arrivals) {
    const count = counts.get(cellOf(arrival));
    if (count === undefined) check.foreign += 1;
    else counts.set(cellOf(arrival), count + 1);
  }
  for (const count of counts.values()) {
    if (count === 0) check.missing += 1;
    else if (count === 1) check.once += 1;
    else check.repeated += 1;
  }
  return check;
}

/** Reads a call for a score from its path and body; undefined when it is none. */
export function readArrival(path: string, body: string): Arrival | undefined {
  const lineItemId = /^\/api\/lineitems\/([^/]+)\/scores$/.exec(path)?.[1];
  if (lineItemId === undefined) return undefined;
  const value: unknown = JSON.parse(body);
  if (typeof value !== 'object' || value === null || !('userId' in value)) return undefined;
  const { userId } = value;
  const given = 'scoreGiven' in value && typeof value.scoreGiven === 'number' ? value.scoreGiven : 0;
  return typeof userId === 'string' ? { lineItemId: decodeURIComponent(lineItemId), userId, given } : undefined;
}

export function cellOf({ lineItemId, userId }: Pick<Arrival, 'lineItemId' | 'userId'>): string {
  return `${lineItemId} ${userId}`;
}
