/**
 * Composition root of the benchmarks, started by main.ts: one by its name, or all of them, and a table of what they found.
 * Ends with 1 when a score was lost or doubled, or a benchmark could not be run.
 */
import os from 'node:os';
import { access, ACCESS_USAGE } from './access.js';
import { backfill, BACKFILL_USAGE } from './backfill.js';
import { consoleScreens, CONSOLE_USAGE } from './console.js';
import { faults, FAULTS_USAGE } from './faults.js';
import { startOthersMeter } from './cpu-meter.js';
import { describeFigures, withMissing, type Benchmark, type Figure } from './figures.js';
import { ingest, INGEST_USAGE } from './ingest.js';
import { kill, KILL_USAGE } from './kill.js';
import { night, NIGHT_USAGE } from './night.js';
import { roster, ROSTER_USAGE } from './roster.js';
import { simulate, SIMULATE_USAGE } from './simulate.js';
import { single, SINGLE_USAGE } from './single.js';
import { statements, STATEMENTS_USAGE } from './statements.js';
import { submit } from './submit.js';
import { SUBMIT_USAGE } from './submit-options.js';
import { webhooks } from './webhooks.js';
import { WEBHOOKS_USAGE } from './webhooks-options.js';

const SHAPES = ['--courses', '50,500', '--delay', '20,0', '--actions'];

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  submit: { usage: SUBMIT_USAGE, inTable: [...SHAPES, '--runs', '3'], run: submit },
  faults: { usage: FAULTS_USAGE, inTable: ['--runs', '3'], run: faults },
  kill: { usage: KILL_USAGE, inTable: ['--runs', '3'], run: kill },
  single: { usage: SINGLE_USAGE, inTable: [], run: single },
  ingest: { usage: INGEST_USAGE, inTable: ['--runs', '3'], run: ingest },
  statements: { usage: STATEMENTS_USAGE, inTable: [], run: statements },
  access: { usage: ACCESS_USAGE, inTable: [], run: access },
  console: { usage: CONSOLE_USAGE, inTable: [], run: consoleScreens },
  night: { usage: NIGHT_USAGE, inTable: ['--runs', '2'], run: night },
  webhooks: { usage: WEBHOOKS_USAGE, inTable: ['--runs', '2'], run: webhooks },
  roster: { usage: ROSTER_USAGE, inTable: [], run: roster },
  simulate: { usage: SIMULATE_USAGE, run: simulate },
  backfill: { usage: BACKFILL_USAGE, inTable: ['--lines', '100000'], run: backfill },
};

const print = (text: string): void => console.log(text);
const [name, ...args] = process.argv.slice(2);
const only = name === undefined ? undefined : BENCHMARKS[name];
if (name !== undefined && !only) {
  const usages = Object.values(BENCHMARKS).map(({ usage }) => `npm run bench -- ${usage}`);
  console.error(['npm run bench    (all, some twenty minutes)', ...usages].join('\n'));
  process.exitCode = 2;
} else {
  const all = only
    ? [{ title: name, run: () => only.run(args, print) }]
    : Object.entries(BENCHMARKS).flatMap(([title, { inTable, run }]) =>
        inTable ? [{ title, run: () => run(inTable, print) }] : [],
      );
  const figures: Figure[] = [];
  for (const { title, run } of all) {
    print(`\n# ${title}`);
    const readOthers = startOthersMeter();
    try {
      const outcome = await run();
      // Anything but nought makes the figures above it look worse.
      const others = { name: `${title}: cores kept busy by other programs`, values: [readOthers()] };
      figures.push(...outcome.figures, others);
      if (outcome.isRight) continue;
      console.error(`${title}: what was done was not done right.`);
    } catch (error) {
      console.error(`${title}: ${error instanceof Error ? error.message : String(error)}`);
    }
    process.exitCode = 1;
  }
  const [{ model = 'unknown' } = {}] = os.cpus();
  print(
    `\n${new Date().toISOString().slice(0, 10)}, ${os.availableParallelism()} cores (${model}), Node ${process.version}`,
  );
  print(describeFigures(only ? figures : withMissing(figures)));
}
// All is stopped by now; what a benchmark has opened within this process, such as Temporal's runtime, would hold it.
process.exit();
