import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findFreePort } from '../../dev/machine/free-port.js';
import { isRunning } from '../../dev/machine/operating-system-process.js';
import { type NodeProcessOptions, runNodeProgram, startNodeProcess } from '../../dev/processes.js';
import { fixture, spawnFixture } from './spawn-fixture.js';
import { type Cleanup, tempFolder } from './temp-folder.js';
import { until } from './until.js';

async function apiOptions(t: Cleanup): Promise<NodeProcessOptions & { readyUrl: string; events: () => string }> {
  const port = await findFreePort();
  const eventsFile = path.join(tempFolder(t), 'events');
  return {
    name: 'api',
    entry: fixture('api-program.ts'),
    env: { ...process.env, PORT: String(port), EVENTS: eventsFile },
    readyUrl: `http://127.0.0.1:${port}/readyz`,
    events: () => readFileSync(eventsFile, 'utf8'),
  };
}

describe('a process of ours', () => {
  it('is ready when its address answers, and stops in an orderly way', async (t) => {
    const options = await apiOptions(t);
    const lines: string[] = [];
    const api = await startNodeProcess({ ...options, onLine: (line) => lines.push(line) });
    assert.equal((await fetch(options.readyUrl)).status, 200);
    await api.stop();
    await api.stop();
    assert.equal(isRunning(api.pid), false);
    assert.equal(options.events(), 'api started\napi stopped\n');
    assert.deepEqual(lines, ['{"ready":true}']);
  });

  it('is brought back when it is killed', async (t) => {
    const options = await apiOptions(t);
    const crashes: string[] = [];
    const api = await startNodeProcess({ ...options, restart: true, onCrash: (text) => crashes.push(text) });
    t.after(() => api.kill());
    const { pid } = api;
    process.kill(pid, 'SIGKILL');
    await until('it serves again', async () => {
      const status = await fetch(options.readyUrl).then(
        (response) => response.status,
        () => undefined,
      );
      return api.pid !== pid && status === 200;
    });
    assert.deepEqual(crashes, ['api ended with SIGKILL, starting it again']);
    await api.stop();
    assert.equal(isRunning(api.pid), false);
  });

  it('is killed when it does not stop in time', async () => {
    const entry = fixture('stubborn-program.ts');
    const options = { name: 'stubborn', entry, env: process.env, readyPattern: /ready/, stopTimeoutMs: 100 };
    const stubborn = await startNodeProcess(options);
    await stubborn.stop();
    assert.equal(isRunning(stubborn.pid), false);
  });

  it('may have worker threads, and sees no arguments that are not its own', async (t) => {
    const options = {
      name: 'threaded',
      entry: fixture('threaded-program.ts'),
      env: process.env,
      readyPattern: /ready/,
    };
    const threaded = await startNodeProcess(options);
    t.after(() => threaded.stop());
    assert.equal(threaded.readyLine, 'ready 0');
  });

  it('tells its last lines when it ends before it is ready', async () => {
    const options = { name: 'worker', entry: fixture('failing-program.ts'), env: process.env, readyPattern: /ready/ };
    await assert.rejects(startNodeProcess({ ...options, restart: true }), /worker did not start: .*code 4\n.*the moon/);
    await assert.rejects(runNodeProgram(options), /worker failed: .*code 4\n.*the moon/);
  });

  it('is stopped when it is not ready in time', async (t) => {
    const entry = fixture('stubborn-program.ts');
    const options = { name: 'slow', entry, env: process.env, readyPattern: /never/, readyTimeoutMs: 500 };
    const pidFile = path.join(tempFolder(t), 'pid');
    const starting = startNodeProcess({ ...options, stopTimeoutMs: 100, pidFile });
    await assert.rejects(starting, /slow did not start: .*not done within 0.5 s/);
    assert.equal(isRunning(Number(readFileSync(pidFile, 'utf8').split('\n', 1)[0])), false);
  });

  it('stops itself when its parent is killed', async (t) => {
    const { env, events } = await apiOptions(t);
    const parent = spawnFixture(t, 'process-parent.ts', [fixture('api-program.ts')], env);
    const line = await until('the child runs', () => parent.lines[0]);
    const pid = Number(line.split(' ')[1]);
    assert.equal(isRunning(pid), true);
    parent.child.kill('SIGKILL');
    await until('the child has ended', () => !isRunning(pid));
    assert.equal(events(), 'api started\napi stopped\n');
  });
});
