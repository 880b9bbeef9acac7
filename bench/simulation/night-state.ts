import type { Flow } from '../../activities/guards/flow.js';
import type { LmsFamily } from '../../domain/platform.js';
import type { SendState } from '../../workflows/messages.js';
import { createBacklog, type Backlog } from './backlog.js';
import type { Costs } from './costs.js';
import { createEventQueue, type EventQueue } from './event-queue.js';
import { createMachines, type Machine, type Machines } from './machines.js';
import { createPlatformRules, type PlatformRules } from './platform-rules.js';
import type { SimulatedPlatform } from './population.js';
import { createRandom } from './random.js';
import type { Ended } from './sender.js';

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
  /** Of the actions, or what they were for: signals, with or without a start; batches; beats of these. */
  wakes: number;
  batches: number;
  heartbeats: number;
  steps: number;
  /** The longest that the namespace let an action wait, in seconds. */
  longestActionWait: number;
  /** Rows of evidence with their indexes, and PostgreSQL's log. */
  bytes: { attempts: number; wal: number };
  /** Part of the time in which each machine worked. */
  busy: number[];
  /** When each platform was done, in seconds, in the order of the platforms. */
  doneAt: number[];
}

/** What the schedule starts counts 3; its search attribute, beginning, closing. */
export const NIGHT_ACTIONS = 6;

export type Event =
  | ({ kind: 'ended' } & Ended)
  | { kind: 'woken' | 'queued' | 'look'; place: Place }
  | { kind: 'timer'; place: Place; timer: number }
  | { kind: 'tick' | 'dry'; place: Place; batch: Batch }
  | { kind: 'step' };

/** One attempt of the activity that sends. */
export interface Batch {
  flow: Flow;
  beganAtMs: number;
  ticks: number;
  /** When the namespace has taken the last beat. */
  beatenAtMs: number;
  /** Scores that it brought into the gradebook. */
  taken: number;
  /** Nothing was left at the last look. */
  isDry: boolean;
}

/** A platform, and how it stands. */
export interface Place {
  platform: SimulatedPlatform;
  rules: PlatformRules;
  backlog: Backlog;
  /** Its workflow, while there is one. */
  sender: { state: SendState; phase: 'begins' | 'sends' | 'rests' | 'mustRest'; timer: number } | null;
  batch: Batch | null;
  /** When it was told that something is ready, if it has not looked since. */
  toldAtMs: number;
  doneAtMs: number;
}

export interface Night extends NightInput {
  events: EventQueue<Event>;
  shared: Machines;
  random: () => number;
  places: Place[];
  scores: number;
  calls: number;
  taken: number;
  actions: number;
  wakes: number;
  batches: number;
  heartbeats: number;
  steps: number;
  restMs: number;
  /** Courses that are not in line yet. */
  unplanned: number;
  /** Free slots, and who waits for one, in the order in which they came. */
  free: number;
  waiting: Place[];
  namespaceFreeAtMs: number;
  longestActionWaitMs: number;
  endedAtMs: number | null;
}

export function begin(input: NightInput, restMs: number): Night {
  const places = input.platforms.map((platform): Place => {
    const [rules, backlog] = [createPlatformRules(platform.limits), createBacklog(platform.courses)];
    return { platform, rules, backlog, sender: null, batch: null, toldAtMs: -Infinity, doneAtMs: 0 };
  });
  return {
    ...input,
    ...{ events: createEventQueue(), shared: createMachines(input.machines), random: createRandom(input.seed), places },
    scores: places.reduce((sum, { backlog }) => sum + backlog.left(), 0),
    unplanned: places.reduce((sum, { backlog }) => sum + backlog.inLine(), 0),
    ...{ calls: 0, taken: 0, actions: NIGHT_ACTIONS, wakes: 0, batches: 0, heartbeats: 0, steps: 0, restMs },
    ...{ free: input.slots, waiting: [], namespaceFreeAtMs: 0, longestActionWaitMs: 0, endedAtMs: null },
  };
}

/** Counts actions, and gives when the namespace will have taken them. */
export function spend(night: Night, nowMs: number, count: number): number {
  night.actions += count;
  if (night.actionsPerSecond === null) return nowMs;
  night.namespaceFreeAtMs = Math.max(night.namespaceFreeAtMs, nowMs) + (count * 1_000) / night.actionsPerSecond;
  night.longestActionWaitMs = Math.max(night.longestActionWaitMs, night.namespaceFreeAtMs - nowMs);
  return night.namespaceFreeAtMs;
}

export function summarise(night: Night): SimulatedNight {
  const { costs, places, scores, calls, actions, wakes, batches, heartbeats, steps } = night;
  const endedAtMs = night.endedAtMs ?? Number.NaN;
  return {
    ...{ seconds: endedAtMs / 1_000, scores, calls, actions, wakes, batches, heartbeats, steps },
    longestActionWait: night.longestActionWaitMs / 1_000,
    bytes: { attempts: calls * costs.bytes.attempt, wal: calls * costs.bytes.wal },
    busy: night.shared.busyUntil(endedAtMs),
    doneAt: places.map(({ doneAtMs }) => doneAtMs / 1_000),
  };
}
