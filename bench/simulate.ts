import { parseArgs } from 'node:util';
import { LMS_FAMILIES } from '../domain/platform.js';
import { checkSimulation } from './check-simulation.js';
import { quantilesOf } from './paced-load.js';
import type { Outcome } from './figures.js';
import { wholeNumber } from './flags.js';
import { drawPopulation, type SimulatedPlatform } from './simulation/population.js';
import { LATENCY, MEASURED } from './simulation/measured.js';
import type { SimulatedNight } from './simulation/night-state.js';
import { simulateNight } from './simulation/simulate-night.js';

export const SIMULATE_USAGE =
  'simulate [--check] [--students 10000000] [--platforms 2000] [--scores-per-student 1] [--students-per-course 25] ' +
  '[--workers 40 (a core each)] [--slots 50 (batches of a worker)] [--postgres 16 (cores)] [--temporal 16 (cores)] [--actions-per-second 0 (no limit)] ' +
  '[--seed 1]';

/** One call in two thousand is throttled, one in a thousand fails, one platform of a hundred is away for half an hour. */
const FAULTS = { throttled: 0.0005, retryAfterMs: 30_000, failed: 0.001 };
const OUTAGES = { share: 0.01, lengthMs: 1_800_000, withinMs: 3_600_000 };

/** A night at a size that fits on no machine here, by simulation; `--check` holds the simulation against real nights. */
export async function simulate(args: readonly string[], print: (text: string) => void): Promise<Outcome> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.check) return checkSimulation(print);
  const number = (name: Exclude<keyof typeof OPTIONS, 'check'>, least = 1): number =>
    wholeNumber(`--${name}`, values[name], least);
  const seed = number('seed', 0);
  const platforms = drawPopulation({
    students: number('students'),
    platforms: number('platforms'),
    scoresPerStudent: positive('--scores-per-student', values['scores-per-student']),
    studentsPerCourse: number('students-per-course'),
    outages: OUTAGES,
    seed,
  });
  const night = simulateNight({
    platforms,
    machines: [
      { cores: number('workers'), runs: ['worker'] },
      { cores: number('postgres'), runs: ['postgres'] },
      { cores: number('temporal'), runs: ['temporal'] },
    ],
    costs: MEASURED,
    latency: LATENCY,
    faults: FAULTS,
    actionsPerSecond: number('actions-per-second', 0) || null,
    slots: number('workers') * number('slots'),
    seed,
  });
  for (const line of describeNight(night, platforms)) print(line);
  return {
    isRight: Number.isFinite(night.seconds),
    figures: [
      { name: 'simulated night, h', values: [night.seconds / 3_600] },
      { name: 'simulated night, Temporal actions', values: [night.actions] },
    ],
  };
}

const text = (value: string): { type: 'string'; default: string } => ({ type: 'string', default: value });
const OPTIONS = {
  check: { type: 'boolean', default: false },
  students: text('10000000'),
  platforms: text('2000'),
  'scores-per-student': text('1'),
  'students-per-course': text('25'),
  workers: text('40'),
  slots: text('50'),
  postgres: text('16'),
  temporal: text('16'),
  'actions-per-second': text('0'),
  seed: text('1'),
} as const;

function positive(flag: string, value: string): number {
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new Error(`${flag}: give a number above 0, not "${value}"`);
}

/** The size, what it took, and which platforms were last. */
function describeNight(night: SimulatedNight, platforms: readonly SimulatedPlatform[]): string[] {
  const { seconds, scores, calls, actions, wakes, batches, heartbeats, steps, bytes, busy, doneAt } = night;
  const courses = platforms.reduce((sum, platform) => sum + platform.courses.length, 0);
  const gigabytes = (count: number): string => (count / 1e9).toFixed(1);
  const hours = (count: number): string => `${(count / 3_600).toFixed(2)} h`;
  const [worker, postgres, temporal] = busy.map((part) => `${Math.round(part * 100)} %`);
  const byFamily = LMS_FAMILIES.flatMap((family) => {
    const ends = doneAt.filter((_, place) => platforms[place]?.family === family);
    if (ends.length === 0) return [];
    const { median, p95, longest } = quantilesOf(ends);
    return [
      `  ${family.padEnd(10)} ${ends.length} platforms, done after ${[median, p95, longest].map(hours).join(', ')}`,
    ];
  });
  return [
    `${scores} scores in ${courses} courses on ${platforms.length} platforms`,
    `night ${hours(seconds)}; ${calls} calls (${calls - scores} for refused ones), ${Math.round(calls / seconds)}/s; ${steps} steps`,
    `Temporal actions ${actions}, of which wakes ${wakes}, batches ${batches}, heartbeats ${heartbeats}; ` +
      `${Math.round(actions / seconds)}/s; one waited ${night.longestActionWait.toFixed(1)} s at most`,
    `${calls} rows of evidence, ${gigabytes(bytes.attempts)} GB; ${gigabytes(bytes.wal)} GB of PostgreSQL's log`,
    `busy: worker ${worker ?? '?'}, PostgreSQL ${postgres ?? '?'}, Temporal ${temporal ?? '?'}`,
    'median, p95 and last by family:',
    ...byFamily,
  ];
}
