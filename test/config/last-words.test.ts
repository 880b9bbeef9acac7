import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { programArguments, runningFile } from '../helpers/repository.js';

/** Of servers that are not there. */
const env = {
  PATH: process.env['PATH'],
  DATABASE_URL: 'postgres://nobody:nothing-at-all@127.0.0.1:9/none',
  TEMPORAL_ADDRESS: '127.0.0.1:9',
  LTIAAS_URL: 'http://127.0.0.1:9',
  LTIAAS_API_KEY: 'very-secret-key',
  ENCRYPTION_KEYS: `a:${Buffer.alloc(32).toString('base64')}`,
};

async function run(args: string[], more: Record<string, string> = {}) {
  const child = spawn(process.execPath, args, { env: { ...env, ...more }, timeout: 30_000 });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk) => (output[name] += String(chunk)));
  await once(child, 'close');
  return { code: child.exitCode, ...output };
}

for (const entry of ['api/server.ts', 'worker/main.ts', 'worker/migrate.ts']) {
  test(`${entry} names what is wrong with its settings, all of it, without a stack`, async () => {
    const { code, stdout, stderr } = await run(programArguments(entry), {
      DATABASE_URL: 'mysql://very-secret',
      DATABASE_POOL_MAX: 'x',
      ...(entry !== 'worker/migrate.ts' && { TEMPORAL_TLS: 'perhaps' }),
    });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^The configuration cannot be used:\n {2}- DATABASE_URL must .*\n {2}- DATABASE_POOL_MAX must /,
    );
    assert.equal(stderr.includes('TEMPORAL_TLS must be true or false'), entry !== 'worker/migrate.ts');
    assert.doesNotMatch(stdout + stderr, / {4}at |very-secret/);
  });
}

test('a port that is taken is told by its setting', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? String(address.port) : assert.fail();
  const { code, stderr } = await run(programArguments('worker/main.ts'), { WORKER_HEALTH_PORT: port });
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`WORKER_HEALTH_PORT must be a free port: .* 127.0.0.1:${port}`));
  assert.doesNotMatch(stderr, / {4}at /);
});

test('an address that is not of this machine is told by its setting', async () => {
  const { code, stderr } = await run(programArguments('worker/main.ts'), { WORKER_HEALTH_HOST: '192.0.2.7' });
  assert.equal(code, 1);
  assert.match(stderr, /WORKER_HEALTH_HOST must be an address of this machine/);
});

for (const [what, flags, fail] of [
  ['a thrown error', [], 'setTimeout(() => { throw error; })'],
  ['a rejection', [], 'void Promise.reject(error)'],
  ['a rejection that Node would only warn of', ['--unhandled-rejections=warn'], 'void Promise.reject(error)'],
  ['a failing start', [], 'await Promise.reject(error)'],
] as const) {
  test(`${what} becomes a line of the log without secrets and fields, and code 1`, async () => {
    const module = pathToFileURL(runningFile('config/last-words.ts')).href;
    const program = `
      const { createLastWords, endWithLastWords } = await import(${JSON.stringify(module)});
      endWithLastWords(createLastWords('trial', process.env));
      const error = Object.assign(new Error('no key very-secret-key'), { headers: { authorization: 'Bearer' } });
      ${fail}; setInterval(() => undefined, 1000);`;
    const { code, stdout, stderr } = await run(
      ['--import', 'tsx', ...flags, '--input-type=module', '--eval', program],
      { LOG_LEVEL: 'silent' },
    );
    assert.deepEqual([code, stderr], [1, '']);
    assert.match(stdout, /"level":"fatal".*"message":"no key \[redacted\]"/i);
    assert.doesNotMatch(stdout, /very-secret|Bearer/);
  });
}
