import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { createGauges, type WatchDeps } from './gauges.js';
import { createLastKnown } from './last-known.js';

/** However many scrape, the database is asked no more often than this. Milliseconds. */
const FRESH_FOR_MS = 10_000;
/** Prometheus gives up after ten seconds unless it is told otherwise. */
const PATIENCE_MS = 2_000;

/** The metrics of one API process. Labels are routes, kinds and our uuids: no name, no student, no id of an LMS. */
export interface ApiMetrics {
  /** More metrics go in here. */
  readonly register: Registry;
  observeRequest(labels: { method: string; route: string; status: number }, seconds: number): void;
  /** Prometheus text, in bounded time: where the database is silent, what was last known, and how old that is. */
  text(): Promise<string>;
}

export function createApiMetrics(deps: WatchDeps, { patienceMs = PATIENCE_MS } = {}): ApiMetrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const durations = new Histogram({
    name: 'passback_http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const { apply, read } = createGauges(register, deps);
  const known = createLastKnown({ read, apply, freshForMs: FRESH_FOR_MS, patienceMs, now: deps.now });
  const up = new Gauge({ name: 'passback_database_up', help: 'Whether the database answered.', registers });
  const age = new Gauge({
    name: 'passback_database_gauges_age_seconds',
    help: 'Age of all gauges that are read from the database; NaN before the first.',
    registers,
  });
  return {
    register,
    observeRequest: (labels, seconds) => durations.observe(labels, seconds),
    async text() {
      await known.refresh();
      const ageMs = known.ageMs();
      age.set(ageMs === null ? Number.NaN : ageMs / 1_000);
      up.set(known.isWell() ? 1 : 0);
      return register.metrics();
    },
  };
}
