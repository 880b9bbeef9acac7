import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { runningFile } from '../helpers/repository.js';

const module = pathToFileURL(runningFile('dev/run-stack.ts')).href;

for (const [what, fail] of [
  ['of its main function', 'throw error'],
  ['beside it', 'setTimeout(() => { throw error; }); await forever'],
  ['of a promise that nobody waits for', 'void Promise.reject(error); await forever'],
] as const) {
  test(`an error ${what} ends a program of dev/ with one line, its cause and no secret`, () => {
    const program = `
      const { runMain } = await import(${JSON.stringify(module)});
      const forever = new Promise(() => setInterval(() => undefined, 1000));
      const cause = new Error('no key very-secret-key');
      const error = Object.assign(new Error('fetch failed', { cause }), { headers: { authorization: 'Bearer' } });
      runMain(async () => { ${fail}; }, (text) => process.stderr.write(text + '\\n'));`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', program],
      { env: { PATH: process.env['PATH'], LTIAAS_API_KEY: 'very-secret-key' }, encoding: 'utf8', timeout: 30_000 },
    );
    assert.deepEqual([status, stdout, stderr], [1, '', 'fetch failed: no key [redacted]\n']);
  });
}
