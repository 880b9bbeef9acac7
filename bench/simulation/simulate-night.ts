import { drawAround } from './random.js';
import {
  beat,
  begin,
  LEAST_REST_MS,
  spendActions,
  summarise,
  type Event,
  type Night,
  type NightInput,
  type Outcome,
  type Place,
  type SimulatedNight,
} from './night-state.js';
import type { SimulatedPlatform } from './population.js';

/** As workflows and activities have it (workflows/pass.ts, activities/passes, db/runs/pick-contexts.ts). */
const PAGE = 200;
const LONGEST_REST_MS = 5_000;
const roomOf = (cap: number): number => Math.max(4, Math.min(24, 2 * cap));
/** A failed call's score rests so long (activities/times.ts). */
const FAILED_REST_MS = 5_000;

/**
 * A night by discrete events: the pass picks courses, platforms take what their rules allow, machines do one piece after
 * the other. It makes no call, and the same seed gives the same night.
 */
export function simulateNight(input: NightInput): SimulatedNight {
  const night = begin(input);
  if (night.costs.unit === 'platform') {
    for (const place of night.places) pick(night, 0, place, { atMost: Infinity, room: Infinity });
  }
  night.events.push(0, { kind: 'step' });
  for (let next = night.events.pop(); next && night.endedAtMs === null; next = night.events.pop()) {
    happen(night, next.atMs, next.event);
  }
  return summarise(night);
}

function happen(night: Night, nowMs: number, event: Event): void {
  if (event.kind === 'step') return takeStep(night, nowMs);
  const { place } = event;
  if (event.kind === 'opened') {
    night.waiting.push(event);
    return takeSlots(night, nowMs);
  }
  if (event.kind === 'rested') place.backlog.giveBack(event.course);
  if (event.kind === 'ended') endCall(night, nowMs, event);
  beginCalls(night, nowMs, place);
}

function takeSlots(night: Night, nowMs: number): void {
  while (night.free > 0) {
    const next = night.waiting.shift();
    if (!next) return;
    night.free -= 1;
    next.place.backlog.open(next.picked, nowMs);
    next.place.startedAtMs = nowMs;
    beginCalls(night, nowMs, next.place);
  }
}

/** Begins whatever the rules allow, and plans another look where time alone will allow more. */
function beginCalls(night: Night, nowMs: number, place: Place): void {
  const { platform, rules, backlog } = place;
  for (;;) {
    const leave = rules.mayBegin(nowMs);
    if (leave !== true) {
      const { againAtMs } = leave;
      if (againAtMs === null || place.looksAtMs > nowMs) return;
      place.looksAtMs = againAtMs;
      return night.events.push(againAtMs, { kind: 'again', place });
    }
    const course = backlog.take();
    if (course === undefined) return;
    rules.begin();
    night.calls += 1;
    const beganAtMs = night.shared.work(nowMs, night.costs.score);
    const tookMs = drawAround(night.random, night.latency[platform.family]);
    const outcome = drawOutcome(night, platform, beganAtMs);
    night.events.push(beganAtMs + tookMs, { kind: 'ended', place, course, outcome });
  }
}

function drawOutcome({ faults, random }: Night, { outage }: SimulatedPlatform, atMs: number): Outcome {
  if (outage && atMs >= outage.fromMs && atMs < outage.toMs) return 'failed';
  const draw = random();
  if (draw < faults.throttled) return 'throttled';
  return draw < faults.throttled + faults.failed ? 'failed' : 'taken';
}

function endCall(night: Night, nowMs: number, { place, course, outcome }: Extract<Event, { kind: 'ended' }>): void {
  const { rules, backlog } = place;
  if (outcome === 'taken') {
    rules.succeed();
    const isCourseDone = backlog.finish(course, nowMs);
    const isPlaceDone = backlog.left() === 0;
    night.taken += 1;
    if (isPlaceDone) place.doneAtMs = nowMs;
    if (night.costs.unit === 'course' ? !isCourseDone : !isPlaceDone) return;
    night.free += 1;
    return takeSlots(night, nowMs);
  }
  const restMs = outcome === 'throttled' ? night.faults.retryAfterMs : FAILED_REST_MS;
  if (outcome === 'throttled') rules.throttle(nowMs, restMs);
  else rules.fail(nowMs);
  night.events.push(nowMs + restMs, { kind: 'rested', place, course });
}

/** Settles what is done, picks what comes next, and plans the next step, as the pass does. */
function takeStep(night: Night, nowMs: number): void {
  const { costs, scores } = night;
  night.steps += 1;
  const settled = night.places.flatMap(({ backlog }) => backlog.settle());
  if (costs.unit === 'course') for (const lastedMs of settled) beat(night, lastedMs);
  const picked = costs.unit === 'course' ? pickPage(night, nowMs) : 0;
  if (night.taken === scores && picked === 0) {
    night.endedAtMs = nowMs;
    return;
  }
  const workedMs = costs.step.ms + (costs.step.msPerThousandWaiting * (scores - night.taken)) / 1_000;
  night.restMs = settled.length + picked > 0 ? LEAST_REST_MS : Math.min(night.restMs * 2, LONGEST_REST_MS);
  night.events.push(spendActions(night, nowMs, costs.actions.step) + workedMs + night.restMs, { kind: 'step' });
}

/** The first of each platform, then the second of each, and so on, as the statement has it. */
function pickPage(night: Night, nowMs: number): number {
  let picked = 0;
  for (let before = -1; before < picked && picked < PAGE;) {
    before = picked;
    for (const place of night.places) {
      if (picked < PAGE) picked += pick(night, nowMs, place, { atMost: 1, room: roomOf(place.rules.cap()) });
    }
  }
  return picked;
}

/** Gives the number of courses that were picked; they open when whoever sends them has been started. */
function pick(night: Night, nowMs: number, place: Place, limit: { atMost: number; room: number }): number {
  const { costs, shared, events } = night;
  const picked = place.backlog.pick(limit);
  if (picked.count === 0) return 0;
  const isByCourse = costs.unit === 'course';
  const units = isByCourse ? picked.count : 1;
  night.units += units;
  let openAtMs = spendActions(night, nowMs, units * costs.actions.unit);
  for (let unit = 0; isByCourse && unit < units; unit += 1) {
    openAtMs = Math.max(openAtMs, shared.work(nowMs, costs.course));
  }
  events.push(openAtMs, { kind: 'opened', place, picked });
  return picked.count;
}
