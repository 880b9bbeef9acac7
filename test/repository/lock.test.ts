import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { root } from '../helpers/repository.js';

const checkLock = path.join(root, 'scripts', 'check-lock.mjs');

function check(t: TestContext, packages: Record<string, object>): { status: number | null; stderr: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-lock-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'package-lock.json');
  writeFileSync(file, JSON.stringify({ packages }));
  return spawnSync(process.execPath, [checkLock, file], { encoding: 'utf8' });
}

const wanting = { optionalDependencies: { 'binary-linux': '1', '@scope/binary-darwin': '1' } };

test('our lock file has an entry for every optional package', () => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [checkLock], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.match(stdout, /^\d{3,} lock entries, 0 missing$/m);
  assert.equal(status, 0);
});

test('a lock file that lacks the package of another system is told by name', (t) => {
  const { status, stderr } = check(t, {
    '': {},
    'node_modules/tool': wanting,
    'node_modules/binary-linux': {},
  });
  assert.match(stderr, /node_modules\/tool wants @scope\/binary-darwin/);
  assert.doesNotMatch(stderr, /binary-linux/);
  assert.equal(status, 1);
});

test('an entry counts wherever Node would find it', (t) => {
  const { status } = check(t, {
    '': {},
    'node_modules/a/node_modules/@scope/tool': wanting,
    'node_modules/a/node_modules/binary-linux': {},
    'node_modules/@scope/binary-darwin': {},
  });
  assert.equal(status, 0);
});

test("an entry within another package's folder does not count", (t) => {
  const { status } = check(t, {
    '': {},
    'node_modules/tool': wanting,
    'node_modules/binary-linux': {},
    'node_modules/other/node_modules/@scope/binary-darwin': {},
  });
  assert.equal(status, 1);
});
