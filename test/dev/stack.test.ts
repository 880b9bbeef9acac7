import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { parseEnv } from 'node:util';
import { findFreePort } from '../../dev/machine/free-port.js';
import { isRunning } from '../../dev/machine/operating-system-process.js';
import { LockHeldError } from '../../dev/machine/single-holder-lock.js';
import { resetStack } from '../../dev/stack/orphans.js';
import { type Stack, startStack } from '../../dev/stack.js';
import { readRepositoryFile } from '../helpers/repository.js';
import { bareEnv } from './bare-env.js';
import { fixture, spawnFixture } from './spawn-fixture.js';
import { tempFolder } from './temp-folder.js';
import { until } from './until.js';

const entries = {
  migrate: fixture('migrate-program.ts'),
  api: fixture('api-program.ts'),
  worker: fixture('worker-program.ts'),
  sandbox: fixture('sandbox-program.ts'),
};

async function environmentOf(stack: Stack): Promise<Record<string, string>> {
  const response = await fetch(`${stack.apiUrl}/env`);
  const body: unknown = await response.json();
  assert.ok(typeof body === 'object' && body !== null);
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)]));
}

function pidOf(stack: Stack, name: string): number {
  return stack.processes.find((part) => part.name === name)?.pid ?? 0;
}

describe('the stack', () => {
  const folder = tempFolder({ after });
  const dataDir = path.join(folder, 'data');
  const events = path.join(folder, 'events');
  const unfilled = parseEnv(readRepositoryFile('.env.example'));
  const env = {
    ...bareEnv(),
    ...unfilled,
    DATABASE_URL: ' ',
    EVENTS: events,
    TEMPORAL_API_KEY: '',
    TEMPORAL_TLS: 'true',
    SCORE_SOURCE_URL: 'http://s',
  };
  const start = () => startStack({ dataDir, env, entries });

  it('starts all that an unfilled copy of .env.example leaves open, tells each where the others are, and stops in order', async () => {
    const stack = await start();
    try {
      const told = await environmentOf(stack);
      const { username, host } = new URL(told['DATABASE_URL'] ?? '');
      assert.deepEqual({ username, host }, { username: 'passback_app', host: new URL(stack.databaseUrl).host });
      assert.equal(told['LTIAAS_URL'], stack.sandboxUrl);
      assert.equal(told['BOOTSTRAP_API_KEY'], stack.apiKey);
      assert.deepEqual(
        Object.keys(told).filter((name) => told[name]?.trim() === ''),
        [],
      );
      assert.equal(told['TEMPORAL_UI_URL'], stack.temporalUiUrl);
      assert.match(told['TEMPORAL_ADDRESS'] ?? '', /^127\.0\.0\.1:\d+$/);
      assert.match(told['ENCRYPTION_KEYS'] ?? '', /^\w+:[A-Za-z0-9+/]{43}=$/);
      assert.equal(told['SCORE_SOURCE_URL'], 'http://s');
      assert.deepEqual(
        ['TEMPORAL_API_KEY', 'TEMPORAL_TLS'].filter((name) => name in told),
        [],
      );
      assert.equal(statSync(path.join(dataDir, 'encryption-keys')).mode & 0o777, 0o600);
      assert.equal(readFileSync(path.join(dataDir, 'api-key'), 'utf8').trim(), stack.apiKey);
      await assert.rejects(start(), LockHeldError);
    } finally {
      await stack.stop();
    }
    await stack.stop();
    assert.deepEqual(
      stack.processes.map((part) => isRunning(part.pid)),
      stack.processes.map(() => false),
    );
    const noted = readFileSync(events, 'utf8').trim().split('\n');
    assert.ok(noted.indexOf('migrate done') < noted.indexOf('api started'));
    assert.deepEqual(noted.slice(-3), ['worker stopped', 'api stopped', 'sandbox stopped']);
  });

  it('is ready again within ten seconds, at the same addresses and with the same secrets', async () => {
    const startedAt = performance.now();
    const stack = await start();
    try {
      assert.ok(performance.now() - startedAt < 10_000);
      const first = await environmentOf(stack);
      const killed = pidOf(stack, 'api');
      process.kill(killed, 'SIGKILL');
      process.kill(pidOf(stack, 'postgres'), 'SIGKILL');
      await until('the API is another process', () => pidOf(stack, 'api') !== killed);
      const again = await until('the API is back', () => environmentOf(stack).catch(() => undefined));
      assert.deepEqual(again, first);
      await until('Postgres is back', () => isRunning(pidOf(stack, 'postgres')));
    } finally {
      await stack.stop();
    }
  });

  it('clears up after a stack that was killed', async (t) => {
    const killed = spawnFixture(t, 'stack-parent.ts', [dataDir], env);
    const line = await until('the stack runs', () => killed.lines[0]);
    const pids = line.split(' ').map(Number);
    assert.equal(pids.length, 5);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const stack = await start();
    try {
      assert.deepEqual(
        pids.filter((pid) => isRunning(pid)),
        [],
      );
    } finally {
      await stack.stop();
    }
  });

  it('begins with nothing after a reset', async () => {
    const before = readFileSync(path.join(dataDir, 'api-key'), 'utf8');
    await resetStack(dataDir);
    assert.equal(existsSync(path.join(dataDir, 'postgres')), false);
    assert.equal(existsSync(path.join(dataDir, 'api-key')), false);
    assert.ok(before.length > 20);
  });
});

describe('a stack on servers of the caller', () => {
  const given = { DATABASE_URL: 'postgres://127.0.0.1:1/none', TEMPORAL_ADDRESS: '127.0.0.1:1' };

  it('says that PORT is taken', async (t) => {
    const port = await findFreePort();
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    t.after(() => squatter.close());
    const env = { ...bareEnv(), ...given, PORT: String(port) };
    await assert.rejects(startStack({ dataDir: tempFolder(t), env, entries }), new RegExp(`PORT ${port} .* taken`));
  });

  it('wants the key of an LTIAAS that is given', async (t) => {
    const env = { ...bareEnv(), ...given, LTIAAS_URL: 'http://127.0.0.1:1' };
    await assert.rejects(startStack({ dataDir: tempFolder(t), env, entries }), /LTIAAS_API_KEY/);
  });

  it('shows why the migrations failed, and stops what it had started', async (t) => {
    const dataDir = tempFolder(t);
    const env = { ...bareEnv(), ...given };
    await assert.rejects(startStack({ dataDir, env, entries }), /migrate failed[^]*ECONNREFUSED/);
    const sandbox = Number(readFileSync(path.join(dataDir, 'pids', 'sandbox'), 'utf8').split('\n', 1)[0]);
    assert.equal(isRunning(sandbox), false);
  });
});
