/**
 * Score: what the tool wants the gradebook to hold for one (line item, user). It has a revision that grows with every
 * accepted change; the gradebook shall end up with the newest one. What the gradebook holds is a *result*, not a score.
 */

export const ACTIVITY_PROGRESS = ['Initialized', 'Started', 'InProgress', 'Submitted', 'Completed'] as const;
export type ActivityProgress = (typeof ACTIVITY_PROGRESS)[number];

export const GRADING_PROGRESS = ['FullyGraded', 'Pending', 'PendingManual', 'Failed', 'NotReady'] as const;
export type GradingProgress = (typeof GRADING_PROGRESS)[number];

/**
 * - `due`: to be sent when its not-before time has come.
 * - `sending`: claimed under a lane; its call may be under way.
 * - `unknown`: a call may or may not have been applied; to be read back before anything is sent again.
 * - `submitted`, `rejected`: ends, until a new revision comes.
 * - `held`: the gradebook shows what a person put there, and the column's grade policy lets it stand.
 * - `superseded`: two names of one column turned out to be one column, and a newer score won.
 * - `erased`: its student was erased. It says nothing any more, and stays so.
 */
export const SCORE_STATES = [
  ...(['due', 'sending', 'unknown', 'submitted', 'rejected', 'held', 'superseded', 'erased'] as const),
] as const;
export type ScoreState = (typeof SCORE_STATES)[number];

/** Lower is sooner: a student's own score overtakes a nightly run, which overtakes a backfill. */
export const PRIORITY = { interactive: 1, nightly: 3, bulk: 5 } as const;
export type Priority = (typeof PRIORITY)[keyof typeof PRIORITY];

/**
 * What is sent for one (line item, user), without the names of either.
 * Without `scoreGiven` it says how far the student is, or, with `clears`, that the grade shall be taken away: zero, no
 * score and not started are three things. https://www.imsglobal.org/spec/lti-ags/v2p0#score-publish-service
 */
export interface ScoreValue {
  scoreGiven: number | null;
  /** The caller asked to take the grade away; only without `scoreGiven`. */
  clears?: boolean;
  scoreMaximum: number;
  activityProgress: ActivityProgress;
  gradingProgress: GradingProgress;
  comment?: string;
  submission?: { startedAt?: string; submittedAt?: string };
}

/** What we hold for one (line item, user) at the moment when a new value comes in. */
export interface HeldScore {
  state: Exclude<ScoreState, 'superseded' | 'erased'>;
  revision: number;
  value: ScoreValue;
  changedAt: Date;
  /** What the gradebook was last known to have taken from us, or null. */
  submitted: ScoreValue | null;
  /** To be sent whatever the gradebook was known to hold: somebody asked for it, or we can no longer know. */
  forced: boolean;
}

export interface IncomingScore {
  value: ScoreValue;
  changedAt: Date;
  /** Send even where nothing changed. */
  force: boolean;
}

/**
 * - `superseded`: what we hold is newer; nothing is stored.
 * - `unchanged`: we hold the same value; only its time moves.
 * - `accepted`: a new revision. Its state is `submitted` at once where the gradebook holds that value already.
 * - `wouldClear`: a value without a final grade over one with a grade, which an LMS would take as a request to clear.
 */
export type Acceptance =
  | { outcome: 'superseded' | 'unchanged' | 'wouldClear' }
  | { outcome: 'accepted'; state: 'due' | 'sending' | 'unknown' | 'submitted' };

/** Decides what a new value does to the score that we hold. Pure; the newest `changedAt` wins, the later of two equals. */
export function acceptScore(held: HeldScore, incoming: IncomingScore): Acceptance {
  if (incoming.changedAt < held.changedAt) return { outcome: 'superseded' };
  if (mightClear(incoming.value) && isFinalGrade(held.value)) return { outcome: 'wouldClear' };
  const same = isSameValue(incoming.value, held.value);
  if (same && !incoming.force) return { outcome: 'unchanged' };
  if (held.state === 'sending' || held.state === 'unknown') return { outcome: 'accepted', state: held.state };
  const mustSend = incoming.force || held.forced;
  const alreadyThere = !mustSend && held.submitted !== null && isSameValue(incoming.value, held.submitted);
  return { outcome: 'accepted', state: alreadyThere ? 'submitted' : 'due' };
}

/**
 * Whether a platform will show this value as a grade. Canvas blanks the grade for any other progress
 * (canvas-lms scores_controller.rb), Moodle too for PendingManual, which is why only those two are let over a grade.
 */
export function isFinalGrade(value: ScoreValue): boolean {
  if (value.scoreGiven === null) return false;
  return value.gradingProgress === 'FullyGraded' || value.gradingProgress === 'PendingManual';
}

/** Whether an LMS may blank a grade on hearing this value, though nobody asked for that. */
export function mightClear(value: ScoreValue): boolean {
  return !isFinalGrade(value) && value.clears !== true;
}

/** Whether sending one after the other would change nothing in a gradebook. */
export function isSameValue(one: ScoreValue, other: ScoreValue): boolean {
  return (
    one.scoreGiven === other.scoreGiven &&
    one.scoreMaximum === other.scoreMaximum &&
    one.activityProgress === other.activityProgress &&
    one.gradingProgress === other.gradingProgress &&
    (one.clears ?? false) === (other.clears ?? false) &&
    one.comment === other.comment &&
    one.submission?.startedAt === other.submission?.startedAt &&
    one.submission?.submittedAt === other.submission?.submittedAt
  );
}

/** What a platform's results service says of one student; both figures may be missing. */
export interface ReadBackResult {
  resultScore?: number | null | undefined;
  resultMaximum?: number | null | undefined;
  comment?: string | null | undefined;
}

/**
 * By user id, of several results of one person the first that is listed: Open edX lists the newest first, and no LMS that
 * we know lists an older one before.
 */
export function resultsByUser<R extends { readonly userId: string }>(results: readonly R[]): Map<string, R> {
  return new Map(results.toReversed().map((result) => [result.userId, result]));
}

/**
 * Whether a result shows that a score was applied. Platforms rescale to the column's maximum and round, so half a
 * hundredth of a point (less on small scales) is let pass; a score above the maximum may have been capped (D2L), which
 * still shows that it arrived.
 */
export function resultShowsScore(result: ReadBackResult | undefined, sent: ScoreValue): boolean {
  const resultScore = result?.resultScore ?? null;
  if (sent.scoreGiven === null || !isFinalGrade(sent)) return resultScore === null;
  if (resultScore === null) return false;
  const resultMaximum = result?.resultMaximum ?? 1;
  const wanted = (sent.scoreGiven / sent.scoreMaximum) * resultMaximum;
  // A score exactly between two hundredths is half a hundredth away, and binary fractions may say a trace more.
  const tolerance = Math.min(0.005, resultMaximum * 0.0005) + 1e-9;
  const isNear = (expected: number): boolean => Math.abs(resultScore - expected) <= tolerance;
  return isNear(wanted) || (wanted > resultMaximum && isNear(resultMaximum));
}
