import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RELEASES } from '../../db/migrations/releases.js';
import { ownEntries, type StackEntries } from '../../dev/stack.js';
import { root } from '../helpers/repository.js';
import { runCampaign, type CampaignOptions, type CampaignResult } from './campaign.js';
import type { ChaosStack } from './chaos-stack.js';

/**
 * The commit of the last release: its tag, or, in a clone that has no tags, the one that named it in the list of
 * releases. Undefined where there is none, such as in a folder without its history.
 */
export function findReleaseBefore(): string | undefined {
  const version = RELEASES.at(-1)?.version;
  if (version === undefined) return undefined;
  try {
    const tagged = git('tag', '--list', `v${version}`);
    if (tagged !== '') return git('rev-parse', `v${version}^{commit}`);
    const named = git('log', '--format=%H', `-Sversion: '${version}'`, '--', 'db/migrations/releases.ts');
    return named.split('\n').at(-1) || undefined;
  } catch {
    return undefined;
  }
}

export interface ReleaseBeforeOptions extends Omit<CampaignOptions, 'kills' | 'round' | 'disturb' | 'entries'> {
  /** What of git the other code is taken from. */
  from: string;
}

/**
 * A campaign on the schema of these sources. Code of `from` takes the first scores; then this code takes its place, process by
 * process, and the other again: an upgrade under load, and the way back.
 */
export async function runReleaseCampaign({ from, ...options }: ReleaseBeforeOptions): Promise<CampaignResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-release-before-'));
  const before = path.join(folder, 'before');
  git('worktree', 'add', '--quiet', '--detach', before, from);
  try {
    symlinkSync(path.join(root, 'node_modules'), path.join(before, 'node_modules'));
    const current = path.join(folder, 'current');
    const point = (to: string): void => {
      symlinkSync(to, `${current}.next`);
      renameSync(`${current}.next`, current);
    };
    point(before);
    return await runCampaign({
      ...options,
      kills: 1,
      entries: entriesIn(current),
      async disturb(stack) {
        const turn = options.durationMs / 3;
        for (const [to, name] of [
          [root, 'this code'],
          [before, 'the release before'],
        ] as const) {
          await delay(turn);
          point(to);
          options.print(`changing to ${name}, one process after the other`);
          await changeOver(stack);
        }
      },
    });
  } finally {
    git('worktree', 'remove', '--force', before);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The sandbox and the schema are those of these sources. */
function entriesIn(folder: string): StackEntries {
  const { sandbox, migrate } = ownEntries();
  return { sandbox, migrate, api: path.join(folder, 'api/server.ts'), worker: path.join(folder, 'worker/main.ts') };
}

/** Until all are changed, workers of both run side by side. */
async function changeOver(stack: ChaosStack): Promise<void> {
  await stack.replace('worker');
  await stack.replace('api');
  // It comes back with the code that it finds.
  process.kill(stack.pidOf('worker-1'), 'SIGKILL');
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}
