import type { Knex } from 'knex';
import type { ParsedScore } from '../../domain/parse-score.js';
import type { ScoreOrigin } from '../../domain/score-origin.js';
import type { ErasedPeople } from '../privacy/erased-people.js';
import { retryDeadlock } from '../server/retry-deadlock.js';
import { acceptScoresWithin, type AcceptedScore } from './accept-scores.js';
import {
  findCourses,
  findOrStoreColumns,
  type Course,
  type FoundTargets,
  type NamedColumn,
  type TargetProblem,
} from './score-targets.js';

/** What became of a score, and the course that wants a sync where it `needsSync`. */
export type TakenScore = AcceptedScore & Course;

/** A score whose course is found. */
export interface PlacedScore extends Omit<ParsedScore, 'target'>, Course, NamedColumn {
  origin: ScoreOrigin;
}

export interface TakeScoresOptions {
  /** The platform ids that the sender may see, others look unknown to it; null: all. */
  platforms: readonly string[] | null;
  origin: ScoreOrigin;
  erased: ErasedPeople;
  /** Spares a sender of many parts from having the same names looked up for each; begins empty. */
  found?: FoundTargets;
}

/** Why a score is not taken. */
export type TakingProblem = TargetProblem | 'personErased';

/** The same for those who have no database in hand. */
export type TakeScores = (
  scores: readonly ParsedScore[],
  options: Omit<TakeScoresOptions, 'erased'>,
) => Promise<(TakenScore | { problem: TakingProblem })[]>;

/**
 * The way in for scores: finds course and column of each, stores what is new, and says what became of it or why it has
 * nowhere to go, in their order. One transaction, which is committed when it resolves; if it rejects, nothing is kept, no
 * wanted column either. For some hundreds at a time: its locks last as long as it does. Repeating it is safe: the same
 * value again is `unchanged`.
 */
export async function takeScores(
  db: Knex,
  scores: readonly ParsedScore[],
  { platforms, origin, erased, found }: TakeScoresOptions,
): ReturnType<TakeScores> {
  if (scores.length === 0) return [];
  return retryDeadlock(() =>
    db.transaction(async (trx) => {
      const courses = await findCourses(
        trx,
        scores.map(({ target }) => ({ ...target, platforms })),
        found?.courses,
      );
      const placed = scores.flatMap((score, index): PlacedScore[] => {
        const course = courses[index];
        return course && 'context' in course ? [{ ...score, ...course, lineItem: score.target.lineItem, origin }] : [];
      });
      const gone = await erased.find(trx, placed);
      const wanted = placed.filter((_, place) => !gone.has(place));
      const taken: (TakenScore | { problem: TakingProblem })[] = await takeScoresWithin(trx, wanted, found);
      for (const place of [...gone].toSorted((one, other) => one - other)) {
        taken.splice(place, 0, { problem: 'personErased' });
      }
      return courses.map((course) => ('problem' in course ? course : (taken.shift() ?? lost())));
    }),
  );
}

/**
 * The same for a caller that found the courses itself, to refuse some of the scores before a column is stored for them.
 * The transaction is the caller's, who must be ready to repeat it after a deadlock.
 */
export async function takeScoresWithin(
  trx: Knex.Transaction,
  scores: readonly PlacedScore[],
  found?: FoundTargets,
): Promise<TakenScore[]> {
  const columns = await findOrStoreColumns(trx, scores, found?.columns);
  const accepted = await acceptScoresWithin(
    trx,
    scores.map(({ context, userId, value, changedAt, priority, awaitsNightly, force, origin }, index) => {
      const lineItem = columns[index] ?? lost();
      return { context, lineItem, userId, value, changedAt, priority, awaitsNightly, force, origin };
    }),
  );
  return scores.map(({ context, deployment, gate }, index) => {
    const { id, revision, outcome, needsSync } = accepted[index] ?? lost();
    return { id, revision, outcome, needsSync, context, deployment, gate };
  });
}

/** Fewer answers than scores must not shift those of the others. */
function lost(): never {
  throw new Error('A score got no answer.');
}
