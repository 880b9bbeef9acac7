/**
 * The test run: one PostgreSQL cluster, one Temporal server, one workflow bundle and one transpilation for all files,
 * then every `test/**\/*.test.ts`, or those whose path holds one of the words given; with `--full`, at full size. In a run of
 * many, the few files that failed beside others are run once more, alone, and are named if they pass then. Closes with the
 * slowest files and `N passed, N failed`.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '../dev/embedded-postgres.js';
import { findOrFetchTemporal } from '../dev/fetch-temporal.js';
import { startTemporalServer } from '../dev/temporal-server.js';
import { bundleWorkflows } from './helpers/bundle.js';
import { planProcesses, type TestProcess } from './helpers/processes-of-run.js';
import { root } from './helpers/repository.js';
import { transpile } from './helpers/transpile.js';

const FILE_TIMEOUT_MS = 300_000;

const SLOWEST_SHOWN = 10;

/** Who runs fewer wants to see what fails, not whether it might pass. */
const MANY_FILES = 50;

/** More than so many are not the machine's fault. */
const MOST_RUN_AGAIN = 3;

const { values: options, positionals: words } = parseArgs({
  options: { full: { type: 'boolean', default: false } },
  allowPositionals: true,
});
// Read by test/helpers/size.ts.
process.env['TEST_SIZE'] = options.full ? 'full' : 'quick';
const files = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .map((file) => path.join('test', file))
  .toSorted();

const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-tests-'));
// The database's account is another one when we are root, and must be able to pass through.
chmodSync(folder, 0o755);
// Where modules find their packages, and no tool of ours looks.
mkdirSync(path.join(root, '.passback'), { recursive: true });
const transpiled = mkdtempSync(path.join(root, '.passback', 'tests-'));
const startedAt = performance.now();
const say = (text: string): void => console.error(`# ${text}`);

const program = await findOrFetchTemporal({ env: process.env, onProgress: say });
const [postgres, temporal, bundle] = await Promise.all([
  startEmbeddedPostgres({ dataDir: path.join(folder, 'postgres'), fsync: false }),
  startTemporalServer({ program: program.path, dataDir: path.join(folder, 'temporal'), inMemory: true }),
  bundleWorkflows(),
  transpile(transpiled),
]);
const bundlePath = path.join(folder, 'workflow-bundle.cjs');
writeFileSync(bundlePath, bundle);
process.env['TEST_DATABASE_URL'] = postgres.url;
process.env['TEST_DATABASE_LOG'] = path.join(folder, 'postgres', 'postgres.log');
process.env['TEST_TEMPORAL_ADDRESS'] = temporal.address;
process.env['TEST_WORKFLOW_BUNDLE'] = bundlePath;
process.env['TEMPORAL_CLI_PATH'] = program.path;
process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --enable-source-maps`.trim();

const msOf = new Map<string, number>();
const stop = async (): Promise<void> => {
  await Promise.allSettled([postgres.stop(), temporal.stop()]);
  for (const made of [folder, transpiled]) rmSync(made, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stop().finally(() => process.exit(130)));
}

const processes = planProcesses(transpiled, files);
// Most tests wait for timers and other processes, so two for each core keep the cores busy.
const tally = await execute(
  processes.filter(({ isAlone }) => !isAlone),
  os.availableParallelism() * 2,
);
add(
  await execute(
    processes.filter(({ isAlone }) => isAlone),
    1,
  ),
);
if (files.length > MANY_FILES && tally.failedIn.length > 0 && tally.failedIn.length <= MOST_RUN_AGAIN) {
  say(`${tally.failed} failed, in ${namesOf(tally.failedIn)}: once more, alone`);
  const alone = await execute(tally.failedIn, 1);
  const healed = tally.failedIn.filter((one) => !alone.failedIn.includes(one));
  if (healed.length > 0) say(`passed alone, though not beside others: ${namesOf(healed)}`);
  tally.passed += tally.failed - alone.failed;
  tally.failed = alone.failed;
}
await stop();
const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
const slowest = [...msOf].toSorted(([, a], [, b]) => b - a).slice(0, SLOWEST_SHOWN);
for (const [name, ms] of slowest) say(`${(ms / 1000).toFixed(1).padStart(6)} s ${name}`);
say(
  `${files.length} files in ${processes.length} processes in ${Math.round((performance.now() - startedAt) / 1000)} s`,
);
console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exitCode = tally.failed > 0 || tally.passed === 0 ? 1 : 0;

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  failedIn: TestProcess[];
}

/** Runs processes of tests, and prints what they say. */
async function execute(planned: readonly TestProcess[], concurrency: number): Promise<Tally> {
  const tallied: Tally = { passed: 0, failed: 0, skipped: 0, failedIn: [] };
  // Told of no files, node:test would look for its own.
  if (planned.length === 0) return tallied;
  const stream = run({ files: planned.map(({ entry }) => entry), concurrency, timeout: FILE_TIMEOUT_MS });
  stream.on('test:pass', ({ details, skip }) => {
    if (details.type === 'suite') return;
    if (skip === undefined || skip === false) tallied.passed += 1;
    else tallied.skipped += 1;
  });
  stream.on('test:fail', ({ details }) => {
    if (details.type !== 'suite') tallied.failed += 1;
  });
  // A process is a test of its own, under its file's name.
  stream.on('test:complete', ({ name, details }) => {
    const ended = planned.find(({ entry }) => entry === name);
    if (!ended) return;
    msOf.set(ended.name, details.duration_ms);
    if (!details.passed) tallied.failedIn.push(ended);
  });
  for await (const text of stream.compose(new spec())) process.stdout.write(String(text));
  return tallied;
}

function add({ passed, failed, skipped, failedIn }: Tally): void {
  tally.passed += passed;
  tally.failed += failed;
  tally.skipped += skipped;
  tally.failedIn.push(...failedIn);
}

function namesOf(planned: readonly TestProcess[]): string {
  return planned.map(({ name }) => name).join(', ');
}
