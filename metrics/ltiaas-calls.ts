import { Histogram, type Registry } from 'prom-client';

/** One HTTP call to LTIAAS that is over: its route, never its path; an HTTP status, or why there was none. */
export interface LtiaasCall {
  readonly operation: string;
  readonly end: number | string;
  readonly durationMs: number;
}

/** Times calls to LTIAAS by operation and class of status. What was throttled has a class of its own. */
export function createLtiaasCallTimes(register: Registry): (call: LtiaasCall) => void {
  const durations = new Histogram({
    name: 'passback_ltiaas_call_duration_seconds',
    help: 'Time from the beginning of a call to LTIAAS to the end of its answer.',
    labelNames: ['operation', 'status'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [register],
  });
  return ({ operation, end, durationMs }) => durations.observe({ operation, status: classOf(end) }, durationMs / 1_000);
}

function classOf(end: number | string): string {
  if (typeof end === 'string' || end === 429) return String(end);
  return `${Math.floor(end / 100)}xx`;
}
