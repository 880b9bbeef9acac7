import { createSandboxControl, type SandboxControl } from '../../sandbox/control-client.js';
import { createApiClient } from './api-client.js';
import { CALL_TIMEOUT_MS, withChaosStack, type ChaosRunOptions, type ChaosStack } from './chaos-stack.js';
import { COLUMN_COUNT, createCourses, type Course } from './courses.js';
import { examine, type Findings } from './examine.js';
import { countPestering, delaysOf, type Call, type Journey, type Pestered } from './fault-findings.js';
import { beginFaults, inflict, revive, type Inflicted } from './fault-inflictor.js';
import { planFaults, type FaultPlan } from './fault-plan.js';
import { readTruth, type CellTruth } from './gradebook-truth.js';
import { handIn, type Handed } from './load.js';
import { planLoad, type LoadPlan } from './load-plan.js';
import { listUnfinished, settle } from './settling.js';

export interface FaultCampaignOptions extends ChaosRunOptions {
  seed: number;
  scores: number;
  /** Of each of the six LMSes. */
  courses: number;
  /** How long the load and the faults last. */
  durationMs: number;
  /** How long all may take to arrive afterwards, and once more after the dead came back. */
  settleMs: number;
}

export interface FaultCampaignResult extends Findings {
  plan: FaultPlan;
  inflicted: Inflicted;
  handed: Handed;
  /** Single calls that went wrong on purpose. */
  faults: number;
  cells: number;
  arrived: number;
  /** All that LTIAAS got, and those that changed a gradebook. */
  calls: { all: number; applied: number };
  pestered: Pestered[];
  /** How long scores of LMSes without trouble took from the answer to the gradebook, in milliseconds. */
  healthyDelaysMs: {
    /** Accepted while another LMS was in an episode. */
    inTrouble: number[];
    /** Accepted while none was: what this machine gives now. */
    inPeace: number[];
  };
  doubledColumns: string[];
  unfinished: string[];
  endedAlone: string[];
  settledAfterMs: number;
}

/** Runs a campaign of faults, in which nothing is killed, on a stack of its own. */
export async function runFaultCampaign(options: FaultCampaignOptions): Promise<FaultCampaignResult> {
  const { result, endedAlone } = await withChaosStack(options, (stack) => suffer(stack, options));
  return { ...result, endedAlone };
}

async function suffer(
  stack: ChaosStack,
  { seed, scores, courses: coursesOfEach, durationMs, settleMs, print }: FaultCampaignOptions,
): Promise<Omit<FaultCampaignResult, 'endedAlone'>> {
  const control = createSandboxControl(stack.sandboxUrl);
  const api = createApiClient(stack.apiUrl, stack.apiKey);
  const launch = (ltik: string): Promise<void> => api.launch(ltik);
  const plan = planFaults({ seed, durationMs, courses: coursesOfEach, callTimeoutMs: CALL_TIMEOUT_MS });
  const courseCount = plan.lmses.length * coursesOfEach;
  const load = planLoad({ seed, scores, durationMs, courses: courseCount, columns: COLUMN_COUNT });
  const students = 1 + Math.max(...load.cells.map(({ student }) => student));
  const courses = await createCourses(control, plan.lmses, { students, launch });
  await beginFaults(control, plan);
  const [handed, inflicted] = await Promise.all([
    handIn(api, load, courses),
    inflict(control, plan, { courses, callTimeoutMs: CALL_TIMEOUT_MS, onFault: print }),
  ]);
  const faults = (await control.listFaults()).reduce((sum, fault) => sum + fault.struck, 0);
  await control.clearFaults();
  print(`${handed.posts} scores are handed in; waiting until all is settled but what is dead`);
  const calmSince = performance.now();
  await settle(api, settleMs, print);
  const settledAfterMs = performance.now() - calmSince;
  const calls = await readCalls(control);

  print(`${inflicted.died.length} courses and columns come back`);
  await revive(control, inflicted.died, launch);
  await settle(api, settleMs, print);
  const { histories, doubledColumns, appliedAt } = await readTruth(control, {
    plan: load,
    courses,
    wanted: handed.wanted,
  });
  const findings = examine(histories);
  return {
    ...{ ...findings, plan, inflicted, handed, faults, settledAfterMs, doubledColumns },
    cells: histories.length,
    arrived: histories.length - findings.lost.length,
    calls: { all: (await control.health()).journal, applied: appliedAt.length },
    pestered: countPestering(calls, inflicted, CALL_TIMEOUT_MS),
    healthyDelaysMs: tellApart(healthyJourneys(handed, histories, { plan, load, courses }), inflicted),
    unfinished: await listUnfinished(api, handed.wanted.size),
  };
}

async function readCalls(control: SandboxControl): Promise<Call[]> {
  const entries = await control.journalEntries();
  return entries.map(({ at, route, platformId, contextId, lineItemId, status }) => ({
    ...{ at: Date.parse(at), route, platformId, contextId, lineItemId, status },
  }));
}

/** Everything that was new in courses of LMSes without trouble. */
function healthyJourneys(
  { accepted }: Handed,
  histories: readonly CellTruth[],
  { plan, load, courses }: { plan: FaultPlan; load: LoadPlan; courses: readonly Course[] },
): Journey[] {
  const healthy = new Set(plan.lmses.filter(({ trouble }) => trouble === 'none').map(({ platformId }) => platformId));
  const byCell = new Map(histories.map((history) => [history.cell, history]));
  return accepted.flatMap(({ cell, version, at }) => {
    const course = courses[load.cells[cell]?.course ?? -1];
    const history = byCell.get(cell);
    if (course === undefined || history === undefined || !healthy.has(course.platformId)) return [];
    const applied = history.applied.map((one, place) => ({ version: one, at: history.appliedAt[place] ?? 0 }));
    return [{ version, acceptedAt: at, applied }];
  });
}

function tellApart(journeys: readonly Journey[], { suffered }: Inflicted): FaultCampaignResult['healthyDelaysMs'] {
  const isInTrouble = ({ acceptedAt }: Journey): boolean =>
    suffered.some(({ fromMs, toMs }) => acceptedAt >= fromMs && acceptedAt <= toMs);
  return {
    inTrouble: delaysOf(journeys.filter(isInTrouble)),
    inPeace: delaysOf(journeys.filter((journey) => !isInTrouble(journey))),
  };
}
