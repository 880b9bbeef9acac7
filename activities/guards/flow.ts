/**
 * Flow: what the sender of a gate may begin at this moment, and what the answers to its calls say of the platform. Without
 * clock, timer and database: it is told what happens, and says what follows.
 */
import type { LaneGrant } from '../../db/platforms/lanes.js';

/** Failures in a row that mean more than the scores which met them. */
const IN_ROW = 5;
/** Of so many answers, refusals for haste are looked at together, and that part of them is a platform that is driven too hard. */
const WINDOW = 100;
const HASTY_PART = 0.05;
/** Fewer are chance: of calls that are refused one in a hundred, two in the first thirty would be as large a part. */
const LEAST_REFUSALS = 5;

/** Why no call may begin, and when to ask again, in milliseconds. */
export interface Denial {
  reason: string;
  waitMs: number;
}

/** What the end of one call says of the platform. */
export type Verdict =
  | { kind: 'ok' }
  /** Nothing: it is about one student, column or course, or the call was ours to end. */
  | { kind: 'neutral' }
  | { kind: 'throttled'; restMs: number }
  | { kind: 'failed'; type: string; context: string }
  /** An answer came and could not be read: of one course that says nothing of the platform. */
  | { kind: 'unreadable'; type: string; context: string }
  /** `restMs`: as the platform asked, when it did. */
  | { kind: 'closed'; type: string; restMs?: number };

/** What is to be written where all processes see it. */
export type Effect =
  | { kind: 'throttled'; restMs: number }
  | { kind: 'opened'; type: string; restMs?: number }
  | { kind: 'recovered' }
  /** The probe is over and proved nothing: another call may be one. */
  | { kind: 'unproven' }
  /** One course fails while others do not. */
  | { kind: 'courseFails'; context: string; type: string };

export interface Flow {
  target: number;
  starts: number;
  isProbe: boolean;
  denial: Denial | null;
  /** Grows with every denial of our own, so that an answer that was asked for before it cannot undo it. */
  version: number;
  /** The orders of the calls under way; a later call has a higher one. */
  readonly calls: Set<number>;
  order: number;
  /** The platform refused call `order`: nothing begins until a later one was taken, or all later ones have ended. */
  door: { order: number; restMs: number } | null;
  failuresInRow: number;
  readonly failing: Set<string>;
  /** Answers that could not be read since the last call that went well, by course. */
  readonly unreadable: Map<string, number>;
  /** Courses that calls were made for. */
  readonly met: Set<string>;
  answers: number;
  refusals: number;
  /** A call was answered as it should since PostgreSQL was told. */
  hasSucceeded: boolean;
}

export function createFlow(): Flow {
  return {
    ...{ target: 0, starts: 0, isProbe: false, denial: null, version: 0, calls: new Set(), order: 0, door: null },
    ...{
      failuresInRow: 0,
      failing: new Set(),
      unreadable: new Map(),
      met: new Set(),
      answers: 0,
      refusals: 0,
      hasSucceeded: false,
    },
  };
}

/** Takes over what PostgreSQL granted to a question that was asked at `version`. */
export function takeGrant(flow: Flow, grant: LaneGrant, version: number): void {
  if (version !== flow.version) return;
  // PostgreSQL knows that a probe is under way, and not whose: it denies every call to this sender too.
  if (flow.isProbe && flow.calls.size > 0) return;
  flow.target = grant.target;
  flow.starts = grant.starts;
  flow.isProbe = grant.isProbe;
  flow.denial = grant.reason === null ? null : { reason: grant.reason, waitMs: grant.waitMs };
}

export function mayBegin({ target, starts, denial, door, calls }: Flow): boolean {
  return denial === null && door === null && starts > 0 && calls.size < target;
}

/** Begins a call for a course and gives its order. */
export function beginCall(flow: Flow, context: string): number {
  flow.order += 1;
  flow.starts -= 1;
  flow.calls.add(flow.order);
  flow.met.add(context);
  return flow.order;
}

export function endCall(flow: Flow, order: number, verdict: Verdict): Effect[] {
  flow.calls.delete(order);
  const effects = judge(flow, order, verdict);
  const { door } = flow;
  // With no later call left that could prove otherwise, the refusal was meant for all.
  const isProven = door !== null && ![...flow.calls].some((other) => other > door.order);
  return isProven ? [...effects, ...closeDoor(flow, door.restMs)] : effects;
}

function judge(flow: Flow, order: number, verdict: Verdict): Effect[] {
  switch (verdict.kind) {
    case 'neutral':
      return [];
    case 'ok':
      return noteOk(flow, order);
    case 'throttled':
      noteAnswer(flow, true);
      flow.door = {
        order: Math.max(order, flow.door?.order ?? 0),
        restMs: Math.max(verdict.restMs, flow.door?.restMs ?? 0),
      };
      return [];
    case 'failed':
      return noteFailed(flow, verdict);
    case 'unreadable':
      return noteUnreadable(flow, verdict);
    case 'closed':
      return open(flow, verdict.type, verdict.restMs);
  }
}

/** A refusal for haste is one score's when the platform took a call that began after it, and such refusals are few. */
function noteOk(flow: Flow, order: number): Effect[] {
  noteAnswer(flow, false);
  const hadTrouble = flow.isProbe;
  flow.hasSucceeded = true;
  flow.failuresInRow = 0;
  flow.failing.clear();
  flow.unreadable.clear();
  if (flow.door && order > flow.door.order) {
    const isHasty = flow.refusals >= LEAST_REFUSALS && flow.refusals > flow.answers * HASTY_PART;
    if (isHasty) return closeDoor(flow, flow.door.restMs);
    flow.door = null;
  }
  if (!hadTrouble) return [];
  flow.isProbe = false;
  return [{ kind: 'recovered' }];
}

function noteAnswer(flow: Flow, isRefusal: boolean): void {
  if (flow.answers >= WINDOW) {
    flow.answers /= 2;
    flow.refusals /= 2;
  }
  flow.answers += 1;
  if (isRefusal) flow.refusals += 1;
}

function closeDoor(flow: Flow, restMs: number): Effect[] {
  flow.door = null;
  deny(flow, { reason: 'PlatformRateLimited', waitMs: restMs });
  return [{ kind: 'throttled', restMs }];
}

function noteFailed(flow: Flow, { type, context }: { type: string; context: string }): Effect[] {
  flow.failuresInRow += 1;
  flow.failing.add(context);
  if (flow.isProbe) return open(flow, type);
  if (flow.failuresInRow < IN_ROW) return [];
  if (flow.failing.size > 1 || flow.met.size === 1) return open(flow, type);
  flow.failuresInRow = 0;
  flow.failing.clear();
  return [{ kind: 'courseFails', context, type }];
}

/** Many courses in a row have a proxy or a login page before them; one has a fault of its own, whoever else was tried. */
function noteUnreadable(flow: Flow, { type, context }: { type: string; context: string }): Effect[] {
  const times = (flow.unreadable.get(context) ?? 0) + 1;
  flow.unreadable.set(context, times);
  if (flow.unreadable.size >= IN_ROW) {
    flow.unreadable.clear();
    return open(flow, type);
  }
  const effects: Effect[] = flow.isProbe ? [{ kind: 'unproven' }] : [];
  flow.isProbe = false;
  return times % IN_ROW === 0 ? [...effects, { kind: 'courseFails', context, type }] : effects;
}

/** What was under way when it opened may fail too: that is the same trouble. */
function open(flow: Flow, type: string, restMs?: number): Effect[] {
  if (flow.denial && flow.denial.reason !== 'PlatformRateLimited') return [];
  flow.isProbe = false;
  deny(flow, { reason: type, waitMs: restMs ?? 1_000 });
  return [{ kind: 'opened', type, ...(restMs !== undefined && { restMs }) }];
}

function deny(flow: Flow, denial: Denial): void {
  flow.denial = denial;
  flow.version += 1;
}
