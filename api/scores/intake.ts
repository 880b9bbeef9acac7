import { parseScore, type ParsedItem, type ParsedScore } from '../../domain/parse-score.js';
import type { Deps } from '../app.js';
import type { CourseWake } from '../../waking/workflow-waker.js';
import type { AcceptedScore } from '../../db/scores/accept-scores.js';
import type { ResolvedTarget, TargetProblem } from '../../db/scores/score-targets.js';
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

/** Takes the items of one request, in order; counts and indexes run on from call to call. */
export interface Intake {
  /** At most {@link CHUNK_SIZE} items: one transaction, committed when it resolves. */
  take(items: readonly RawItem[]): Promise<{ answers: ItemAnswer[]; wakes: CourseWake[] }>;
  counts(): IntakeCounts;
}

/** Enough for one statement to be worth its round trip, and few enough for its locks to be short. */
export const CHUNK_SIZE = 500;

const TARGET_PROBLEMS: Readonly<Record<TargetProblem, readonly [ProblemName, string, string]>> = {
  unknownPlatform: ['unknown-platform', 'No launch from this platform has been recorded.', '/platformId'],
  unknownDeployment: ['unknown-deployment', 'No launch from this deployment has been recorded.', '/deploymentId'],
  ambiguousDeployment: ['ambiguous-deployment', 'Name the deploymentId too.', '/deploymentId'],
  unknownContext: ['unknown-context', 'Record a launch from this context first.', '/contextId'],
};

export function createIntake(
  { store, now }: Pick<Deps, 'store' | 'now'>,
  { platforms }: { platforms: readonly string[] | null },
): Intake {
  const resolver = store.intake.createResolver({ platforms });
  const counts: IntakeCounts = { accepted: 0, unchanged: 0, superseded: 0, invalid: 0 };
  let next = 0;

  return {
    async take(items) {
      const first = next;
      const parsed = items.map((item) =>
        'problem' in item ? refuse(item.problem) : judge(parseScore(item.value, now())),
      );
      const scores = parsed.flatMap((item) => (item.ok ? [item.score] : []));
      const stored = await storeScores(scores);
      const outcomes = parsed.map((item) => (item.ok ? (stored.shift() ?? lost()) : item));
      const answers = outcomes.map((outcome, offset) => toAnswer(first + offset, outcome));
      next += items.length;
      for (const { outcome } of answers) counts[outcome] += 1;
      return {
        answers,
        wakes: outcomes.flatMap((outcome) => ('wake' in outcome && outcome.wake ? [outcome.wake] : [])),
      };
    },
    counts: () => ({ ...counts }),
  };

  async function storeScores(scores: readonly ParsedScore[]): Promise<Outcome[]> {
    if (scores.length === 0) return [];
    const targets = await resolver.resolve(scores.map(({ target }) => target));
    const placed = scores.flatMap((score, index) => {
      const target = targets[index];
      return target && 'context' in target ? [{ ...score, ...target }] : [];
    });
    const accepted = placed.length > 0 ? await store.intake.accept(placed) : [];
    return targets.map((target) =>
      'problem' in target ? refuse(toProblem(...targetProblem(target))) : toOutcome(accepted.shift(), target),
    );
  }
}

type Outcome = { ok: false; problem: Problem } | { ok: true; accepted: AcceptedScore; wake: CourseWake | null };

function refuse(problem: Problem): { ok: false; problem: Problem } {
  return { ok: false, problem };
}

function judge(item: ParsedItem): { ok: false; problem: Problem } | { ok: true; score: ParsedScore } {
  if (item.ok) return item;
  const { fault, message, pointer } = item.fault;
  return refuse(toProblem(fault, message, { pointer }));
}

/** A target that cannot be found as a problem: its name, detail and place. */
export function targetProblem({ problem }: { problem: TargetProblem }): [ProblemName, string, { pointer: string }] {
  const [name, detail, pointer] = TARGET_PROBLEMS[problem];
  return [name, detail, { pointer }];
}

function toOutcome(
  accepted: AcceptedScore | undefined,
  { context, deployment }: Extract<ResolvedTarget, { context: string }>,
): Outcome {
  if (!accepted) return lost();
  return { ok: true, accepted, wake: accepted.needsSync ? { context, deployment, trigger: 'api' } : null };
}

/** A store that answers fewer items than it got must not shift the answers of the others. */
function lost(): never {
  throw new Error('A score got no answer from the store.');
}

function toAnswer(index: number, outcome: Outcome): ItemAnswer {
  if (!outcome.ok) return { index, id: null, revision: null, outcome: 'invalid', problem: outcome.problem };
  const { id, revision, outcome: became } = outcome.accepted;
  if (became === 'wouldClear') {
    const detail = 'An LMS would blank the grade for this gradingProgress. Send FullyGraded, or "clear": true.';
    const problem = toProblem('would-clear-grade', detail, { pointer: '/gradingProgress' });
    return { index, id, revision, outcome: 'invalid', problem };
  }
  return { index, id, revision, outcome: became, problem: null };
}
