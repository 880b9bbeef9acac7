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

  it('runs as an ordinary user, without a shell that would keep signals from it', () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf('FROM '));
    assert.match(last, /^USER node$/m);
    const commands = [...last.matchAll(/^\s*CMD (.*)$/gm)].map((match) => match[1] ?? '');
    assert.equal(commands.length, 2);
    for (const command of commands) {
      const words: unknown = JSON.parse(command);
      assert.ok(Array.isArray(words) && words[0] === 'node');
    }
  });

  it('checks the health of whichever process runs', () => {
    const check = /HEALTHCHECK[^]*?CMD (.*)$/m.exec(dockerfile)?.[1] ?? '';
    assert.match(check, /WORKER_HEALTH_PORT/);
    assert.match(check, /readyz/);
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
