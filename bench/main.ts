/** Composition root of `npm run bench`: picks the benchmark, ends with 1 when a score was lost or doubled. */
import { roster, ROSTER_USAGE } from './roster.js';
import { backfill, BACKFILL_USAGE } from './backfill.js';
import { submit } from './submit.js';
import { SUBMIT_USAGE } from './submit-options.js';
import { webhooks } from './webhooks.js';
import { WEBHOOKS_USAGE } from './webhooks-options.js';

interface Benchmark {
  usage: string;
  /** Resolves to whether what was done was done right, whatever the speed. */
  run(args: readonly string[], print: (text: string) => void): Promise<boolean>;
}

const BENCHMARKS = new Map<string, Benchmark>([
  ['submit', { usage: SUBMIT_USAGE, run: submit }],
  ['roster', { usage: ROSTER_USAGE, run: roster }],
  ['webhooks', { usage: WEBHOOKS_USAGE, run: webhooks }],
  ['backfill', { usage: BACKFILL_USAGE, run: backfill }],
]);

const [name = '', ...args] = process.argv.slice(2);
const benchmark = BENCHMARKS.get(name);
if (benchmark) {
  try {
    const isRight = await benchmark.run(args, (text) => console.log(text));
    if (!isRight) process.exitCode = 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
} else {
  console.error([...BENCHMARKS.values()].map(({ usage }) => `npm run bench -- ${usage}`).join('\n'));
  process.exitCode = 2;
}
