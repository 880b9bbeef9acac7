/** What the Dockerfile puts into /app, in a folder of its own: built programs, and the packages that are not for developers. */
import { copyFileSync, cpSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { isErrorWithCode } from '../../dev/machine/operating-system-process.js';
import { readRepositoryFile, root } from '../helpers/repository.js';

const lock = Compile(
  Type.Object({
    packages: Type.Record(
      Type.String(),
      Type.Object({ dev: Type.Optional(Type.Boolean()), link: Type.Optional(Type.Boolean()) }),
    ),
  }),
);
const BUILT_FROM = ['activities', 'api', 'config', 'console', 'db', 'domain', 'ltiaas', 'metrics'];
const AND_FROM = ['sandbox', 'tool', 'waking', 'worker', 'workflows'];

/** For `test`: why it is left out, or false. */
export function findNoBuild(): string | false {
  const built = statSync(path.join(root, 'dist', 'worker', 'workflow-bundle.cjs'), { throwIfNoEntry: false });
  if (built === undefined) return 'there is no dist/: npm run build';
  const newest = Math.max(...[...BUILT_FROM, ...AND_FROM].map((folder) => newestOf(path.join(root, folder))));
  return newest > built.mtimeMs && 'dist/ is older than the sources: npm run build';
}

function newestOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map(({ parentPath, name }) => statSync(path.join(parentPath, name)).mtimeMs));
}

/** Outside the repository, where Node would find what is missing further up. */
export function makeImageFolder(): { app: string; remove: () => void } {
  const beside = mkdtempSync(path.join(os.tmpdir(), 'passback-image-'));
  const folder = path.join(beside, 'app');
  for (const name of [...BUILT_FROM, ...AND_FROM]) {
    const from = path.join(root, 'dist', name);
    cpSync(from, path.join(folder, 'dist', name), { recursive: true });
  }
  for (const name of ['LICENSE', 'package.json', 'deploy/image/check-health.mjs']) {
    cpSync(path.join(root, name), path.join(folder, path.basename(name)));
  }
  const { packages } = lock.Parse(JSON.parse(readRepositoryFile('package-lock.json')));
  for (const [place, { dev, link }] of Object.entries(packages)) {
    if (place.startsWith('node_modules/') && dev !== true && link !== true) linkPackage(place, folder);
  }
  return { app: folder, remove: () => rmSync(beside, { recursive: true, force: true }) };
}

/** Its own files only: packages within it have entries of their own. Those of other systems are not there. */
function linkPackage(place: string, folder: string): void {
  const from = path.join(root, place);
  if (statSync(from, { throwIfNoEntry: false }) === undefined) return;
  const walk = (inner: string): void => {
    mkdirSync(path.join(folder, place, inner), { recursive: true });
    for (const entry of readdirSync(path.join(from, inner), { withFileTypes: true })) {
      const file = path.join(inner, entry.name);
      if (entry.isFile()) linkOrCopy(path.join(from, file), path.join(folder, place, file));
      else if (entry.isDirectory() && entry.name !== 'node_modules') walk(file);
    }
  };
  walk('');
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    // Another disk.
    if (!isErrorWithCode(error, 'EXDEV')) throw error;
    copyFileSync(from, to);
  }
}
