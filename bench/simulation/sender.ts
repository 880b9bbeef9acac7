/** The sender of a gate: workflows/send-scores.ts around activities/submit, with their own decisions in the middle. */
import { beginCall, createFlow, endCall, mayBegin, takeGrant, type Effect } from '../../activities/guards/flow.js';
import { NO_COUNTS } from '../../domain/sync-counts.js';
import type { SendState } from '../../workflows/messages.js';
import { nextSendStep } from '../../workflows/next-send-step.js';
import type { Claimed } from './backlog.js';
import { spend, type Batch, type Night, type Place } from './night-state.js';
import { drawAround } from './random.js';
import { endOf, type Outcome } from './outcomes.js';

/** From the signal to the batch's first statement, with machines at rest. */
const WAKE_MS = 30;
/** As configuration has it by default: LINGER, SUBMIT_CONCURRENCY. */
const LINGER_MS = 10_000;
const WANT = 64;
/** Without a rate: more than anybody begins between two questions. */
const UNLIMITED_STARTS = 1_000_000;
/** An attempt claims for 80 % of its ten minutes. */
const BUDGET_MS = 480_000;
/** How often a batch asks for its limits (activities/guards/lane-guard.ts); it beats every third time. */
const TICK_MS = 500;
/** What gets ready so soon is waited for in the batch; else it ends when one more claim has found nothing. */
const SHORT_WAIT_MS = 1_500;
const DRY_MS = 150;
/** As db/platforms/gate-wakes.ts has it. */
const TOLD_MS = 5_000;
/** Rests that are worth an upsert, and another one after them. */
const SHOWN_REST_MS = 5_000;

/** Signals the sender, or starts it with the signal, unless it was told a moment ago and has not looked since. */
export function wake(night: Night, nowMs: number, place: Place): void {
  if (nowMs - place.toldAtMs < TOLD_MS) return;
  place.toldAtMs = nowMs;
  night.wakes += 1;
  const takenAtMs = spend(night, nowMs, 1);
  const doneAtMs = night.shared.work(takenAtMs, night.costs.wake);
  night.events.push(doneAtMs + WAKE_MS, { kind: 'woken', place });
}

/** The signal is there. */
export function hear(night: Night, nowMs: number, place: Place): void {
  place.sender ??= { state: freshState(), phase: 'begins', timer: 0 };
  const { sender } = place;
  sender.state.isWoken = true;
  if (sender.phase === 'begins' || sender.phase === 'rests') goOn(night, nowMs, place);
}

/** Does what comes next, as the workflow decides it. */
export function goOn(night: Night, nowMs: number, place: Place): void {
  const { sender } = place;
  if (!sender) return;
  // Workflows count whole milliseconds.
  const wholeMs = Math.floor(nowMs);
  const step = nextSendStep(sender.state, wholeMs, LINGER_MS);
  sender.timer += 1;
  if (step.kind === 'end') {
    place.sender = null;
    return;
  }
  if (step.kind === 'send') {
    sender.state.isWoken = false;
    sender.phase = 'sends';
    night.batches += 1;
    night.events.push(spend(night, nowMs, 1), { kind: 'queued', place });
    return;
  }
  const isFloor = step.kind === 'rest' && step.isFloor;
  sender.phase = isFloor ? 'mustRest' : 'rests';
  spend(night, nowMs, step.kind === 'rest' && step.ms >= SHOWN_REST_MS ? 3 : 1);
  night.events.push(wholeMs + step.ms, { kind: 'timer', place, timer: sender.timer });
}

/** Gives free slots to whoever waits for one, in the order in which they came. */
export function takeSlots(night: Night, nowMs: number): void {
  while (night.free > 0) {
    const place = night.waiting.shift();
    if (!place) return;
    night.free -= 1;
    const batch: Batch = { flow: createFlow(), beganAtMs: nowMs, ticks: 0, beatenAtMs: 0, taken: 0, isDry: false };
    place.batch = batch;
    place.toldAtMs = -Infinity;
    ask(nowMs, place, batch);
    night.events.push(nowMs + TICK_MS, { kind: 'tick', place, batch });
    beginCalls(night, nowMs, place);
  }
}

/** Asks for the limits anew; a beat that the namespace has not taken yet is not followed by another. */
export function tick(night: Night, nowMs: number, place: Place, batch: Batch): void {
  if (place.batch !== batch) return;
  batch.ticks += 1;
  if (batch.ticks % 3 === 0 && batch.beatenAtMs <= nowMs) {
    night.heartbeats += 1;
    batch.beatenAtMs = spend(night, nowMs, 1);
  }
  ask(nowMs, place, batch);
  night.events.push(nowMs + TICK_MS, { kind: 'tick', place, batch });
  beginCalls(night, nowMs, place);
}

function ask(nowMs: number, { rules }: Place, { flow }: Batch): void {
  const isLimited = flow.starts < UNLIMITED_STARTS / 2;
  const unspent = isLimited ? Math.max(flow.starts, 0) : 0;
  const inFlight = Math.max(flow.calls.size, flow.target);
  takeGrant(flow, rules.hold(nowMs, { inFlight, want: WANT, unspent, starts: UNLIMITED_STARTS }), flow.version);
}

/** Begins whatever may begin, and ends the batch where nothing is left for it to do. */
export function beginCalls(night: Night, nowMs: number, place: Place): void {
  const { batch, backlog } = place;
  if (!batch) return;
  const { flow } = batch;
  const isOver = nowMs - batch.beganAtMs > BUDGET_MS;
  while (!isOver && mayBegin(flow)) {
    const claimed = backlog.claim(nowMs);
    if (!claimed) break;
    batch.isDry = false;
    send(night, nowMs, { place, batch, claimed });
  }
  if (flow.calls.size > 0) return;
  if (isOver || flow.denial !== null) return endBatch(night, nowMs, place, batch);
  if (batch.isDry || backlog.hasReady(nowMs) || backlog.nextAtMs() - nowMs <= SHORT_WAIT_MS) return;
  batch.isDry = true;
  night.events.push(nowMs + DRY_MS, { kind: 'dry', place, batch });
}

/** One more claim has found nothing, or else it goes on. */
export function endWhenDry(night: Night, nowMs: number, place: Place, batch: Batch): void {
  if (place.batch !== batch || !batch.isDry) return;
  batch.isDry = false;
  const isDry = batch.flow.calls.size === 0 && !place.backlog.hasReady(nowMs);
  if (isDry) endBatch(night, nowMs, place, batch);
  else beginCalls(night, nowMs, place);
}

function send(night: Night, nowMs: number, sending: { place: Place; batch: Batch; claimed: Claimed }): void {
  const { place, batch, claimed } = sending;
  const context = String(claimed.course);
  if (!batch.flow.met.has(context)) night.shared.work(nowMs, night.costs.course);
  const order = beginCall(batch.flow, context);
  night.calls += 1;
  const beganAtMs = night.shared.work(nowMs, night.costs.score);
  const tookMs = drawAround(night.random, night.latency[place.platform.family]);
  const outcome = drawOutcome(night, place, beganAtMs);
  night.events.push(beganAtMs + tookMs, { kind: 'ended', ...sending, order, outcome });
}

function drawOutcome({ faults, random }: Night, { platform: { outage } }: Place, atMs: number): Outcome {
  if (outage && atMs >= outage.fromMs && atMs < outage.toMs) return 'failed';
  const draw = random();
  if (draw < faults.throttled) return 'throttled';
  return draw < faults.throttled + faults.failed ? 'failed' : 'taken';
}

export interface Ended {
  place: Place;
  batch: Batch;
  claimed: Claimed;
  order: number;
  outcome: Outcome;
}

/** What a call that has ended says of its score, and of the platform. */
export function endOneCall(night: Night, nowMs: number, { place, batch, claimed, order, outcome }: Ended): void {
  const { verdict, restMs } = endOf(outcome, claimed, night);
  for (const effect of endCall(batch.flow, order, verdict)) note(nowMs, place, batch, effect);
  if (restMs === null) {
    batch.taken += 1;
    night.taken += 1;
    place.backlog.finish(claimed.course);
    if (place.backlog.left() === 0) place.doneAtMs = nowMs;
  } else {
    place.backlog.rest({ ...claimed, tries: claimed.tries + 1 }, nowMs + restMs);
    night.events.push(nowMs + restMs, { kind: 'look', place });
  }
  beginCalls(night, nowMs, place);
}

/** Where all see it. One course that fails alone rests by its scores here. */
function note(nowMs: number, place: Place, batch: Batch, effect: Effect): void {
  const { rules } = place;
  if (effect.kind === 'throttled') rules.noteThrottled(nowMs, effect.restMs);
  else if (effect.kind === 'opened') rules.noteOpened(nowMs, effect.type);
  else if (effect.kind === 'recovered') rules.noteRecovered();
  ask(nowMs, place, batch);
}

/** As `conclude` of activities/submit/submit-batch.ts. */
function endBatch(night: Night, nowMs: number, place: Place, { flow, taken }: Batch): void {
  const { sender, backlog, rules } = place;
  place.batch = null;
  night.free += 1;
  if (!sender) throw new Error('A batch ran whose sender is gone.');
  const isReady = backlog.hasReady(nowMs);
  const nextMs = backlog.nextAtMs() - nowMs;
  const blockedMs = rules.blockedForMs(nowMs);
  const told = { courses: flow.met.size, platform: null, reason: null, atMs: Math.floor(nowMs) };
  const waiting = (ms: number): SendState['last'] => ({
    ...told,
    outcome: 'waiting',
    delayMs: Math.max(Math.ceil(ms), 100),
  });
  const { state } = sender;
  if (blockedMs !== null && (isReady || nextMs < Infinity))
    state.last = waiting(Math.max(blockedMs, isReady ? 0 : nextMs));
  else if (isReady) state.last = { ...told, outcome: 'more', delayMs: null };
  else state.last = nextMs < Infinity ? waiting(nextMs) : { ...told, outcome: 'drained', delayMs: null };
  state.idle = taken > 0 ? 0 : state.idle + 1;
  goOn(night, nowMs, place);
  takeSlots(night, nowMs);
}

function freshState(): SendState {
  return { isWoken: false, triggers: [], counts: { ...NO_COUNTS }, batches: 0, idle: 0, last: null };
}
