import { createSandboxControl } from '../../sandbox/control-client.js';
import { createApiClient } from './api-client.js';
import { LANE_MS, withChaosStack, type ChaosRunOptions, type ChaosStack } from './chaos-stack.js';
import { COLUMN_COUNT, createCourses, FAMILIES, type LmsPlan } from './courses.js';
import { examine, longestRecovery, type Findings } from './examine.js';
import { readTruth } from './gradebook-truth.js';
import { handIn, type Handed } from './load.js';
import { planLoad } from './load-plan.js';
import { listUnfinished, settle } from './settling.js';
import { planStrikes, ROUND, ROUND_WITH_POOLER, type StrikeKind } from './strike-plan.js';
import { strikeAll, type Struck } from './striker.js';
import { beginTrouble } from './trouble.js';

const LMSES = FAMILIES.map((family): LmsPlan => ({ platformId: `chaos-${family}`, family, courses: 2 }));
const COURSE_COUNT = LMSES.reduce((sum, { courses }) => sum + courses, 0);

export interface CampaignOptions extends ChaosRunOptions {
  seed: number;
  /** Strikes, pauses and zombies among them. */
  kills: number;
  /** What is struck by turns; default: all that runs. */
  round?: readonly StrikeKind[];
  /** What is done to the stack instead of strikes, while the load lasts. */
  disturb?: (stack: ChaosStack) => Promise<void>;
  scores: number;
  /** How long the load and the strikes last. */
  durationMs: number;
  /** How long all may take to arrive afterwards. */
  settleMs: number;
}

export interface CampaignResult extends Findings {
  struck: Struck[];
  handed: Handed;
  /** Calls to LTIAAS that went wrong on purpose. */
  faults: number;
  cells: number;
  arrived: number;
  calls: number;
  doubledColumns: string[];
  /** Scores that Passback itself does not call submitted in their newest revision, in words. */
  unfinished: string[];
  /** Processes that ended without having been killed, in words. */
  endedAlone: string[];
  settledAfterMs: number;
  longestRecoveryMs: number | null;
}

/** Runs a campaign on a stack of its own and holds the gradebooks against what was accepted. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { result, endedAlone } = await withChaosStack(options, (stack) => rage(stack, options));
  return { ...result, endedAlone };
}

async function rage(stack: ChaosStack, options: CampaignOptions): Promise<Omit<CampaignResult, 'endedAlone'>> {
  const { seed, kills, scores, durationMs, settleMs, print } = options;
  const control = createSandboxControl(stack.sandboxUrl);
  const api = createApiClient(stack.apiUrl, stack.apiKey);
  const plan = planLoad({ seed, scores, durationMs, courses: COURSE_COUNT, columns: COLUMN_COUNT });
  const students = 1 + Math.max(...plan.cells.map(({ student }) => student));
  const courses = await createCourses(control, LMSES, { students, launch: (ltik) => api.launch(ltik) });
  await beginTrouble(control, seed);

  const { round = options.pooledConnections === undefined ? ROUND : ROUND_WITH_POOLER } = options;
  const strikes = planStrikes({ seed, kills, durationMs, laneMs: LANE_MS, round });
  const { disturb } = options;
  const [handed, struck] = await Promise.all([
    handIn(api, plan, courses),
    disturb ? disturb(stack).then((): Struck[] => []) : strikeAll(stack, strikes, print),
  ]);
  const faults = (await control.listFaults()).reduce((sum, fault) => sum + fault.struck, 0);
  await control.clearFaults();
  print(`${handed.posts} scores are handed in, ${struck.length} strikes over; waiting until all is settled`);
  const calmSince = performance.now();
  await settle(api, settleMs, print);
  const settledAfterMs = performance.now() - calmSince;

  const truth = await readTruth(control, { plan, courses, wanted: handed.wanted });
  const findings = examine(truth.histories);
  const { doubledColumns } = truth;
  return {
    ...{ ...findings, struck, handed, faults, settledAfterMs, doubledColumns },
    cells: truth.histories.length,
    arrived: truth.histories.length - findings.lost.length,
    calls: truth.appliedAt.length,
    unfinished: await listUnfinished(api, handed.wanted.size),
    longestRecoveryMs: longestRecovery(struck, truth.appliedAt),
  };
}
