/** A PostgreSQL of the system with its tools, which the embedded one lacks; what needs them skips where there is none. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** Debian keeps each version's programs in a folder of its own, and puts wrappers on the path. */
const DEBIAN = '/usr/lib/postgresql';
const NEEDED = ['initdb', 'postgres', 'pg_dump', 'pg_restore', 'psql'];
const OLDEST = 15;

const ofDebian = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => path.join(DEBIAN, version, 'bin')) : [];

/** Where server and tools of one version are together, that we support. */
export const postgresFolder = [...(process.env['PATH'] ?? '').split(path.delimiter), ...ofDebian].find(
  (folder) => NEEDED.every((name) => existsSync(path.join(folder, name))) && majorVersionIn(folder) >= OLDEST,
);

/** For `test`: why what needs it is left out, or false. */
export const withoutPostgres =
  postgresFolder === undefined && 'PostgreSQL with pg_dump is missing: apt-get install postgresql';

function majorVersionIn(folder: string): number {
  const { stdout } = spawnSync(path.join(folder, 'postgres'), ['--version'], { encoding: 'utf8' });
  return Number(/\d+/.exec(stdout)?.[0] ?? 0);
}
