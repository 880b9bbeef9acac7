import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort } from '../../dev/machine/free-port.js';
import { aborted } from '../../dev/machine/time-limit.js';
import { startNodeProcess } from '../../dev/processes.js';
import { ownEntries } from '../../dev/stack.js';
import { createSandboxControl, type SandboxControl } from '../../sandbox/control-client.js';
import { readRepositoryFile } from '../helpers/repository.js';
import { createApiClient, type ApiClient } from './api-client.js';
import { chaosEnvironment, type ChaosRunOptions } from './chaos-stack.js';
import { COLUMN_COUNT, createCourses, FAMILIES, toBody, type Course, type LmsPlan } from './courses.js';
import { examine } from './examine.js';
import { readTruth } from './gradebook-truth.js';
import { startInstallation, type Installation } from './installation.js';
import { handIn, type Handed } from './load.js';
import { planLoad, type LoadPlan } from './load-plan.js';
import { findRepeats, type RestoreResult } from './restore-report.js';
import { countUnfinished, listUnfinished, settle } from './settling.js';
import { beginTrouble } from './trouble.js';

const LMSES = FAMILIES.map((family): LmsPlan => ({ platformId: `chaos-${family}`, family, courses: 2 }));
const COURSE_COUNT = LMSES.reduce((sum, { courses }) => sum + courses, 0);
/** So slow is one LMS before and while the backup is made that much is due in it. */
const SLOW = { platformId: LMSES[0]?.platformId ?? '', fixedMs: 1_500 };
const SLOW_BEFORE_MS = 3_000;
const API_KEY = 'passback_key_of_the_drill';

export interface RestoreCampaignOptions extends Pick<ChaosRunOptions, 'signal' | 'print' | 'bundlePath'> {
  seed: number;
  scores: number;
  /** How long the load lasts. The backup is made in the middle of it. */
  durationMs: number;
  settleMs: number;
  /** Of PostgreSQL with pg_dump. */
  postgresFolder: string;
}

interface Drill {
  plan: LoadPlan;
  courses: readonly Course[];
  control: SandboxControl;
  apiUrl: string;
  api: ApiClient;
  /** The file of the backup. */
  dump: string;
  start(name: string): Promise<Installation>;
}

/**
 * Loses PostgreSQL and Temporal, restores a backup that was made under load, and holds the gradebooks, which nobody
 * restored, against what was accepted. What an operator does is read from docs/backup.md.
 */
export async function runRestoreCampaign(options: RestoreCampaignOptions): Promise<RestoreResult> {
  const { print, signal = new AbortController().signal, bundlePath, postgresFolder } = options;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-restore-'));
  chmodSync(folder, 0o711);
  const port = String(await findFreePort());
  const apiUrl = `http://127.0.0.1:${port}`;
  const sandbox = await startNodeProcess({
    ...{ name: 'sandbox', entry: ownEntries().sandbox, readyPattern: /"ready":\s*true/ },
    env: { ...process.env, SANDBOX_PORT: String(await findFreePort()), LTIAAS_API_KEY: 'chaos' },
  });
  const sandboxUrl = String(/http:[^"]+/.exec(sandbox.readyLine ?? ''));
  const env = { ...chaosEnvironment(bundlePath), PORT: port, BOOTSTRAP_API_KEY: API_KEY, LTIAAS_URL: sandboxUrl };
  const { seed, scores, durationMs } = options;
  const started: Installation[] = [];
  const drill: Omit<Drill, 'courses'> = {
    plan: planLoad({ seed, scores, durationMs, courses: COURSE_COUNT, columns: COLUMN_COUNT }),
    control: createSandboxControl(sandboxUrl),
    apiUrl,
    api: createApiClient(apiUrl, API_KEY),
    dump: path.join(folder, 'passback.dump'),
    async start(name) {
      const given = { folder: path.join(folder, name), env, postgresFolder, onProgress: print };
      const installation = await startInstallation(given);
      started.push(installation);
      return installation;
    },
  };
  try {
    const calledOff = aborted(signal).then(() => Promise.reject(new Error('The campaign was called off.')));
    return await Promise.race([loseAndRestore(drill, options), calledOff]);
  } finally {
    for (const installation of started) await installation.lose();
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function loseAndRestore(
  drill: Omit<Drill, 'courses'>,
  { seed, durationMs, settleMs, print }: RestoreCampaignOptions,
): Promise<RestoreResult> {
  const { plan, control, api, apiUrl, dump } = drill;
  const lost = await drill.start('lost');
  await lost.run(commandWith('create-roles.sh'), 'superuser');
  await lost.run('npm run migrate', 'owner');
  await Promise.all([lost.startApi(), lost.startWorkers()]);
  const students = 1 + Math.max(...plan.cells.map(({ student }) => student));
  const courses = await createCourses(control, LMSES, { students, launch: (ltik) => api.launch(ltik) });
  await beginTrouble(control, seed);
  const [handed, dumpBeganAt] = await Promise.all([
    handIn(api, plan, courses),
    backUpDuring(lost, { control, dump, durationMs }),
  ]);
  print(`${handed.posts} scores are handed in; all is lost now, with what is under way`);
  await lost.lose();
  await control.clearFaults();

  const restored = await drill.start('restored');
  await restored.run(commandWith('create-roles.sh'), 'superuser');
  await restored.run(commandWith('pg_restore'), 'owner', { dump });
  await restored.run(commandWith('npm run migrate'), 'owner');
  await restored.startApi();
  const dueInBackup = await countUnfinished(api);
  const again = cellsSince(handed, dumpBeganAt);
  await handInAgain(api, again, { plan, courses, handed });
  print(`${dueInBackup} scores were due in the backup, ${again.length} are handed in again; workers start`);
  await restored.startWorkers();
  const calmSince = performance.now();
  await settle(api, settleMs, print);
  const settledAfterMs = performance.now() - calmSince;

  await restored.run(commandWith('schedules.pause'), 'owner', { api: apiUrl, key: `authorization: Bearer ${API_KEY}` });

  const truth = await readTruth(control, { plan, courses, wanted: handed.wanted });
  return {
    ...examine(truth.histories),
    ...findRepeats(truth.histories, dumpBeganAt),
    ...{ handed, dueInBackup, settledAfterMs, doubledColumns: truth.doubledColumns },
    handedInAgain: again.length,
    cells: truth.histories.length,
    calls: truth.appliedAt.length,
    unfinished: await listUnfinished(api, handed.wanted.size),
  };
}

/** Makes the backup in the middle of the load, and gives when it began, in milliseconds of the epoch. */
async function backUpDuring(
  lost: Installation,
  { control, dump, durationMs }: { control: SandboxControl; dump: string; durationMs: number },
): Promise<number> {
  await delay(durationMs / 2 - SLOW_BEFORE_MS);
  const usual = { fixedMs: 4, jitterMs: 20 };
  await control.setLatency([usual, SLOW]);
  await delay(SLOW_BEFORE_MS);
  const beganAt = Date.now();
  await lost.run(commandWith('pg_dump'), 'owner', { dump });
  await control.setLatency([usual]);
  return beganAt;
}

/** The cells of which something new was accepted since then. */
function cellsSince({ accepted }: Handed, since: number): number[] {
  return [...new Set(accepted.filter(({ at }) => at >= since).map(({ cell }) => cell))];
}

const PAGE = 200;

/** As a tool does that knows the newest grade of each student and when it changed, and nothing of what was before. */
async function handInAgain(
  api: ApiClient,
  cells: readonly number[],
  { plan, courses, handed }: { plan: LoadPlan; courses: readonly Course[]; handed: Handed },
): Promise<void> {
  for (let from = 0; from < cells.length; from += PAGE) {
    const bodies = cells
      .slice(from, from + PAGE)
      .map((cell) => toBody({ cell, version: handed.wanted.get(cell) ?? 0 }, plan.cells, courses, handed.originMs));
    await api.post('ndjson', bodies, ({ outcome, detail }) => {
      if (outcome === 'invalid') handed.refused.push(detail);
    });
  }
}

/** The commands of the page that have this word in them. */
function commandWith(word: string): string {
  const blocks = [...readRepositoryFile('docs/backup.md').matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(
    ([, block = '']) => block,
  );
  const [block, ...others] = blocks.filter((text) => text.includes(word));
  if (block === undefined || others.length > 0) throw new Error(`docs/backup.md must have one command with ${word}`);
  return block;
}
