import { judgeCell } from '../../domain/grade-policy.js';
import type { LmsFamily } from '../../domain/platform.js';
import { restAfterMs } from '../../domain/retry.js';
import { mightClear, type ScoreValue } from '../../domain/score.js';
import type { ActivityDeps } from '../deps.js';
import type { Batch, BatchCourse } from './batch.js';
import { applyConsequence, toVerdict, type ConsequenceDeps } from '../guards/apply-consequence.js';
import type { Verdict } from '../guards/flow.js';
import { judgeFailure, type Consequence, type Judgement } from '../guards/judge-failure.js';
import type { ClaimedScore, SendOutcome } from '../../db/scores/claims.js';
import type { Operation } from '../../ltiaas/classify.js';
import type { CellReader } from './cell-reader.js';

/** A gradebook that could not be read before sending is read again after this. */
const UNREAD_REST_MS = 60_000;
const HELD_TYPES = { toolWins: 'GradeStands', humanWins: 'HumanGradeStands', ask: 'HumanGradeUndecided' } as const;
const WIDE: readonly Consequence['kind'][] = ['platformTrouble', 'platformClosed', 'throttled', 'keyRejected'];

export type SendOneDeps = ConsequenceDeps & Pick<ActivityDeps, 'clock' | 'ltiaas' | 'toFailure' | 'random' | 'times'>;

/** A claimed score that was never sent. */
export function notBegun({ id }: ClaimedScore): SendOutcome {
  return { id, outcome: 'notBegun', startedAt: new Date(), durationMs: 0, restMs: 0, serviceKey: null };
}

/** A claimed score that the roster keeps back: no call is made for it. */
export function keptBack({ id, keptBackBy }: ClaimedScore): SendOutcome | null {
  if (keptBackBy === null) return null;
  return {
    ...{ id, outcome: 'held', failureType: keptBackBy, startedAt: new Date() },
    ...{ durationMs: 0, restMs: 0, serviceKey: null },
  };
}

/** What one sending brought: what became of the score, and what that says of the platform. */
export interface Sent {
  result: SendOutcome;
  verdict: Verdict;
}

const SAYS_NOTHING: Verdict = { kind: 'neutral' };
const SAYS_OK: Verdict = { kind: 'ok' };

export interface ToSend {
  course: BatchCourse;
  score: ClaimedScore;
  /** On the clock of `performance.now()`. */
  claimedAtMs: number;
  cells: CellReader;
}

/** Sends one score, after a look at its cell where the grade policy wants one. Never throws for what a platform answers. */
export async function sendOne(
  deps: SendOneDeps,
  batch: Batch,
  { course, score, claimedAtMs, cells }: ToSend,
): Promise<Sent> {
  const { clock, ltiaas } = deps;
  const [key] = course.keys;
  if (!key) return { result: notBegun(score), verdict: SAYS_NOTHING };
  const startedAt = new Date(clock.wallMs());
  const beganMs = clock.monotonicMs();
  const tell = (outcome: Pick<SendOutcome, 'outcome'> & Partial<SendOutcome>, verdict: Verdict): Sent => ({
    result: {
      ...{ id: score.id, startedAt, serviceKey: key.id, restMs: 0 },
      durationMs: Math.round(clock.monotonicMs() - beganMs),
      ...outcome,
    },
    verdict,
  });
  let operation: Operation = 'submitScore';
  try {
    // What an LMS might take for a wish to clear goes only where no grade stands, whoever gave it.
    const readsFirst = !score.isDecided && (score.gradePolicy !== 'toolWins' || mightClear(score.value));
    if (readsFirst) {
      operation = 'listResults';
      const verdict = judgeCell(await cells.find(score.lineItemId, score.userId, key), score);
      if (verdict === 'confirmed') return tell({ outcome: 'confirmed' }, SAYS_OK);
      if (verdict === 'held') return tell({ outcome: 'held', failureType: HELD_TYPES[score.gradePolicy] }, SAYS_OK);
      operation = 'submitScore';
    }
    const { status } = await ltiaas.submitScore({
      serviceKey: key.serviceKey,
      lineItemId: score.lineItemId,
      score: toSend(score, batch.family, startedAt),
      reGrade: score.submitted !== null,
      family: batch.family,
      beginBy: batch.lane.beginBy(),
      signal: batch.signal,
      pool: batch.gate,
    });
    return tell({ outcome: 'submitted', status }, SAYS_OK);
  } catch (error) {
    const failure = deps.toFailure(error, { family: batch.family, operation });
    if (!failure) throw error;
    const judgement = judgeFailure(failure, score, deps.random(), deps.times.settleMs);
    const { outcome, failureType, restMs } = operation === 'listResults' ? unread(judgement) : judgement;
    const { consequence } = judgement;
    // What cannot be read can often still be written to: only what stops every call counts for both.
    const isWide = operation === 'submitScore' || WIDE.includes(consequence.kind);
    const occurrence = { consequence, lineItem: score.lineItem, key, claimedAtMs };
    const isApplied = !isWide || (await isWritten(batch, applyConsequence(deps, batch, course, occurrence)));
    const { excerpt, code, status } = failure;
    // A call that we cut off ourselves says nothing of the platform.
    const verdict = batch.signal.aborted ? SAYS_NOTHING : toVerdict(consequence, course.context);
    // With nothing set aside the score itself must rest, or it would be called for again at once.
    const restsMs = isApplied ? restMs : Math.max(restMs, restAfterMs(score.tries + 1, deps.random()));
    return tell({ outcome, failureType, excerpt, code, status, restMs: restsMs }, verdict);
  }
}

/** The outcome of the call is known whether or not what follows from it can be written; if not, the batch ends. */
async function isWritten(batch: Batch, writing: Promise<void>): Promise<boolean> {
  try {
    await writing;
    return true;
  } catch {
    batch.stop ??= 'database';
    return false;
  }
}

/** A gradebook that cannot be read now says nothing of the score: it waits, as the grade policy wants it to. */
function unread(judgement: Judgement): Pick<Judgement, 'outcome' | 'failureType' | 'restMs'> {
  const { outcome, failureType } = judgement;
  if (outcome !== 'unknown' && outcome !== 'rejected') return judgement;
  return { outcome: 'retryable', failureType, restMs: UNREAD_REST_MS };
}

/**
 * The value as this platform is to hear it now. Canvas refuses a submission time in its future, and adds a comment anew
 * at every call, so one that it has already is left out (canvas-lms scores_controller.rb).
 */
function toSend(
  { userId, value, submitted }: ClaimedScore,
  family: LmsFamily,
  now: Date,
): ScoreValue & { userId: string } {
  const { comment, submission, ...rest } = value;
  const isRepeated = family === 'canvas' && comment === submitted?.comment;
  const submittedAt = submission?.submittedAt;
  const isAhead = submittedAt !== undefined && new Date(submittedAt) > now;
  return {
    ...{ userId, ...rest },
    ...(comment !== undefined && !isRepeated && { comment }),
    ...(submission && { submission: { ...submission, ...(isAhead && { submittedAt: now.toISOString() }) } }),
  };
}
