import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isRunning } from '../../dev/machine/operating-system-process.js';
import { root } from '../helpers/repository.js';
import { until } from './until.js';

/** Waits for servers that are not there. */
const env = {
  ...process.env,
  DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:9/none',
  TEMPORAL_ADDRESS: '127.0.0.1:9',
  LTIAAS_URL: 'http://127.0.0.1:9',
  LTIAAS_API_KEY: 'none',
  ENCRYPTION_KEYS: `a:${Buffer.alloc(32).toString('base64')}`,
  WORKER_HEALTH_PORT: '0',
  PORT: '0',
};

function childOf(pid: number): number | undefined {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)[0];
}

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  for (const [script, sign] of [
    ['api', 'waiting for the database'],
    ['worker', 'not to be had yet'],
  ] as const) {
    test(`npm run ${script} ends when only npm gets ${signal}`, { skip: process.platform !== 'linux' }, async (t) => {
      const npm = spawn('npm', ['run', script], { cwd: root, env, stdio: ['ignore', 'pipe', 'ignore'] });
      let output = '';
      npm.stdout.on('data', (chunk) => (output += String(chunk)));
      const pid = npm.pid ?? assert.fail('npm did not start');
      await until('a start that waits', () => output.includes(sign), 60);
      const program = childOf(pid) ?? assert.fail('npm runs nothing');
      t.after(() => isRunning(program) && process.kill(program, 'SIGKILL'));
      npm.kill(signal);
      await until('the end of the program', () => !isRunning(program), 15);
    });
  }
}
