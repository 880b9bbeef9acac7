import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { createSandboxControl } from '../../sandbox/control-client.js';
import { programArguments } from '../helpers/repository.js';
import { eventually, withServiceKey } from './harness.js';

const readyLine = Compile(Type.Object({ ready: Type.Literal(true), url: Type.String() }));

async function startProcess(
  t: TestContext,
): Promise<{ url: string; stop: (signal: NodeJS.Signals) => Promise<number | null> }> {
  const child = spawn(process.execPath, programArguments('sandbox/main.ts'), {
    env: { ...process.env, SANDBOX_PORT: '0', LTIAAS_API_KEY: 'test-key' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  const { url } = readyLine.Parse(JSON.parse(line));
  const stop = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    await exited;
    return child.exitCode;
  };
  return { url, stop };
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`the process says where it listens and ends on ${signal} within a second, hanging calls or not`, async (t) => {
    const { url, stop } = await startProcess(t);
    const control = createSandboxControl(url);
    await control.createPlatform({ family: 'canvas', platformId: 'p', settings: { outage: 'silent' } });
    await control.createContext({ platformId: 'p', contextId: 'c' });
    const caller = withServiceKey(url, await control.createLaunch({ contextId: 'c' }));
    const hanging = assert.rejects(caller.call('GET', '/api/lineitems'));
    await eventually(async () => (await control.getPlatform({ platformId: 'p' })).traffic.inFlight === 1);
    const startedAt = performance.now();
    assert.equal(await stop(signal), 0);
    assert.ok(performance.now() - startedAt < 5_000);
    await hanging;
  });
}
