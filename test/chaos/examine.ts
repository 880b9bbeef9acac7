/** What one gradebook cell went through, in versions (load-plan.ts). */
export interface CellHistory {
  name: string;
  /** The newest version that was answered 2xx. */
  wanted: number;
  /** Versions of the calls that took effect, in their order. */
  applied: readonly number[];
  /** What the gradebook shows at the end; null: nothing, or a value that was never posted. */
  shown: number | null;
}

/** Cells with their histories, in words, by what is wrong with them. */
export interface Findings {
  /** The gradebook does not show the newest value that was accepted. */
  lost: string[];
  /** The same value was applied twice without another between. */
  sentTwice: string[];
  /** An older value was applied after a newer one. */
  outOfOrder: string[];
}

/** Holds the journal of a sandbox against what was accepted. Pure. */
export function examine(cells: readonly CellHistory[]): Findings {
  const findings: Findings = { lost: [], sentTwice: [], outOfOrder: [] };
  for (const cell of cells) {
    const { wanted, applied, shown } = cell;
    const pairs = applied.slice(1).map((version, place) => [applied[place] ?? 0, version] as const);
    if (shown !== wanted) findings.lost.push(tell(cell));
    if (pairs.some(([before, version]) => before === version)) findings.sentTwice.push(tell(cell));
    if (pairs.some(([before, version]) => version < before)) findings.outOfOrder.push(tell(cell));
  }
  return findings;
}

function tell({ name, wanted, applied, shown }: CellHistory): string {
  return `${name}: accepted up to ${wanted}, applied ${applied.join(', ') || 'nothing'}, shows ${shown ?? 'nothing'}`;
}

/** A moment at which something was struck, and one at which it was back. Milliseconds of the epoch. */
export interface Outage {
  struckAt: number;
  readyAt: number | null;
}

/**
 * The longest time from a process being back to the next call that took effect, in milliseconds; null when there was none
 * to measure. Where the next strike came before the next call, only that strike's end counts.
 */
export function longestRecovery(outages: readonly Outage[], appliedAt: readonly number[]): number | null {
  const times = appliedAt.toSorted((one, other) => one - other);
  const recoveries = outages.flatMap(({ struckAt, readyAt }) => {
    if (readyAt === null) return [];
    const next = times.find((time) => time >= readyAt);
    if (next === undefined) return [];
    const isDisturbed = outages.some(
      (other) => other.struckAt > struckAt && other.struckAt < next && (other.readyAt ?? Infinity) > readyAt,
    );
    return isDisturbed ? [] : [next - readyAt];
  });
  return recoveries.length === 0 ? null : Math.max(...recoveries);
}
