/** `npm run release` in a repository of its own, with what it needs of ours. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { Cleanup } from '../helpers/database.js';
import { root } from '../helpers/repository.js';

const tree = Compile(Type.Record(Type.String(), Type.Unknown()));

const NEWS = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n';

function createRepository(cleanup: Cleanup): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-release-'));
  cleanup.after(async () => rmSync(folder, { recursive: true }));
  const packages = ['package.json', 'package-lock.json', 'client/package.json', 'cli/package.json'];
  const needed = [...packages, 'deploy/helm/passback/Chart.yaml'];
  const migrations = ['db/migrations/index.ts', 'db/migrations/releases.ts'];
  for (const file of [...needed, ...migrations, 'test/fixtures/histories/send-scores.plain.json']) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    cpSync(path.join(root, file), path.join(folder, file));
  }
  writeFileSync(path.join(folder, 'CHANGELOG.md'), NEWS);
  git(folder, 'init', '--quiet');
  git(folder, 'config', 'user.email', 'test@example.com');
  git(folder, 'config', 'user.name', 'Test');
  commit(folder);
  return folder;
}

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
}

function commit(folder: string): void {
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'test: change something');
}

function release(folder: string, ...args: string[]): { status: number | null; said: string } {
  const program = path.join(root, 'scripts', 'release.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

const readIn = (folder: string, file: string): string => readFileSync(path.join(folder, file), 'utf8');
const versionIn = (text: string): unknown => tree.Parse(JSON.parse(text))['version'];

test('makes one commit and a tag, in which all that has a version has the same', (t) => {
  const folder = createRepository(t);
  const { status, said } = release(folder, '7.1.0');
  assert.equal(status, 0, said);
  assert.equal(git(folder, 'status', '--porcelain'), '');
  assert.equal(git(folder, 'rev-parse', 'v7.1.0^{commit}'), git(folder, 'rev-parse', 'HEAD'));
  for (const file of ['package.json', 'package-lock.json', 'client/package.json', 'cli/package.json']) {
    assert.equal(versionIn(readIn(folder, file)), '7.1.0');
  }
  const chart = readIn(folder, 'deploy/helm/passback/Chart.yaml');
  assert.match(chart, /^version: 7\.1\.0$/m);
  assert.match(chart, /^appVersion: 7\.1\.0$/m);
  assert.match(
    readIn(folder, 'CHANGELOG.md'),
    /## \[Unreleased\]\n\n## \[7\.1\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n\n- A thing\.\n$/,
  );
  assert.match(
    readIn(folder, 'db/migrations/releases.ts'),
    /\n {2}\{ version: '7\.1\.0', last: '\d{8}_[^']+' \},\n\];\n$/,
  );
  assert.equal(
    readIn(folder, 'test/fixtures/histories/7.1.0/send-scores.plain.json'),
    readIn(folder, 'test/fixtures/histories/send-scores.plain.json'),
  );
});

test('makes the next one only of something new, and with a higher number', (t) => {
  const folder = createRepository(t);
  assert.equal(release(folder, '7.1.0').status, 0);
  assert.match(release(folder, '7.2.0').said, /nothing under "Unreleased"/);
  writeFileSync(path.join(folder, 'CHANGELOG.md'), NEWS);
  assert.match(release(folder, '7.2.0').said, /not committed/);
  commit(folder);
  assert.match(release(folder, '7.0.9').said, /7\.0\.9 does not come after 7\.1\.0/);
  assert.match(release(folder, '7.1.0').said, /has been made/);
  assert.equal(release(folder, '7.10.0').status, 0);
});

test('says what it would do, and does nothing', (t) => {
  const folder = createRepository(t);
  const before = git(folder, 'rev-parse', 'HEAD');
  const { status, said } = release(folder, '7.1.0', '--dry-run');
  assert.equal(status, 0);
  assert.match(said, /7\.1\.0 would change package\.json, client\/package\.json, cli\/package\.json.*\n- A thing\./s);
  assert.deepEqual([git(folder, 'rev-parse', 'HEAD'), git(folder, 'status', '--porcelain')], [before, '']);
});

for (const wrong of [[], ['7.1'], ['v7.1.0'], ['07.1.0'], ['7.1.0-rc.1'], ['7.1.0', '7.2.0']]) {
  test(`asks for a release instead of taking ${wrong.join(' ') || 'none'}`, (t) => {
    assert.match(release(createRepository(t), ...wrong).said, /^Say which release/);
  });
}
