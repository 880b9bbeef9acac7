import fastifyPlugin from 'fastify-plugin';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { OperationsReader } from '../ports/operations.js';

/** A scrape must not cost the database more than this often, in milliseconds. */
const FRESH_FOR_MS = 5_000;

/** Serves `GET /metrics` for Prometheus. Labels are platforms, routes and kinds of failures: never a student or a score. */
export const metricsPlugin = fastifyPlugin<{ operations: OperationsReader; now: () => Date }>(
  async (app, { operations, now }) => {
    const register = new Registry();
    const durations = new Histogram({
      name: 'passback_http_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [register],
    });
    const update = createGauges(register, operations);
    let updated: { at: number; done: Promise<void> } | undefined;

    app.addHook('onResponse', async (request, reply) => {
      const route = request.routeOptions.url ?? 'none';
      durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    });
    app.get('/metrics', { logLevel: 'silent', schema: { hide: true } }, async (_request, reply) => {
      const at = now().getTime();
      if (!updated || at - updated.at > FRESH_FOR_MS) updated = { at, done: update() };
      await updated.done;
      return reply.type(register.contentType).send(await register.metrics());
    });
  },
  { name: 'metrics' },
);

/** What was last seen is not shown when the database cannot be asked: an old figure would look like a healthy one. */
function createGauges(register: Registry, operations: OperationsReader): () => Promise<void> {
  const registers = [register];
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> =>
    new Gauge({ name: `passback_${name}`, help, labelNames, registers });
  const up = gauge('database_up', 'Whether the database answered this scrape.', []);
  const backlog = gauge('backlog_scores', 'Unfinished scores.', ['platform', 'deployment', 'state']);
  const oldest = gauge('oldest_ready_score_seconds', 'Age of the oldest score that nothing holds back.', [
    'platform',
    'deployment',
  ]);
  const parked = gauge('parked', 'Contexts and line items that are set aside.', ['kind', 'reason']);
  const breakers = gauge('breaker_open', 'Deployments whose breaker is not closed.', [
    'platform',
    'deployment',
    'state',
  ]);
  const launches = gauge('contexts_needing_launch', 'Contexts whose scores wait for a launch.', []);
  const rejected = gauge('rejected_scores_last_day', 'Scores rejected within a day.', ['reason']);
  const failures = new Counter({
    name: 'passback_scrape_failures_total',
    help: 'Scrapes without database.',
    registers,
  });

  const read = async (): Promise<void> => {
    for (const row of await operations.listBacklog(null)) {
      const place = { platform: row.platformId, deployment: row.deploymentId };
      for (const state of ['due', 'awaitsNightly', 'sending', 'unknown'] as const)
        backlog.set({ ...place, state }, row[state]);
      oldest.set(place, row.oldestReadySeconds ?? 0);
    }
    for (const { kind, type, count } of await operations.listParked(null)) parked.set({ kind, reason: type }, count);
    for (const { platformId, deploymentId, state } of await operations.listTroubledBreakers(null)) {
      breakers.set({ platform: platformId, deployment: deploymentId, state }, 1);
    }
    for (const { type, count } of await operations.listRejected(null)) rejected.set({ reason: type }, count);
    launches.set(await operations.countNeedingLaunch(null));
  };
  return async () => {
    for (const one of [backlog, oldest, parked, breakers, rejected]) one.reset();
    try {
      await read();
      up.set(1);
    } catch {
      up.set(0);
      failures.inc();
    }
  };
}
