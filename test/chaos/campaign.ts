import { setTimeout as delay } from 'node:timers/promises';
import { aborted } from '../../dev/machine/time-limit.js';
import { createSandboxControl } from '../../sandbox/control-client.js';
import { createApiClient, type ApiClient } from './api-client.js';
import { LANE_MS, startChaosStack, type ChaosStack } from './chaos-stack.js';
import { COLUMN_COUNT, COURSE_COUNT, createCourses } from './courses.js';
import { examine, longestRecovery, type Findings } from './examine.js';
import { readTruth } from './gradebook-truth.js';
import { handIn, type Handed } from './load.js';
import { planLoad } from './load-plan.js';
import { planStrikes } from './strike-plan.js';
import { strikeAll, type Struck } from './striker.js';
import { beginTrouble } from './trouble.js';

const UNFINISHED = ['due', 'sending', 'unknown'] as const;
const PAGE_SIZE = 200;

export interface CampaignOptions {
  seed: number;
  /** Strikes, pauses and zombies among them. */
  kills: number;
  scores: number;
  /** How long the load and the strikes last. */
  durationMs: number;
  /** How long all may take to arrive afterwards. */
  settleMs: number;
  bundlePath?: string | undefined;
  keepFolder?: boolean;
  /** Calls the campaign off; all that it started is stopped. */
  signal?: AbortSignal;
  print: (text: string) => void;
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
  const { print, bundlePath, keepFolder = false, signal = new AbortController().signal } = options;
  const endedAlone: string[] = [];
  const onProgress = (text: string): void => {
    print(text);
    if (/ended with (?!SIGKILL)/.test(text)) endedAlone.push(text);
  };
  const stack = await startChaosStack({ bundlePath, keepFolder, onProgress });
  try {
    const result = await Promise.race([rage(stack, options), aborted(signal)]);
    if (result === undefined) throw new Error('The campaign was called off.');
    return { ...result, endedAlone: [...endedAlone] };
  } finally {
    await stack.stop();
  }
}

async function rage(stack: ChaosStack, options: CampaignOptions): Promise<Omit<CampaignResult, 'endedAlone'>> {
  const { seed, kills, scores, durationMs, settleMs, print } = options;
  const control = createSandboxControl(stack.sandboxUrl);
  const api = createApiClient(stack.apiUrl, stack.apiKey);
  const plan = planLoad({ seed, scores, durationMs, courses: COURSE_COUNT, columns: COLUMN_COUNT });
  const students = 1 + Math.max(...plan.cells.map(({ student }) => student));
  const courses = await createCourses(control, { students, launch: (ltik) => api.launch(ltik) });
  await beginTrouble(control, seed);

  const strikes = planStrikes({ seed, kills, durationMs, laneMs: LANE_MS });
  const [handed, struck] = await Promise.all([handIn(api, plan, courses), strikeAll(stack, strikes, print)]);
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

/** Waits until nothing is left to be sent, or for as long as it may take. */
async function settle(api: ApiClient, settleMs: number, print: (text: string) => void): Promise<void> {
  const deadline = performance.now() + settleMs;
  for (;;) {
    const left = await Promise.all(UNFINISHED.map(async (state) => (await api.listScores({ state, limit: 1 })).scores));
    if (left.every((scores) => scores.length === 0)) return;
    if (performance.now() > deadline) return print(`not settled within ${settleMs / 1_000} s`);
    await delay(500);
  }
}

async function listUnfinished(api: ApiClient, expected: number): Promise<string[]> {
  const unfinished: string[] = [];
  let count = 0;
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await api.listScores({ limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) });
    for (const { id, state, revision, submittedRevision } of page.scores) {
      if (state === 'submitted' && revision === submittedRevision) continue;
      unfinished.push(`${id}: ${state} at revision ${revision}, submitted ${submittedRevision ?? 'none'}`);
    }
    count += page.scores.length;
    cursor = page.nextCursor;
  }
  if (count !== expected) unfinished.push(`${expected} cells were accepted, and Passback knows ${count} scores`);
  return unfinished;
}
