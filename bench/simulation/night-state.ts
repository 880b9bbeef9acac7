import type { LmsFamily } from '../../domain/platform.js';
import type { Costs } from './costs.js';
import { createBacklog, type Backlog, type Picked } from './backlog.js';
import { createEventQueue, type EventQueue } from './event-queue.js';
import { createMachines, type Machine, type Machines } from './machines.js';
import { createPlatformRules, type PlatformRules } from './platform-rules.js';
import type { SimulatedPlatform } from './population.js';
import { createRandom } from './random.js';

export interface NightInput {
  platforms: readonly SimulatedPlatform[];
  machines: readonly Machine[];
  costs: Costs;
  /** How long a call takes, in milliseconds. */
  latency: Readonly<Record<LmsFamily, { median: number; spread: number }>>;
  /** Parts of the calls that are throttled, with what the platform asks for, and that fail. */
  faults: { throttled: number; retryAfterMs: number; failed: number };
  /** What the namespace takes: Temporal Cloud has a limit; null: none. */
  actionsPerSecond: number | null;
  /** Batches at once of all workers together (MAX_CONCURRENT_BATCHES each). */
  slots: number;
  seed: number;
}

export interface SimulatedNight {
  seconds: number;
  scores: number;
  /** With those that were refused. */
  calls: number;
  actions: number;
  heartbeats: number;
  steps: number;
  /** Rows of evidence with their indexes, and PostgreSQL's log. */
  bytes: { attempts: number; wal: number };
  /** Part of the time in which each machine worked. */
  busy: number[];
  /** When each platform was done, in seconds, in the order of the platforms. */
  doneAt: number[];
}

/** As workers send them: activities beat every two seconds, and what comes within three more is held back. */
const FIRST_BEAT_MS = 2_000;
const BEATS_EVERY_MS = 3_000;
/** The shortest rest between two steps of a pass (workflows/pass.ts). */
export const LEAST_REST_MS = 1_000;

export type Outcome = 'taken' | 'throttled' | 'failed';

export type Event =
  | { kind: 'ended'; place: Place; course: number; outcome: Outcome }
  | { kind: 'rested'; place: Place; course: number }
  | { kind: 'opened'; place: Place; picked: Picked }
  | { kind: 'again'; place: Place }
  | { kind: 'step' };

/** A platform, and how it stands. */
export interface Place {
  platform: SimulatedPlatform;
  rules: PlatformRules;
  backlog: Backlog;
  /** When a look at it is planned. */
  looksAtMs: number;
  /** When it last got a slot. */
  startedAtMs: number;
  doneAtMs: number;
}

/** A sender that was started, with what it was started for. */
interface Started {
  place: Place;
  picked: Picked;
}

export interface Night extends NightInput {
  events: EventQueue<Event>;
  shared: Machines;
  random: () => number;
  places: Place[];
  scores: number;
  calls: number;
  taken: number;
  units: number;
  heartbeats: number;
  steps: number;
  restMs: number;
  /** Free slots, and who waits for one, in the order in which they came. */
  free: number;
  waiting: Started[];
  namespaceFreeAtMs: number;
  endedAtMs: number | null;
}

export function begin(input: NightInput): Night {
  const places = input.platforms.map((platform): Place => {
    const [rules, backlog] = [createPlatformRules(platform.limits), createBacklog(platform.courses)];
    return { platform, rules, backlog, looksAtMs: -1, startedAtMs: 0, doneAtMs: 0 };
  });
  return {
    ...input,
    ...{ events: createEventQueue(), shared: createMachines(input.machines), random: createRandom(input.seed), places },
    scores: input.platforms.reduce((sum, { courses }) => sum + courses.reduce((all, count) => all + count, 0), 0),
    ...{ calls: 0, taken: 0, units: 0, heartbeats: 0, steps: 0, restMs: LEAST_REST_MS },
    ...{ free: input.slots, waiting: [], namespaceFreeAtMs: 0, endedAtMs: null },
  };
}

/** Gives when the namespace will have taken them. */
export function spendActions(night: Night, nowMs: number, count: number): number {
  if (night.actionsPerSecond === null) return nowMs;
  night.namespaceFreeAtMs = Math.max(night.namespaceFreeAtMs, nowMs) + (count * 1_000) / night.actionsPerSecond;
  return night.namespaceFreeAtMs;
}

export function beat(night: Night, lastedMs: number): void {
  if (lastedMs >= FIRST_BEAT_MS) night.heartbeats += 1 + Math.floor((lastedMs - FIRST_BEAT_MS) / BEATS_EVERY_MS);
}

export function summarise(night: Night): SimulatedNight {
  const { costs, places, scores, calls, steps } = night;
  const endedAtMs = night.endedAtMs ?? Number.NaN;
  if (costs.unit === 'platform') for (const { startedAtMs, doneAtMs } of places) beat(night, doneAtMs - startedAtMs);
  const { unit, step } = costs.actions;
  return {
    ...{ seconds: endedAtMs / 1_000, scores, calls, steps, heartbeats: night.heartbeats },
    actions: night.units * unit + steps * step + night.heartbeats + costs.actions.night,
    bytes: { attempts: calls * costs.bytes.attempt, wal: calls * costs.bytes.wal },
    busy: night.shared.busyUntil(endedAtMs),
    doneAt: places.map(({ doneAtMs }) => doneAtMs / 1_000),
  };
}
