import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { readRepositoryFile, root } from '../helpers/repository.js';

const Lock = Type.Object({
  packages: Type.Record(
    Type.String(),
    Type.Object({
      version: Type.Optional(Type.String()),
      dev: Type.Optional(Type.Boolean()),
      link: Type.Optional(Type.Boolean()),
      hasInstallScript: Type.Optional(Type.Boolean()),
    }),
  ),
});
const Bill = Type.Object({
  metadata: Type.Object({ component: Type.Object({ name: Type.String() }) }),
  components: Type.Array(Type.Object({ name: Type.String(), version: Type.Optional(Type.String()) })),
});
const Manifest = Type.Object({
  allowScripts: Type.Record(Type.String(), Type.Boolean()),
  scripts: Type.Record(Type.String(), Type.String()),
});

const { allowScripts, scripts } = Compile(Manifest).Parse(JSON.parse(readRepositoryFile('package.json')));
const locked = Object.entries(Compile(Lock).Parse(JSON.parse(readRepositoryFile('package-lock.json'))).packages)
  .filter(([place, { link }]) => place.includes('node_modules/') && link !== true)
  .map(([place, facts]) => ({ name: place.slice(place.lastIndexOf('node_modules/') + 13), ...facts }));

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-supply-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function runScript(name: string, args: string[] = [], env = process.env): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, 'scripts', name), ...args], {
    encoding: 'utf8',
    env,
    maxBuffer: 100_000_000,
  });
  return { status, text: stdout + stderr };
}

describe('installing', () => {
  it('runs no script of any package, and each package that has one was looked at', () => {
    assert.match(readRepositoryFile('.npmrc'), /^ignore-scripts=true$/m);
    const withScripts = locked.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name);
    assert.deepEqual(Object.keys(allowScripts).toSorted(), [...new Set(withScripts)].toSorted());
    assert.deepEqual(new Set(Object.values(allowScripts)), new Set([false]));
  });

  it('leaves no script of ours out: none runs before or after another', () => {
    const hooks = /^(preinstall|install|postinstall|prepare|prepublish)$/;
    const left = Object.keys(scripts).filter(
      (name) => hooks.test(name) || (/^(pre|post)/.test(name) && name.replace(/^(pre|post)/, '') in scripts),
    );
    assert.deepEqual(left, []);
  });
});

describe('npm run sbom', () => {
  it('names each package of the image, and no tool', () => {
    const { status, text } = runScript('sbom.mjs');
    assert.equal(status, 0, text);
    const { metadata, components } = Compile(Bill).Parse(JSON.parse(text));
    assert.equal(metadata.component.name, 'passback');
    const idsOf = (list: { name: string; version?: string }[]) =>
      [...new Set(list.map(({ name, version }) => `${name}@${version}`))].toSorted();
    assert.deepEqual(idsOf(components), idsOf(locked.filter(({ dev }) => dev !== true)));
  });
});

describe('npm run licences', () => {
  it('would write the list that is in the repository', (t) => {
    const file = path.join(folderOf(t), 'licences.md');
    const { status, text } = runScript('list-licences.mjs', [path.join(root, 'package-lock.json'), file]);
    assert.equal(status, 0, text);
    assert.equal(readFileSync(file, 'utf8'), readRepositoryFile('docs/licences.md'), 'npm run licences');
  });

  it('refuses by name a licence that nobody has looked at, and a package without any', (t) => {
    const folder = folderOf(t);
    const lock = path.join(folder, 'package-lock.json');
    const packages = {
      '': {},
      client: { version: '1.0.0' },
      'node_modules/client': { link: true },
      'node_modules/free': { version: '1.0.0', license: 'MIT' },
      'node_modules/tool': { version: '1.0.0', license: 'GPL-3.0-only', dev: true },
      'node_modules/free/node_modules/@of/copyleft': { version: '2.1.0', license: 'AGPL-3.0-only' },
      'node_modules/silent': { version: '3.0.0' },
    };
    writeFileSync(lock, JSON.stringify({ packages }));
    const { status, text } = runScript('list-licences.mjs', [lock, path.join(folder, 'licences.md')]);
    assert.equal(status, 1);
    assert.deepEqual(text.trim().split('\n'), [
      'not an allowed licence: @of/copyleft 2.1.0: AGPL-3.0-only',
      'not an allowed licence: silent 3.0.0: none',
    ]);
  });
});

describe('npm run signatures', () => {
  function check(t: TestContext, body: string): { status: number | null; text: string } {
    const folder = folderOf(t);
    writeFileSync(path.join(folder, 'npm'), `#!/bin/sh\n${body}\n`);
    chmodSync(path.join(folder, 'npm'), 0o755);
    return runScript('check-signatures.mjs', [], { ...process.env, PATH: folder });
  }

  it('says what was verified', (t) => {
    assert.deepEqual(check(t, 'echo 432 packages have verified signatures'), {
      status: 0,
      text: '432 packages have verified signatures\n',
    });
  });

  it('fails on a package that was signed by somebody else', (t) => {
    const { status, text } = check(t, 'echo 1 package has an invalid registry signature: knex; exit 1');
    assert.equal(status, 1);
    assert.match(text, /knex/);
  });

  it('names what it skips where there are no signatures to be had', (t) => {
    for (const reason of [
      'code ENOTFOUND',
      'code E404',
      'found no dependencies to audit that were installed from a supported registry',
    ]) {
      const { status, text } = check(t, `echo 'npm error ${reason}' >&2; exit 1`);
      assert.equal(status, 0, reason);
      assert.match(text, /^== skipped: signatures/);
    }
  });

  it('has npm say why, also where it was told to be silent itself', (t) => {
    const { status, text } = check(
      t,
      'case "$*" in *--loglevel=error*) echo npm error code ENOTFOUND >&2 ;; esac; exit 1',
    );
    assert.deepEqual([status, text.startsWith('== skipped: signatures')], [0, true]);
  });
});
