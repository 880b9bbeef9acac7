import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { validate } from 'dockerfile-utils';
import { readRepositoryFile, root } from '../helpers/repository.js';

const dockerfile = readRepositoryFile('Dockerfile');

describe('the Dockerfile', () => {
  it('is well formed', () => {
    assert.deepEqual(
      validate(dockerfile).map(({ range, message }) => ({ line: range.start.line + 1, message })),
      [],
    );
  });

  it('runs as an ordinary user, without a shell that would keep signals from it, and listens to others', () => {
    const programs = /^FROM \S+ AS programs$[^]+?(?=^FROM )/m.exec(dockerfile)?.[0] ?? '';
    assert.match(programs, /^USER node$/m);
    for (const name of ['HOST', 'WORKER_HEALTH_HOST', 'METRICS_HOST']) {
      assert.match(programs, new RegExp(`\\b${name}=0\\.0\\.0\\.0\\b`));
    }
    const commands = [...dockerfile.matchAll(/\bCMD (.*)$/gm)].map((match) => match[1] ?? '');
    assert.equal(commands.length, 3);
    for (const command of commands) {
      const words: unknown = JSON.parse(command);
      assert.ok(Array.isArray(words) && words[0] === 'node');
    }
  });

  it('makes the image of the three roles when no target is named, and the sandbox is in another', () => {
    const targets = [...dockerfile.matchAll(/^FROM (\S+) AS (\w+)$/gm)].map(([, from, name]) => ({ from, name }));
    assert.deepEqual(targets.slice(-2), [
      { from: 'programs', name: 'sandbox' },
      { from: 'programs', name: 'passback' },
    ]);
    assert.match(dockerfile, /mv dist\/sandbox dist-sandbox/);
  });

  it('says what it is, and takes nothing from where the same name may mean something else tomorrow', () => {
    for (const label of ['title', 'description', 'version', 'revision', 'source', 'base.name', 'base.digest']) {
      assert.match(dockerfile, new RegExp(`org\\.opencontainers\\.image\\.${label}="`));
    }
    const [, name = '', digest = ''] = /^FROM (\S+)@(sha256:\w+) AS programs/m.exec(dockerfile) ?? [];
    assert.ok(dockerfile.includes(`base.name="docker.io/library/${name}"`));
    assert.ok(dockerfile.includes(`base.digest="${digest}"`));
    assert.doesNotMatch(dockerfile, /apt-get|curl|wget|npm install/);
  });

  it('copies only what is there, and no secrets', () => {
    const allowed = [...readRepositoryFile('.dockerignore').matchAll(/^!(.*)$/gm)].map((match) => match[1] ?? '');
    assert.match(readRepositoryFile('.dockerignore'), /^\*$/m);
    const folders = [
      'activities',
      'api',
      'config',
      'db',
      'domain',
      'ltiaas',
      'metrics',
      'scripts',
      'tool',
      'waking',
      'worker',
      'workflows',
    ];
    for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', ...folders]) {
      assert.ok(allowed.includes(name), name);
    }
    assert.deepEqual(
      allowed.filter((name) => name.startsWith('.env')),
      [],
    );
    for (const name of ['package.json', 'package-lock.json']) assert.ok(existsSync(path.join(root, name)));
  });
});
