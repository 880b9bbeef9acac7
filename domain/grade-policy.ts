/**
 * Grade policy: whose word counts when a person has changed a grade in the gradebook that the tool also sends.
 *
 * - `toolWins`: the tool's score replaces it, as LMSes do by default.
 * - `humanWins`: the gradebook is read before sending, and a value that a person gave or changed is left alone.
 * - `ask`: the same, and somebody has to decide.
 */
import { resultShowsScore, type ReadBackResult, type ScoreValue } from './score.js';

export const GRADE_POLICIES = ['toolWins', 'humanWins', 'ask'] as const;
export type GradePolicy = (typeof GRADE_POLICIES)[number];

/**
 * - `send`: the gradebook shows what we put there, or nothing.
 * - `confirmed`: it shows the new value already.
 * - `held`: it shows what somebody else put there, or no longer shows what we did.
 */
export type GradebookVerdict = 'send' | 'confirmed' | 'held';

/** Judges a cell before sending under `humanWins` or `ask`. `submitted`: what it was last known to have taken from us. */
export function judgeCell(
  result: ReadBackResult | undefined,
  { submitted, value }: { submitted: ScoreValue | null; value: ScoreValue },
): GradebookVerdict {
  const isEmpty = (result?.resultScore ?? null) === null;
  if (!isEmpty && resultShowsScore(result, value)) return 'confirmed';
  if (submitted === null) return isEmpty ? 'send' : 'held';
  return resultShowsScore(result, submitted) ? 'send' : 'held';
}
