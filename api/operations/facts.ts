import type {
  Backlog,
  LaunchesNeeded,
  ParkedCount,
  RejectedCount,
  TroubledBreaker,
} from '../../db/platforms/operations.js';
import type { OpenDecision } from '../../db/platforms/open-decisions.js';
import type { EndpointTrouble } from '../../db/notices/notice-endpoints.js';
import type { PausedCount } from '../../db/platforms/pauses.js';
import type { LastPass } from '../../db/runs/runs.js';
import type { AttemptWeeks } from '../../db/scores/attempt-weeks.js';
import type { UnreadableDataKey } from '../../db/vault/unreadable-data-keys.js';
import type { EventTrouble } from '../../db/webhooks/webhook-events.js';
import type { Deps } from '../app.js';
import { tellSchedules, type ToldSchedule } from '../schedules/notes.js';
import { onceForAll } from './once-for-all.js';
import { within } from './within.js';
import type { QueueHealth } from '../temporal/workflow-client.js';

/** All that is known of how the whole goes, of all platforms. */
export interface Facts {
  lookedAt: Date;
  backlog: readonly Backlog[];
  breakers: readonly TroubledBreaker[];
  paused: readonly PausedCount[];
  parked: readonly ParkedCount[];
  launches: readonly LaunchesNeeded[];
  rejected: readonly RejectedCount[];
  decisions: readonly OpenDecision[];
  events: readonly EventTrouble[];
  notices: readonly EndpointTrouble[];
  weeks: Awaited<ReturnType<AttemptWeeks['look']>>;
  passes: readonly LastPass[];
  unreadableKeys: readonly UnreadableDataKey[];
  /** Null: Temporal cannot be asked. */
  temporal: TemporalFacts | null;
}

export interface TemporalFacts {
  queues: readonly QueueHealth[];
  /** Empty as well while schedules alone cannot be read. */
  schedules: readonly ToldSchedule[];
}

type Watched = Pick<Deps, 'store' | 'workflows' | 'schedules' | 'now'>;

/** Facts are good for so long, in milliseconds. */
const FRESH_MS = 3_000;
/** Facts are too old to be told, when they have not been fresh for so many times as long. */
const OLD_AFTER = 10;
/** What Temporal says is waited for so long; then what it said last counts, until it has been silent for much longer. */
const TEMPORAL_PATIENCE_MS = 50;
/** The same for the first time, when it has not said anything yet. */
const TEMPORAL_FIRST_MS = 1_000;
const TEMPORAL_SILENT_MS = 5_000;

/**
 * Looks at everything that can be wrong, once for all who ask within some seconds; whoever comes later gets what was found
 * last, if that is not old, while the next look begins. Rejects as the database does; Temporal never keeps anybody waiting.
 */
export function createFacts(deps: Watched, freshMs = FRESH_MS): () => Promise<Facts> {
  const lookAtTemporal = createTemporalFacts(deps, freshMs);
  const ofDatabase = onceForAll(() => lookAtDatabase(deps), { freshMs, usableMs: OLD_AFTER * freshMs });
  return async () => {
    const [facts, temporal] = await Promise.all([ofDatabase(), lookAtTemporal()]);
    return { ...facts, temporal };
  };
}

async function lookAtDatabase({ store, now }: Watched): Promise<Omit<Facts, 'temporal'>> {
  const { operations } = store;
  const lookedAt = now();
  // One after the other: a look must not take every connection of the pool.
  const backlog = await operations.listBacklog();
  const breakers = await operations.listTroubledBreakers();
  const paused = await store.pauses.count();
  const parked = await operations.listParked();
  const launches = await operations.countNeedingLaunch();
  const rejected = await operations.listRejected();
  const decisions = await operations.listOpenDecisions();
  const events = await store.webhooks.events.listTroubles();
  const notices = await store.notices.endpoints.listTroubles();
  const weeks = await store.attemptWeeks.look();
  const passes = await store.runs.listLastPasses();
  const unreadableKeys = await store.listUnreadableDataKeys();
  return {
    ...{ lookedAt, backlog, breakers, paused, parked, launches, rejected, decisions, events, notices, weeks, passes },
    unreadableKeys,
  };
}

function createTemporalFacts(deps: Watched, freshMs: number): () => Promise<TemporalFacts | null> {
  let known: { at: number; facts: TemporalFacts | null } | undefined;
  let flight: { at: number; over: Promise<void> } | undefined;
  const look = async (): Promise<void> => {
    const facts = await askTemporal(deps).catch(() => null);
    known = { at: performance.now(), facts };
    flight = undefined;
  };
  return async () => {
    const at = performance.now();
    if (!flight && (!known || at - known.at >= freshMs)) flight = { at, over: look() };
    if (flight) await within(flight.over, known ? TEMPORAL_PATIENCE_MS : TEMPORAL_FIRST_MS, () => undefined);
    const isSilent = flight && performance.now() - flight.at > TEMPORAL_SILENT_MS;
    return isSilent ? null : (known?.facts ?? null);
  };
}

async function askTemporal({ workflows, schedules, store }: Watched): Promise<TemporalFacts> {
  await workflows.checkHealth();
  const told = schedules.list().then((records) => tellSchedules(store.scheduleWords, records));
  const [queues, known] = await Promise.all([workflows.listQueues(), told.catch(() => [])]);
  return { queues, schedules: known };
}
