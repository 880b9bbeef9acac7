import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { failureCatalogue } from '../../domain/failure-catalogue.js';
import { readRepositoryFile, root } from '../helpers/repository.js';
import { trackedFiles } from './tracked-files.js';

const listDocuments = (...folders: string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => path.posix.join(folder, name)),
  );
const examples = listDocuments(
  'examples',
  ...['express', 'fastapi', 'grader', 'score-source'].map((name) => `examples/${name}`),
);
const documents = [...listDocuments('.', 'docs', 'bench', 'client'), ...examples];
const packageFile = Compile(Type.Object({ scripts: Type.Record(Type.String(), Type.String()) }));

for (const name of documents) {
  test(`${name} names only commands that there are`, () => {
    const { scripts } = packageFile.Parse(JSON.parse(readRepositoryFile('package.json')));
    const used = [...readRepositoryFile(name).matchAll(/\bnpm (?:run )?(--\w+ )?([a-z][\w:-]*)/g)].map(
      ([, , command = '']) => command,
    );
    const ofNpmItself = ['ci', 'install', 'pack'];
    assert.deepEqual(
      used.filter((command) => !(command in scripts) && !ofNpmItself.includes(command)),
      [],
    );
  });
}

test('README.md names the commands to begin with', () => {
  const readme = readRepositoryFile('README.md');
  for (const command of ['npm ci', 'npm start', 'npm test', 'npm run migrate', 'npm run build', '.ci/run']) {
    assert.ok(readme.includes(command), command);
  }
});

test('README.md names only variables that .env.example explains, and fits on 150 lines', () => {
  const readme = readRepositoryFile('README.md');
  const [, table = ''] = readme.split('## Configuration');
  const names = [...(table.split('## ')[0] ?? '').matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name = '']) => name);
  const example = readRepositoryFile('.env.example');
  // Read by the Temporal SDK itself.
  const ofTheSdk = ['TEMPORAL_API_KEY'];
  assert.ok(names.length > 10);
  assert.deepEqual(
    names.filter((name) => !new RegExp(`^#? ?${name}=`, 'm').test(example) && !ofTheSdk.includes(name)),
    [],
  );
  assert.ok(readme.split('\n').length <= 151);
});

test('docs/runbook.md speaks of every finding, and of no failure type that is not in the catalogue', () => {
  const runbook = readRepositoryFile('docs/runbook.md');
  const source = [
    'api/operations/findings.ts',
    'api/backfills/decision-findings.ts',
    'api/schedules/schedule-findings.ts',
    'api/webhooks/event-findings.ts',
  ]
    .map(readRepositoryFile)
    .join('\n');
  const findings = [...source.matchAll(/type: (?:[^\n]*\? )?'(\w+)'(?: : '(\w+)')?/g)].flatMap(([, one, other]) =>
    [one, other].filter((name) => name !== undefined),
  );
  assert.ok(findings.length >= 9, findings.join());
  for (const finding of findings) assert.ok(runbook.includes(`\`${finding}\``), finding);
  const types = [...runbook.matchAll(/`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`/g)].map(([, type = '']) => type);
  assert.ok(types.length > 20);
  assert.deepEqual(
    types.filter((type) => !(type in failureCatalogue) && !type.startsWith('Passback')),
    [],
  );
});

test('no file names a folder of one machine, or the host of a package registry', (t) => {
  const files = trackedFiles();
  if (files === undefined) return t.skip('no git history here');
  const forbidden = [/\/(?:root|work)\//, /\/tmp\/bash/, /https?:\/\/[\w.-]*registry[\w.-]*/i];
  const found = files
    .filter((name) => existsSync(path.join(root, name)))
    .flatMap((name) => {
      const text = readRepositoryFile(name);
      return forbidden.flatMap((pattern) => pattern.exec(text)?.[0] ?? []).map((what) => `${name}: ${what}`);
    });
  assert.ok(files.length > 300);
  assert.deepEqual(found, []);
});

test('the lock file leaves the choice of a registry to whoever installs', () => {
  const resolved = [...readRepositoryFile('package-lock.json').matchAll(/"resolved": "([^"]*)"/g)].map(([, to]) => to);
  // Our own packages are folders.
  assert.deepEqual(resolved.toSorted(), ['cli', 'client']);
});
