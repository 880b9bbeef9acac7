import { Gauge, type Registry } from 'prom-client';
import type { GaugeFacts } from '../../db/platforms/gauges.js';
import type { LastPass } from '../../db/runs/runs.js';
import type { Deps } from '../app.js';
import type { Facts } from '../operations/facts.js';
import type { Finding } from '../operations/finding.js';
import { ofSchedules } from '../schedules/schedule-findings.js';

export interface WatchDeps extends Pick<Deps, 'store' | 'now'> {
  /** How the whole goes, as health knows it: Temporal never keeps it waiting for long. */
  facts: () => Promise<Facts>;
}

/** One reading of all that the gauges show. */
export interface Watched extends GaugeFacts {
  needingLaunch: number;
  passes: readonly LastPass[];
  findings: Finding[];
}

/** Gauges of what the database holds, for the gates by our uuid: `GET /v1/platforms` says which platform that is. */
export function createGauges(
  register: Registry,
  deps: WatchDeps,
): { read: () => Promise<Watched>; apply: (facts: Watched) => void } {
  const all: Gauge[] = [];
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge => {
    const made = new Gauge({ name: `passback_${name}`, help, labelNames, registers: [register] });
    all.push(made);
    return made;
  };
  const showPlatforms = createPlatformGauges(gauge);
  const showTroubles = createTroubleGauges(gauge);
  const showRuns = createRunGauges(gauge);
  return {
    async read() {
      const { launches, passes, temporal } = await deps.facts();
      const needingLaunch = launches.reduce((sum, { count }) => sum + count, 0);
      const findings = ofSchedules({ schedules: temporal?.schedules ?? [], passes }, deps.now());
      return { ...(await deps.store.gauges.read()), needingLaunch, passes, findings };
    },
    apply(facts) {
      // What is no more must not stay as it was.
      for (const one of all) one.reset();
      showPlatforms(facts);
      showTroubles(facts);
      showRuns(facts);
    },
  };
}

type CreateGauge = (name: string, help: string, labelNames?: string[]) => Gauge;
type Show = (facts: Watched) => void;

function createPlatformGauges(gauge: CreateGauge): Show {
  const backlog = gauge('backlog_scores', 'Unfinished scores, by what they wait for.', ['gate', 'state']);
  const oldest = gauge('oldest_score_seconds', 'Since the oldest of these became due.', ['gate', 'state']);
  const breaker = gauge('breaker_open', 'Whether the breaker of a gate is open or half open.', ['gate', 'state']);
  const inFlight = gauge('limit_in_flight', 'Calls that may be under way at once.', ['gate', 'which']);
  const rate = gauge('limit_rate_per_second', 'Calls per second, where that is limited.', ['gate']);
  return (facts) => {
    // An alert is over where a zero is seen, not where nothing is.
    for (const { gate } of facts.gates) for (const one of [backlog, oldest]) one.set({ gate, state: 'ready' }, 0);
    for (const { gate, state, count, oldestSeconds } of facts.queue) {
      backlog.set({ gate, state }, count);
      oldest.set({ gate, state }, oldestSeconds);
    }
    for (const one of facts.gates) {
      const { gate } = one;
      for (const state of ['open', 'halfOpen']) breaker.set({ gate, state }, one.breaker === state ? 1 : 0);
      inFlight.set({ gate, which: 'now' }, one.inFlightNow);
      inFlight.set({ gate, which: 'most' }, one.inFlightMax);
      if (one.ratePerSecond !== null) rate.set({ gate }, one.ratePerSecond);
    }
  };
}

function createTroubleGauges(gauge: CreateGauge): Show {
  const parked = gauge('parked', 'Contexts and line items that are set aside.', ['kind', 'reason']);
  const paused = gauge('paused', 'Platforms, deployments and contexts that somebody paused.', ['kind']);
  const launches = gauge('contexts_needing_launch', 'Contexts whose scores wait for a launch.');
  const troubles = gauge('troubled_scores_last_day', 'Scores rejected or held within a day.', ['state', 'reason']);
  const events = gauge('webhook_events', 'Events that are no scores yet, or never will be.', ['state']);
  const audit = gauge('audit_position', 'Audit entries that were ever written: it never falls.');
  const drifts = gauge('drifts_open', 'Gradebook cells that differ from what was sent.', ['kind']);
  const told = gauge('notice_endpoints', 'Who is told of what needs somebody.', ['state']);
  const messages = gauge('notice_messages_waiting', 'Messages on their way to these.', ['state']);
  return (facts) => {
    for (const { kind, type, count } of facts.parked) parked.set({ kind, reason: type }, count);
    for (const kind of ['platform', 'deployment', 'context']) paused.set({ kind }, 0);
    for (const { kind, count } of facts.paused) paused.set({ kind }, count);
    launches.set(facts.needingLaunch);
    if (facts.auditPosition !== null) audit.set(facts.auditPosition);
    for (const { state, type, count } of facts.troubles) troubles.set({ state, reason: type }, count);
    for (const state of ['stored', 'unmatched', 'expired', 'invalid']) events.set({ state }, 0);
    for (const { state, count } of facts.webhookEvents) events.set({ state }, count);
    for (const kind of ['missing', 'capped', 'rescaled', 'changed', 'userGone']) drifts.set({ kind }, 0);
    for (const { kind, count } of facts.drifts) drifts.set({ kind }, count);
    for (const state of ['on', 'failing', 'off']) for (const one of [told, messages]) one.set({ state }, 0);
    for (const { state, endpoints, waiting } of facts.notices) {
      told.set({ state }, endpoints);
      messages.set({ state }, waiting);
    }
  };
}

/** The heartbeat of what begins by the clock, and how far corrections are. */
function createRunGauges(gauge: CreateGauge): Show {
  const started = gauge('run_last_start_timestamp_seconds', 'When the newest run of a kind began.', ['kind']);
  const good = gauge('run_last_good_start_timestamp_seconds', 'When the newest run that ended well began.', ['kind']);
  const about = 'Schedules that are gone or paused, or whose run is late or went wrong.';
  const alarm = gauge('schedule_alarm', about, ['schedule', 'type']);
  const night = gauge('night_scores', 'Scores of the newest nightly run.', ['outcome']);
  const nightState = gauge('night_state', 'How the newest nightly run stands: 1 for its state.', ['state']);
  const backfill = gauge('backfill_scores', 'Scores of a backfill that is not over.', ['backfill', 'which']);
  const backfills = gauge('backfills', 'Backfills that are not over, by state.', ['state']);
  return (facts) => {
    for (const { kind, startedAt, lastGoodAt } of facts.passes) {
      if (startedAt) started.set({ kind }, startedAt.getTime() / 1_000);
      if (lastGoodAt) good.set({ kind }, lastGoodAt.getTime() / 1_000);
    }
    for (const { type, subject } of facts.findings) alarm.set({ schedule: subject ?? '', type }, 1);
    if (facts.night) {
      for (const outcome of ['submitted', 'rejected', 'waiting'] as const) night.set({ outcome }, facts.night[outcome]);
      nightState.set({ state: facts.night.state }, 1);
    }
    for (const { backfill: id, state, toSend, done } of facts.backfills) {
      backfill.set({ backfill: id, which: 'toSend' }, toSend);
      backfill.set({ backfill: id, which: 'done' }, done);
      backfills.inc({ state });
    }
  };
}
