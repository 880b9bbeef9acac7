import fastifyPlugin from 'fastify-plugin';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Facts } from '../operations/facts.js';
import { ofSchedules } from '../schedules/schedule-findings.js';

/** A scrape must not cost the database more than this often, in milliseconds. */
const FRESH_FOR_MS = 5_000;

/** Serves `GET /metrics` for Prometheus. Labels are platforms, routes and kinds of failures: never a student or a score. */
export const metricsPlugin = fastifyPlugin<{ facts: () => Promise<Facts>; now: () => Date }>(
  async (app, { facts, now }) => {
    const register = new Registry();
    const durations = new Histogram({
      name: 'passback_http_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [register],
    });
    const update = createGauges(register, { facts, now });
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

type CreateGauge = <L extends string>(name: string, help: string, labelNames: L[]) => Gauge<L>;

/** The heartbeat of what begins by the clock. */
function createRunGauges(gauge: CreateGauge): { gauges: Gauge[]; read: (facts: Facts, now: Date) => void } {
  const started = gauge('run_last_start_timestamp_seconds', 'When the newest run of a kind began.', ['kind']);
  const good = gauge('run_last_good_start_timestamp_seconds', 'When the newest run that ended well began.', ['kind']);
  const alarm = gauge('schedule_alarm', 'Schedules that are gone or paused, or whose run is late or went wrong.', [
    'schedule',
    'type',
  ]);
  const read = ({ passes, temporal }: Facts, now: Date): void => {
    for (const { kind, startedAt, lastGoodAt } of passes) {
      if (startedAt) started.set({ kind }, startedAt.getTime() / 1_000);
      if (lastGoodAt) good.set({ kind }, lastGoodAt.getTime() / 1_000);
    }
    const alarms = ofSchedules({ schedules: temporal?.schedules ?? [], passes }, now);
    for (const { type, subject } of alarms) alarm.set({ schedule: subject ?? '', type }, 1);
  };
  return { gauges: [started, good, alarm], read };
}

/** What was last seen is not shown when the database cannot be asked: an old figure would look like a healthy one. */
function createGauges(
  register: Registry,
  { facts, now }: { facts: () => Promise<Facts>; now: () => Date },
): () => Promise<void> {
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
  const paused = gauge('paused', 'Platforms, deployments and contexts that somebody paused.', ['kind', 'platform']);
  const breakers = gauge('breaker_open', 'Deployments whose breaker is not closed.', [
    'platform',
    'deployment',
    'state',
  ]);
  const launches = gauge('contexts_needing_launch', 'Contexts whose scores wait for a launch.', []);
  const rejected = gauge('rejected_scores_last_day', 'Scores rejected within a day.', ['reason']);
  const runs = createRunGauges(gauge);
  const failures = new Counter({
    name: 'passback_scrape_failures_total',
    help: 'Scrapes without database.',
    registers,
  });

  const read = async (): Promise<void> => {
    const found = await facts();
    for (const row of found.backlog) {
      const place = { platform: row.platformId, deployment: row.deploymentId };
      for (const state of ['due', 'awaitsNightly', 'sending', 'unknown'] as const)
        backlog.set({ ...place, state }, row[state]);
      oldest.set(place, row.oldestReadySeconds ?? 0);
    }
    for (const { kind, type, count } of found.parked) parked.inc({ kind, reason: type }, count);
    for (const { kind, platformId, count } of found.paused) paused.set({ kind, platform: platformId }, count);
    for (const { platformId, deploymentId, state } of found.breakers) {
      breakers.set({ platform: platformId, deployment: deploymentId, state }, 1);
    }
    for (const { type, count } of found.rejected) rejected.inc({ reason: type }, count);
    launches.set(found.launches.reduce((sum, { count }) => sum + count, 0));
    runs.read(found, now());
  };
  return async () => {
    for (const one of [backlog, oldest, parked, paused, breakers, rejected, ...runs.gauges]) one.reset();
    try {
      await read();
      up.set(1);
    } catch {
      up.set(0);
      failures.inc();
    }
  };
}
