import { aimOf, AIMS, type Aim } from './aims.js';

/** One line of the table: what was measured in each of several rounds. The aim goes with the name (aims.ts). */
export interface Figure {
  name: string;
  values: readonly number[];
}

/** What a benchmark gives back. */
export interface Outcome {
  /** What was done was done right, whatever the speed. */
  isRight: boolean;
  figures: Figure[];
}

export interface Benchmark {
  usage: string;
  /** Its arguments where all are run for one table; undefined: it has no place there. */
  inTable?: readonly string[];
  run: (args: readonly string[], print: (text: string) => void) => Promise<Outcome>;
}

/** The same figures of several rounds, by name. */
export function joinRounds(rounds: readonly Readonly<Record<string, number>>[]): Figure[] {
  const names = [...new Set(rounds.flatMap((round) => Object.keys(round)))];
  return names.map((name) => ({ name, values: rounds.flatMap((round) => round[name] ?? []) }));
}

/** Those and all that have an aim and were not measured, so that nobody takes a missing figure for a met aim. */
export function withMissing(figures: readonly Figure[]): Figure[] {
  const missing = Object.keys(AIMS).filter((name) => !figures.some((figure) => figure.name === name));
  return [...figures, ...missing.map((name) => ({ name, values: [] }))];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** Whether the median reaches the aim; undefined without an aim. */
export function isMet({ name, values }: Figure): boolean | undefined {
  const aim = aimOf(name);
  if (!aim) return undefined;
  return 'atLeast' in aim ? median(values) >= aim.atLeast : median(values) <= aim.atMost;
}

function verdictOf(figure: Figure): 'yes' | 'no' | '' {
  const met = isMet(figure);
  if (met === undefined) return '';
  return met ? 'yes' : 'no';
}

/** The table as Markdown whose columns stand under each other. */
export function describeFigures(figures: readonly Figure[]): string {
  const rows = [
    ['figure', 'aim', 'median', 'min', 'max', 'met'],
    ...figures.map((figure) => [
      figure.name,
      describeAim(aimOf(figure.name)),
      ...[median(figure.values), Math.min(...figure.values), Math.max(...figure.values)].map(toText),
      verdictOf(figure),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const toLine = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [head, widths.map((width) => '-'.repeat(width)), ...body].map(toLine).join('\n');
}

function describeAim(aim: Aim | undefined): string {
  if (!aim) return '';
  return 'atLeast' in aim ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`;
}

/** As many places as say something: 1234, 56.7, 8.90. */
function toText(value: number): string {
  if (!Number.isFinite(value)) return '?';
  const places = Math.abs(value) >= 100 || value === 0 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(places);
}
