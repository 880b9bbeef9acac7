import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { isRunning } from '../../dev/machine/operating-system-process.js';
import { root } from '../helpers/repository.js';
import { onlyFull } from '../helpers/size.js';
import { bareEnv } from './bare-env.js';
import { tempFolder } from './temp-folder.js';
import { until } from './until.js';

const onlyLinux = { skip: process.platform !== 'linux' };

/** Waits for servers that are not there. */
const waiting = {
  ...process.env,
  DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:9/none',
  TEMPORAL_ADDRESS: '127.0.0.1:9',
  LTIAAS_URL: 'http://127.0.0.1:9',
  LTIAAS_API_KEY: 'none',
  ENCRYPTION_KEYS: `a:${Buffer.alloc(32).toString('base64')}`,
  WORKER_HEALTH_PORT: '0',
  PORT: '0',
};

/** All that a process has started, and what those have. */
function descendantsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** How a program of package.json is started, and what gets the signal: the first process alone, or its whole group. */
type Start = readonly [program: string, args: readonly string[], whom: 'itself' | 'its group'];
const npm = (...args: string[]): Start => ['npm', args, 'itself'];
/** As `timeout` and supervisors do, with a shell that stays between them and npm. */
const shell = (...args: string[]): Start => ['sh', ['-c', `npm ${args.join(' ')}; exit $?`], 'its group'];

interface Case {
  start: Start;
  env: NodeJS.ProcessEnv;
  /** What it prints when it has come as far as it is meant to. */
  sign: string;
  signal: NodeJS.Signals;
  seconds?: number;
}

async function endsWhole(
  t: TestContext,
  { start: [program, args, whom], env, sign, signal, seconds = 20 }: Case,
): Promise<void> {
  const child: ChildProcess = spawn(program, args, {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
  const pid = child.pid ?? assert.fail(`${program} did not start`);
  const started: number[] = [];
  t.after(() => [pid, ...started].filter(isRunning).forEach((each) => process.kill(each, 'SIGKILL')));
  await until(sign, () => output.includes(sign) || child.exitCode !== null, 90);
  assert.equal(child.exitCode, null, output);
  started.push(...descendantsOf(pid));
  assert.ok(started.length > 0);
  process.kill(whom === 'itself' ? pid : -pid, signal);
  await until('the end of all of it', () => !started.some(isRunning), seconds);
}

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  for (const [script, sign] of [
    ['api', 'waiting for the database'],
    ['worker', 'not to be had yet'],
  ] as const) {
    test(`npm run ${script} ends when only npm gets ${signal}`, onlyLinux, async (t) => {
      await endsWhole(t, { start: npm('run', script), env: waiting, sign, signal });
    });
    test(`npm run ${script} ends when a shell around it and its group get ${signal}`, onlyLinux, async (t) => {
      await endsWhole(t, { start: shell('run', script), env: waiting, sign, signal });
    });
  }

  for (const [whom, through] of [
    ['npm alone', npm],
    ['a shell around it and its group', shell],
  ] as const) {
    test(
      `npm start ends, with what it has started so far, when ${whom} get${whom === 'npm alone' ? 's' : ''} ${signal}`,
      onlyLinux,
      async (t) => {
        const env = {
          ...bareEnv(),
          NODE_OPTIONS: '',
          DATABASE_URL: await silentDatabase(t),
          TEMPORAL_ADDRESS: '127.0.0.1:9',
        };
        const start = through('start', '--', '--no-demo', '--data-dir', tempFolder(t));
        // Before the ten seconds are over after which its start would fail by itself.
        await endsWhole(t, { start, env, sign: 'the sandbox serves', signal, seconds: 6 });
      },
    );
  }
}

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`the whole stack ends when npm start gets ${signal}`, { ...onlyLinux, ...onlyFull }, async (t) => {
    const env = { ...bareEnv(), NODE_OPTIONS: '', WORKER_BUNDLE: process.env['TEST_WORKFLOW_BUNDLE'] };
    const start = npm('start', '--', '--no-demo', '--data-dir', tempFolder(t));
    await endsWhole(t, { start, env, sign: 'Ctrl-C stops it', signal });
  });
}

/** Takes connections and says nothing, so that a start waits for it. */
async function silentDatabase(t: TestContext): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return `postgres://nobody:nothing@127.0.0.1:${typeof address === 'object' && address ? address.port : assert.fail()}/none`;
}
