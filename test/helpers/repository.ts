/** Where things of the repository are, whether tests run from their sources or from what the run made of them. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The repository's root. */
export const root = findRoot(import.meta.dirname);

/** Our folders as they run: the root itself, or the folder that test/run.ts has transpiled them into. */
const runningRoot = path.join(import.meta.dirname, '..', '..');

/** The text of a file of the repository. */
export function readRepositoryFile(name: string): string {
  return readFileSync(path.join(root, name), 'utf8');
}

/** The file that runs for a source of ours, which is named from the root: `worker/main.ts`. */
export function runningFile(source: string): string {
  return path.join(runningRoot, source.replace(/\.ts$/, path.extname(import.meta.filename)));
}

/** The arguments for Node under which such a file runs as a program. */
export function programArguments(source: string): string[] {
  const file = runningFile(source);
  return file.endsWith('.ts') ? ['--import', 'tsx', file] : ['--enable-source-maps', file];
}

function findRoot(folder: string): string {
  if (existsSync(path.join(folder, 'package-lock.json'))) return folder;
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error('No package-lock.json above the tests: this is no checkout of Passback.');
  return findRoot(parent);
}
