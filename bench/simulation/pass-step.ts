/** The night's pass: workflows/pass.ts, activities/passes/run-pass.ts, and db/runs for what goes next. */
import type { CpuSeconds } from './machines.js';
import { PARTS } from './machines.js';
import { spend, type Night, type Place } from './night-state.js';
import { wake } from './sender.js';

const PAGE = 200;
const PLAN_PAGE = 200;
/** How long one step goes on putting courses in line. */
const PLAN_MS = 10_000;
/** The shortest and the longest rest between two steps. */
export const LEAST_REST_MS = 1_000;
const LONGEST_REST_MS = 5_000;
/** A sender that runs claims again after this, when it found too little. */
const CLAIM_AGAIN_MS = 50;
/** Asking what comes next, and the rest until then. */
const STEP_ACTIONS = 2;

const roomOf = (cap: number): number => Math.max(4, Math.min(24, 2 * cap));

/** Settles what is done, picks what comes next, wakes each gate's sender once, and plans the next step. */
export function takeStep(night: Night, nowMs: number): void {
  night.steps += 1;
  const workedMs = { all: 0 };
  const work = (cost: CpuSeconds, count: number): void => {
    const seconds = PARTS.reduce((sum, part) => sum + cost[part], 0) * count;
    const spread = { worker: cost.worker * count, postgres: cost.postgres * count, temporal: cost.temporal * count };
    // One statement after the other, however many cores there are.
    workedMs.all = Math.max(workedMs.all + seconds * 1_000, night.shared.work(nowMs, spread) - nowMs);
  };
  const { costs } = night;
  const settled = night.places.reduce((sum, { backlog }) => sum + backlog.settle(), 0);
  const underWay = night.places.reduce((sum, { backlog }) => sum + backlog.underWay(), 0);
  work(costs.step, 1);
  work(costs.underWay, underWay + settled);
  while (night.unplanned > 0 && workedMs.all < PLAN_MS) {
    const page = Math.min(PLAN_PAGE, night.unplanned);
    night.unplanned -= page;
    work(costs.planned, page);
  }
  const picks = night.unplanned === 0 ? pickPage(night.places) : new Map<Place, number>();
  const picked = [...picks.values()].reduce((sum, count) => sum + count, 0);
  work(costs.picked, picked);
  const doneAtMs = nowMs + workedMs.all;
  for (const [place, count] of picks) {
    place.backlog.pick(count);
    night.events.push(doneAtMs + CLAIM_AGAIN_MS, { kind: 'look', place });
    wake(night, doneAtMs, place);
  }
  const takenAtMs = spend(night, doneAtMs, STEP_ACTIONS);
  if (night.taken === night.scores && underWay + picked === 0) {
    night.endedAtMs = doneAtMs;
    return;
  }
  night.restMs = settled + picked > 0 ? LEAST_REST_MS : Math.min(night.restMs * 2, LONGEST_REST_MS);
  night.events.push(takenAtMs + night.restMs, { kind: 'step' });
}

/** By places with room, those first that have the fewest courses under way, as db/runs/pick-contexts.ts has it. */
function pickPage(places: readonly Place[]): Map<Place, number> {
  const free = places.filter(({ backlog, rules }) => backlog.inLine() > 0 && roomOf(rules.cap()) > backlog.underWay());
  const share = Math.ceil(PAGE / Math.max(free.length, 1));
  const byTurn: Place[][] = [];
  for (const place of free) {
    const { backlog, rules } = place;
    const busy = backlog.underWay();
    const most = Math.min(share, roomOf(rules.cap()) - busy, backlog.inLine());
    for (let turn = busy; turn < busy + most; turn += 1) (byTurn[turn] ??= []).push(place);
  }
  const picks = new Map<Place, number>();
  for (const place of byTurn.flat().slice(0, PAGE)) picks.set(place, (picks.get(place) ?? 0) + 1);
  return picks;
}
