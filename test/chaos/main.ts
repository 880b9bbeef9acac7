/** `npm run chaos`: a campaign of the size that was asked for; ends with 1 when anything went wrong that must not. */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleWorkflows } from '../helpers/bundle.js';
import { postgresFolder, withoutPostgres } from '../helpers/postgres-programs.js';
import { runCampaign, type CampaignOptions } from './campaign.js';
import { runFaultCampaign, type FaultCampaignOptions } from './fault-campaign.js';
import { faultProblemsOf, toFaultReport } from './fault-report.js';
import { findReleaseBefore, runReleaseCampaign, type ReleaseBeforeOptions } from './release-before.js';
import { problemsOf, toReport, type Problem } from './report.js';
import { runRestoreCampaign, type RestoreCampaignOptions } from './restore-campaign.js';
import { restoreProblemsOf, toRestoreReport } from './restore-report.js';
import { ROUND_OF_LOSS } from './strike-plan.js';

const USAGE = `npm run chaos [-- kills|loss|faults|release|restore] [options]
  kills         everything is killed or stopped in turn while single calls go wrong (the default)
  loss          Temporal comes back with nothing of what it held, as often as --kills says
  faults        nothing is killed: LMSes are out, throttle, stall and cut connections, courses and columns die
  release       the release before runs on the schema of these sources, is replaced by them, and comes back
  restore       PostgreSQL and Temporal are lost, and a backup is restored that was made in the middle
  --from REF    what of git the other code is taken from; default: the last release
  --seed N      the same seed gives the same strikes, faults and scores; default: another one each time
  --kills N     how often a process is killed, or stopped for a while; default 50
  --courses N   of each LMS in a campaign of faults; default 40
  --scores N    how many scores are posted; default 20000
  --minutes M   how long that lasts; default: eight seconds for each kill, seven minutes of faults, or one of a restore
  --pooled N    puts PgBouncer in transaction mode before PostgreSQL, with N connections for all, and strikes at it too
  --keep-logs   leaves the folder with the logs
  --help`;
const SECONDS_FOR_EACH_KILL = 8;
const MINUTES_OF_FAULTS = 7;
const MINUTES_OF_RESTORE = 1;
const SETTLE_MS = 180_000;

function readOptions() {
  const { values, positionals } = parseArgs({
    options: {
      seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
      kills: { type: 'string', default: '50' },
      courses: { type: 'string', default: '40' },
      scores: { type: 'string', default: '20000' },
      minutes: { type: 'string' },
      pooled: { type: 'string' },
      from: { type: 'string' },
      'keep-logs': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [campaign = 'kills', ...others] = positionals;
  if (!isCampaign(campaign) || others.length > 0) {
    throw new Error(`There is no campaign of ${positionals.join(' ')}, only of ${Object.keys(CAMPAIGNS).join(', ')}`);
  }
  const kills = toNumber('kills', values.kills);
  const minutesOfKills = (kills * SECONDS_FOR_EACH_KILL) / 60;
  const usual =
    campaign === 'faults' ? MINUTES_OF_FAULTS : campaign === 'restore' ? MINUTES_OF_RESTORE : minutesOfKills;
  return {
    ...(campaign === 'loss' && { round: ROUND_OF_LOSS }),
    ...{
      campaign,
      from: values.from ?? findReleaseBefore(),
      help: values.help,
      keepFolder: values['keep-logs'],
      kills,
    },
    seed: toNumber('seed', values.seed),
    courses: toNumber('courses', values.courses),
    scores: toNumber('scores', values.scores),
    pooledConnections: values.pooled === undefined ? undefined : toNumber('pooled', values.pooled),
    durationMs: (values.minutes === undefined ? usual : Number(values.minutes)) * 60_000,
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

interface Ending {
  problems: readonly Problem[];
  report: string;
}

async function killAndReport(options: CampaignOptions): Promise<Ending> {
  const result = await runCampaign(options);
  return { problems: problemsOf(result), report: toReport(result) };
}

async function changeAndReport(
  options: Omit<ReleaseBeforeOptions, 'from'> & { from?: string | undefined },
): Promise<Ending> {
  if (options.from === undefined) throw new Error('There is no release before: say --from');
  const result = await runReleaseCampaign({ ...options, from: options.from });
  return { problems: problemsOf(result), report: toReport(result) };
}

async function failAndReport(options: FaultCampaignOptions): Promise<Ending> {
  const result = await runFaultCampaign(options);
  return { problems: faultProblemsOf(result), report: toFaultReport(result) };
}

async function restoreAndReport(options: Omit<RestoreCampaignOptions, 'postgresFolder'>): Promise<Ending> {
  if (postgresFolder === undefined) throw new Error(String(withoutPostgres));
  const result = await runRestoreCampaign({ ...options, postgresFolder });
  return { problems: restoreProblemsOf(result), report: toRestoreReport(result) };
}

const CAMPAIGNS = {
  kills: killAndReport,
  loss: killAndReport,
  faults: failAndReport,
  release: changeAndReport,
  restore: restoreAndReport,
};

function isCampaign(name: string): name is keyof typeof CAMPAIGNS {
  return name in CAMPAIGNS;
}

async function main(): Promise<number> {
  const { help, campaign, ...options } = readOptions();
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
    const given = { ...options, bundlePath, settleMs: SETTLE_MS, signal: calledOff.signal, print };
    const { problems, report } = await CAMPAIGNS[campaign](given);
    process.stdout.write(`seed ${options.seed}\n${report}\n`);
    return problems.length === 0 ? 0 : 1;
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
