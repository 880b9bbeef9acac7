import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Account, giveTo } from './account.js';
import type { PostgresBinaries } from './binaries.js';
import type { ClusterPlace } from './place.js';

/** The superuser and, by the same name, the database that every cluster of ours has. */
export const postgresName = 'passback';

/** What API and worker connect as; what it may is granted by migrations. */
export const appRole = 'passback_app';

/**
 * Makes the cluster unless it is there. A half-made one is never taken for a whole one: it is made beside its place
 * and renamed. Repeating is safe while the caller holds the lock of the data folder.
 *
 * @throws Error when the cluster is of another major version, or initdb fails
 */
export async function ensureCluster(
  place: ClusterPlace,
  binaries: PostgresBinaries,
  options: { password: string; fsync: boolean; env: NodeJS.ProcessEnv },
): Promise<void> {
  const versionFile = path.join(place.folder, 'PG_VERSION');
  if (existsSync(versionFile)) {
    const version = Number(readFileSync(versionFile, 'utf8'));
    if (version === binaries.majorVersion) return;
    throw new Error(
      `The data in ${place.folder} was written by Postgres ${version}, the programs are of ${binaries.majorVersion}. ` +
        'Name a matching Postgres by PG_BIN_DIR, or begin anew with --reset',
    );
  }
  const parent = path.dirname(place.folder);
  for (const name of readdirSync(parent)) {
    if (name.startsWith('draft-')) rmSync(path.join(parent, name), { recursive: true, force: true });
  }
  const draft = path.join(parent, `draft-${process.pid}`);
  const passwordFile = path.join(parent, `draft-password-${process.pid}`);
  try {
    mkdirSync(draft, { mode: 0o700 });
    giveTo(place.account, draft);
    writeFileSync(passwordFile, options.password, { mode: 0o600 });
    giveTo(place.account, passwordFile);
    await runInitdb(binaries, place.account, draft, passwordFile, options);
    renameSync(draft, place.folder);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(draft, { recursive: true, force: true });
  }
}

function runInitdb(
  binaries: PostgresBinaries,
  account: Account | undefined,
  folder: string,
  passwordFile: string,
  { fsync, env }: { fsync: boolean; env: NodeJS.ProcessEnv },
): Promise<void> {
  // Without these the cluster takes the locale of whoever starts it, down to SQL_ASCII where LANG is not set. The
  // builtin provider, which depends on no locale of the system, came with 17.
  const locale =
    binaries.majorVersion >= 17
      ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
      : ['--locale=C.UTF-8'];
  const flags = ['--encoding=UTF8', '--auth=scram-sha-256', `--username=${postgresName}`, `--pwfile=${passwordFile}`];
  const child = spawn(binaries.initdb, [`--pgdata=${folder}`, ...flags, ...locale, ...(fsync ? [] : ['--no-sync'])], {
    ...account,
    cwd: '/',
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`initdb can't be run: ${cause.message}`, { cause })));
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`initdb failed: ${complaint.trim()}`))));
  });
}
