/** Drift: what a gradebook shows in a cell is not what it took from us. */
import { isFinalGrade, mightClear, resultShowsScore, type ReadBackResult, type ScoreValue } from './score.js';
import type { LmsFamily } from './platform.js';

/**
 * - `missing`: it shows no grade.
 * - `capped`: it shows the column's maximum for a score above it, as LMSes do that take no more (D2L, Open edX).
 * - `rescaled`: the figure is ours, but the column's maximum has changed under it, so it means another grade.
 * - `changed`: it shows another grade: a person's, as far as anybody can know.
 * - `userGone`: the roster no longer has the person, and the grade is gone or another.
 */
export const DRIFT_KINDS = ['missing', 'capped', 'rescaled', 'changed', 'userGone'] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

export interface SentCell {
  /** What the gradebook took from us. */
  submitted: ScoreValue;
  /** The roster has had this person, and no longer has. */
  isGone: boolean;
  /** The column's maximum as we last read it. */
  columnMaximum: number | null;
}

/** Kinds that sending again can put right. A cap would be applied again, and a person who is gone is not sent anything. */
export const RESENDABLE_KINDS: readonly DriftKind[] = ['missing', 'rescaled', 'changed'];

/** Holds one cell against what was sent; null where they agree, or where nobody can tell. Undefined: there is no result. */
export function compareResult(
  result: ReadBackResult | undefined,
  { submitted, isGone, columnMaximum }: SentCell,
  family: LmsFamily,
): DriftKind | null {
  // What only tells progress claims nothing about the grade.
  if (mightClear(submitted)) return null;
  const shown = toShown(result, columnMaximum, submitted);
  const isEmpty = (shown?.resultScore ?? null) === null;
  if (isEmpty && mayBeEmpty(submitted, family)) return null;
  if (!isEmpty && resultShowsScore(shown, submitted)) return isCapped(shown, submitted) ? 'capped' : null;
  if (isGone) return 'userGone';
  if (isEmpty) return 'missing';
  return isRescaled(shown, submitted, columnMaximum) ? 'rescaled' : 'changed';
}

/**
 * Whether an empty cell is what was asked for. All but Canvas show nothing for a grade that is not final
 * (PendingManual); older releases of Open edX never publish a zero, which cannot be told from here.
 */
function mayBeEmpty(submitted: ScoreValue, family: LmsFamily): boolean {
  if (!isFinalGrade(submitted) || submitted.gradingProgress !== 'FullyGraded') return true;
  return family === 'openedx' && submitted.scoreGiven === 0;
}

/** A maximum of 1 may only be the default of an LMS that tells none: then the column's own is tried. */
function toShown(
  result: ReadBackResult | undefined,
  columnMaximum: number | null,
  submitted: ScoreValue,
): ReadBackResult | undefined {
  if (!result || columnMaximum === null || (result.resultMaximum ?? 1) !== 1) return result;
  const onColumn = { ...result, resultMaximum: columnMaximum };
  return resultShowsScore(onColumn, submitted) ? onColumn : result;
}

function isCapped(shown: ReadBackResult | undefined, { scoreGiven, scoreMaximum }: ScoreValue): boolean {
  const maximum = shown?.resultMaximum ?? 1;
  const wanted = ((scoreGiven ?? 0) / scoreMaximum) * maximum;
  return wanted > maximum + maximum * 0.0005 && (shown?.resultScore ?? 0) < wanted - maximum * 0.0005;
}

/** The figure is the one that was right on another scale: that of the score itself, or the column's former one. */
function isRescaled(shown: ReadBackResult | undefined, submitted: ScoreValue, columnMaximum: number | null): boolean {
  const scales = [submitted.scoreMaximum, ...(columnMaximum === null ? [] : [columnMaximum])];
  return scales.some(
    (resultMaximum) =>
      resultMaximum !== shown?.resultMaximum && resultShowsScore({ ...shown, resultMaximum }, submitted),
  );
}
