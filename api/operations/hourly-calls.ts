import { reachesPlatform } from '../../domain/reach.js';
import type { CallsOfHour, HourlyCalls } from '../../db/scores/hourly-calls.js';
import { within } from './within.js';

/** What was done in one hour. */
export interface HourOfCalls {
  /** Its beginning. */
  since: Date;
  calls: number;
  delivered: number;
  failed: number;
  /** How long a call took; null: there was none. */
  meanMs: number | null;
  /** Nineteen of twenty took no longer; to about a third. */
  p95Ms: number | null;
}

/** For somebody who may see these platforms; null: all. Null: they are still being counted. */
export type ListHours = (platforms: readonly string[] | null) => Promise<HourOfCalls[] | null>;

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** A call is recorded when it has ended, and with others; after this, in milliseconds, an hour stays as it is. */
const SETTLED_MS = 900_000;
/** Counts are good for so long, in milliseconds. */
const FRESH_MS = 30_000;
/** Whoever asks waits for so long, in milliseconds; then for the counts before, or none. */
const PATIENCE_MS = 40;

/**
 * The calls of the last 24 hours, this one included, counted once for all who ask, and an hour that is over not again:
 * nobody waits for a million calls to be read.
 */
export function createHourlyCalls(store: { hourlyCalls: HourlyCalls }, now: () => Date): ListHours {
  let known: { rows: readonly CallsOfHour[]; countedAt: number } | undefined;
  let flight: Promise<void> | undefined;

  async function count(): Promise<void> {
    const at = now().getTime();
    const first = toHour(at) - (HOURS - 1) * HOUR_MS;
    const settled = known ? Math.max(first, toHour(known.countedAt - SETTLED_MS)) : first;
    const newer = await store.hourlyCalls.count({
      from: new Date(settled),
      until: new Date(toHour(at) + HOUR_MS),
    });
    const older = known?.rows.filter(({ hour }) => hour.getTime() >= first && hour.getTime() < settled) ?? [];
    known = { rows: [...older, ...newer], countedAt: at };
  }
  return async (platforms) => {
    const at = now().getTime();
    if (!known || at - known.countedAt >= FRESH_MS) {
      flight ??= count().finally(() => (flight = undefined));
      const isKnown = known !== undefined;
      // Old counts are better than a failure; without any, it is told.
      await within(isKnown ? flight.catch(() => undefined) : flight, PATIENCE_MS, () => undefined);
    }
    return known ? toHours(known.rows, at, platforms) : null;
  };
}

const toHour = (ms: number): number => ms - (ms % HOUR_MS);

function toHours(rows: readonly CallsOfHour[], at: number, platforms: readonly string[] | null): HourOfCalls[] {
  const visible = rows.filter(
    ({ platformId }) => platforms === null || (platformId !== null && reachesPlatform(platforms, platformId)),
  );
  return Array.from({ length: HOURS }, (_none, place) => {
    const since = new Date(toHour(at) - (HOURS - 1 - place) * HOUR_MS);
    return { since, ...sumUp(visible.filter(({ hour }) => hour.getTime() === since.getTime())) };
  });
}

function sumUp(rows: readonly CallsOfHour[]): Omit<HourOfCalls, 'since'> {
  const sum = (of: (row: CallsOfHour) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const calls = sum((row) => row.calls);
  const rest = { calls, delivered: sum((row) => row.delivered), failed: sum((row) => row.failed) };
  if (calls === 0) return { ...rest, meanMs: null, p95Ms: null };
  return { ...rest, meanMs: Math.round(sum((row) => row.totalMs) / calls), p95Ms: toP95(rows, calls) };
}

/** Null as well where more than one of twenty took longer than the longest that is told apart. */
function toP95(rows: readonly CallsOfHour[], calls: number): number | null {
  let seen = 0;
  const byDuration = rows.toSorted((one, other) => (one.atMostMs ?? Infinity) - (other.atMostMs ?? Infinity));
  return byDuration.find((row) => (seen += row.calls) >= calls * 0.95)?.atMostMs ?? null;
}
