import type { Findings } from './examine.js';
import type { CellTruth } from './gradebook-truth.js';
import type { Handed } from './load.js';
import { layOut, toSeconds, type Problem } from './report.js';

/** What an LMS got more than once, which losing what came after a backup does not wholly avoid. */
export interface Repeats {
  /** Cells of which the LMS got something since the backup began: only those may get it once more. */
  mayRepeat: number;
  /** What went out twice though the LMS had it before the backup began, or more than twice; in words. */
  needlesslyRepeated: string[];
}

export interface RestoreResult extends Findings, Repeats {
  handed: Handed;
  /** Scores that the backup holds as not sent. */
  dueInBackup: number;
  handedInAgain: number;
  cells: number;
  calls: number;
  doubledColumns: string[];
  unfinished: string[];
  settledAfterMs: number;
}

/** `since`: when the backup began, in milliseconds of the epoch. Pure. */
export function findRepeats(cells: readonly CellTruth[], since: number): Repeats {
  const needlesslyRepeated = cells.flatMap(({ name, applied, appliedAt }) =>
    [...new Set(applied)].flatMap((version) => {
      const times = appliedAt.filter((_, place) => applied[place] === version);
      const isAllowed = times.length < 2 || (times.length === 2 && Math.min(...times) >= since);
      return isAllowed ? [] : [`${name}: version ${version} went out ${times.length} times`];
    }),
  );
  return { needlesslyRepeated, mayRepeat: cells.filter(({ appliedAt }) => appliedAt.some((at) => at >= since)).length };
}

/** Everything that must be empty for a restored backup to have gone well, by name. */
export function restoreProblemsOf(result: RestoreResult): Problem[] {
  const all: Problem[] = [
    ['lost', result.lost],
    ['out of order', result.outOfOrder],
    ['sent again needlessly', result.needlesslyRepeated],
    ['columns made twice', result.doubledColumns],
    ['refused', result.handed.refused],
    ['not submitted', result.unfinished],
  ];
  return all.filter(([, examples]) => examples.length > 0);
}

/** The table that closes a drill, with examples of what went wrong below it. */
export function toRestoreReport(result: RestoreResult): string {
  const rows: [string, string | number][] = [
    ['posts answered', result.handed.posts],
    ['cells', result.cells],
    ['due in the backup', result.dueInBackup],
    ['handed in again', result.handedInAgain],
    ['calls that took effect', result.calls],
    ['lost', result.lost.length],
    ['out of order', result.outOfOrder.length],
    ['sent twice', `${result.sentTwice.length} of ${result.mayRepeat} that were sent since the backup began`],
    ['settled after', toSeconds(result.settledAfterMs)],
  ];
  return layOut(rows, restoreProblemsOf(result));
}
