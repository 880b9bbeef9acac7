/** `npm run chaos`: a campaign of the size that was asked for; ends with 1 when anything was lost, doubled or disordered. */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleWorkflows } from '../helpers/bundle.js';
import { runCampaign } from './campaign.js';
import { problemsOf, toReport } from './report.js';

const USAGE = `npm run chaos [-- options]
  --seed N      the same seed gives the same strikes, faults and scores; default: another one each time
  --kills N     how often a process is killed, or stopped for a while; default 50
  --scores N    how many scores are posted; default 20000
  --minutes M   how long that lasts; default: eight seconds for each kill
  --keep-logs   leaves the folder with the logs
  --help`;
const SECONDS_FOR_EACH_KILL = 8;
const SETTLE_MS = 180_000;

function readOptions() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
      kills: { type: 'string', default: '50' },
      scores: { type: 'string', default: '20000' },
      minutes: { type: 'string' },
      'keep-logs': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const kills = toNumber('kills', values.kills);
  return {
    ...{ help: values.help, keepFolder: values['keep-logs'], kills },
    seed: toNumber('seed', values.seed),
    scores: toNumber('scores', values.scores),
    durationMs: (values.minutes === undefined ? (kills * SECONDS_FOR_EACH_KILL) / 60 : Number(values.minutes)) * 60_000,
  };
}

function toNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`--${name} must be a whole number above 0, not ${text}`);
}

const startedAt = performance.now();
function print(text: string): void {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6);
  process.stdout.write(`${text.replaceAll(/^/gm, `${seconds}s  `)}\n`);
}

async function main(): Promise<number> {
  const { help, ...options } = readOptions();
  if (help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  print(`seed ${options.seed}`);
  const calledOff = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => calledOff.abort());
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-chaos-bundle-'));
  try {
    const bundlePath = path.join(folder, 'workflow-bundle.cjs');
    writeFileSync(bundlePath, await bundleWorkflows());
    const result = await runCampaign({
      ...{ ...options, bundlePath, settleMs: SETTLE_MS, signal: calledOff.signal, print },
    });
    process.stdout.write(`seed ${options.seed}\n${toReport(result)}\n`);
    return problemsOf(result).length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    print(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  },
);
