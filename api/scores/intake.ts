import { parseScore, type ParsedScore } from '../../domain/parse-score.js';
import type { ScoreOrigin } from '../../domain/score-origin.js';
import type { FoundTargets } from '../../db/scores/score-targets.js';
import type { TakenScore, TakingProblem } from '../../db/scores/take-scores.js';
import type { Wake } from '../../waking/workflow-waker.js';
import type { Deps } from '../app.js';
import type { Caller } from '../callers.js';
import { toProblem, type Problem, type ProblemName } from '../problems.js';

/** One item of a request, or why it could not even be read. */
export type RawItem = { value: unknown } | { problem: Problem };

export interface ItemAnswer {
  index: number;
  /** Our uuid of the score and the revision that we hold; null for an invalid item. */
  id: string | null;
  revision: number | null;
  outcome: 'accepted' | 'unchanged' | 'superseded' | 'invalid';
  problem: Problem | null;
}

export interface IntakeCounts {
  accepted: number;
  unchanged: number;
  superseded: number;
  invalid: number;
}

/** Items as scores, or why they are none. */
export type ReadItem = ParsedScore | { problem: Problem };

/** Takes the items of one request, in order; counts and indexes run on from call to call. */
export interface Intake {
  read(items: readonly RawItem[]): ReadItem[];
  /** At most {@link CHUNK_SIZE} items: one transaction, committed when it resolves. One call at a time. */
  store(items: readonly ReadItem[]): Promise<{ answers: ItemAnswer[]; wakes: Wake[] }>;
  counts(): IntakeCounts;
}

/** Enough for one statement to be worth its round trip, and few enough for its locks to be short. */
export const CHUNK_SIZE = 500;

const TARGET_PROBLEMS: Readonly<Record<TakingProblem, readonly [ProblemName, string, string]>> = {
  unknownPlatform: ['unknown-platform', 'No launch from this platform has been recorded.', '/platformId'],
  unknownDeployment: ['unknown-deployment', 'No launch from this deployment has been recorded.', '/deploymentId'],
  ambiguousDeployment: ['ambiguous-deployment', 'Name the deploymentId too.', '/deploymentId'],
  unknownContext: ['unknown-context', 'Record a launch from this context first.', '/contextId'],
  personErased: ['person-erased', 'Nothing is taken of this person until an operator readmits them.', '/userId'],
};

export function createIntake(
  { store, now }: Pick<Deps, 'store' | 'now'>,
  { platforms, apiKeyId, requestId }: Pick<Caller, 'platforms' | 'apiKeyId'> & { requestId: string },
): Intake {
  const counts: IntakeCounts = { accepted: 0, unchanged: 0, superseded: 0, invalid: 0 };
  const found: FoundTargets = { courses: new Map(), columns: new Map() };
  const origin: ScoreOrigin = { source: 'apiKey', id: apiKeyId, requestId };
  let next = 0;

  return {
    read: (items) => items.map((item) => ('problem' in item ? item : parse(item.value, now()))),
    async store(items) {
      const first = next;
      const scores = items.flatMap((item) => ('problem' in item ? [] : [item]));
      const taken = await store.takeScores(scores, { platforms, origin, found });
      const outcomes = items.map((item) => ('problem' in item ? item : (taken.shift() ?? lost())));
      const answers = outcomes.map((outcome, offset) => toAnswer(first + offset, outcome));
      next += items.length;
      for (const { outcome } of answers) counts[outcome] += 1;
      return { answers, wakes: outcomes.flatMap(toWakes) };
    },
    counts: () => ({ ...counts }),
  };
}

type Outcome = TakenScore | { problem: Problem | TakingProblem };

function parse(value: unknown, now: Date): ReadItem {
  const parsed = parseScore(value, now);
  if (parsed.ok) return parsed.score;
  const { fault, message, pointer } = parsed.fault;
  return { problem: toProblem(fault, message, { pointer }) };
}

/** A target that cannot be found as a problem: its name, detail and place. */
export function targetProblem(problem: TakingProblem): [ProblemName, string, { pointer: string }] {
  const [name, detail, pointer] = TARGET_PROBLEMS[problem];
  return [name, detail, { pointer }];
}

function toWakes(outcome: Outcome): Wake[] {
  if ('problem' in outcome || !outcome.needsSync) return [];
  const { context, deployment, gate } = outcome;
  return [{ context, deployment, gate, trigger: 'api' }];
}

/** A store that answers fewer items than it got must not shift the answers of the others. */
function lost(): never {
  throw new Error('A score got no answer from the store.');
}

function toAnswer(index: number, outcome: Outcome): ItemAnswer {
  if ('problem' in outcome) {
    const problem =
      typeof outcome.problem === 'string' ? toProblem(...targetProblem(outcome.problem)) : outcome.problem;
    return { index, id: null, revision: null, outcome: 'invalid', problem };
  }
  const { id, revision, outcome: became } = outcome;
  if (became === 'wouldClear') {
    const detail = 'An LMS would blank the grade for this gradingProgress. Send FullyGraded, or "clear": true.';
    const problem = toProblem('would-clear-grade', detail, { pointer: '/gradingProgress' });
    return { index, id, revision, outcome: 'invalid', problem };
  }
  return { index, id, revision, outcome: became, problem: null };
}
