import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { EXIT } from '../../cli/exit-codes.js';
import { at, createTestApi, parseJson } from '../helpers/app.js';
import { insertContext, insertPlatform } from '../helpers/factories.js';
import { programArguments } from '../helpers/repository.js';
import { createSource, graded, namingMapping, STANDARD_SECRET } from '../helpers/webhooks.js';
import { runCli } from './run-cli.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-cli-'));
const api = await createTestApi();
const { deployment } = await insertPlatform(api.db, { platformId: 'lms' });
await insertContext(api.db, { deployment, contextId: 'bio-101' });
await createSource(api, { name: 'essay-grader', mapping: namingMapping('lms') });
const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
after(async () => {
  await api.app.close();
  rmSync(folder, { recursive: true, force: true });
});
const env = { PASSBACK_URL: url, PASSBACK_API_KEY: api.adminKey, PASSBACK_WEBHOOK_SECRET: STANDARD_SECRET };
const fileOf = (name: string, content: string): string => {
  writeFileSync(path.join(folder, name), content);
  return path.join(folder, name);
};
const event = fileOf('event.json', JSON.stringify(graded()));

describe('passback webhook', () => {
  it('signs as the API wants it, and verifies what it signed', async () => {
    const signed = await runCli(['webhook', 'sign', event, '--id', 'evt-1'], { env });
    assert.equal(signed.code, EXIT.done, signed.stderr);
    const headers = new Headers({ 'content-type': 'application/json' });
    for (const line of signed.stdout.trimEnd().split('\n')) {
      const [name = '', value = ''] = line.split(': ');
      headers.set(name, value);
    }
    const sent = await fetch(`${url}/v1/webhooks/essay-grader`, {
      method: 'POST',
      headers,
      body: JSON.stringify(graded()),
    });
    assert.equal(sent.status, 202, await sent.text());

    const file = fileOf('headers.txt', signed.stdout);
    const verified = await runCli(['webhook', 'verify', event, '--headers', file], { env });
    assert.match(verified.stdout, /^ok {2}evt-1, signed at /);
    const tried = await runCli(['webhook', 'try', 'essay-grader', event, '--headers', file, '--json'], { env });
    assert.equal(at(parseJson(tried.stdout), 'signature'), 'valid', tried.stderr);
  });

  it('says what is wrong with a signature', async () => {
    const signed = await runCli(['webhook', 'sign', event], { env });
    const file = fileOf('headers.txt', signed.stdout);
    const verify = (body: string, now?: () => Date) =>
      runCli(['webhook', 'verify', body, '--headers', file], { env, ...(now && { now }) });
    const other = await verify(fileOf('other.json', '{}'));
    assert.deepEqual([other.code, /not that of this secret/.test(other.stdout)], [EXIT.no, true]);
    const late = await verify(event, () => new Date(Date.now() + 3_600_000));
    assert.deepEqual([late.code, /too old/.test(late.stdout)], [EXIT.no, true]);
    const none = await runCli(['webhook', 'verify', event, '--headers', fileOf('none.txt', '')], { env });
    assert.deepEqual([none.code, /It lacks webhook-id/.test(none.stdout)], [EXIT.no, true]);
  });

  it('asks for a secret, in the environment or a file, and shows none', async () => {
    assert.equal((await runCli(['webhook', 'sign', event])).code, EXIT.usage);
    const file = fileOf('secret.txt', `${STANDARD_SECRET}\n`);
    assert.equal((await runCli(['webhook', 'sign', event, '--secret-file', file])).code, EXIT.done);
    const wrong = await runCli(['webhook', 'sign', event], { env: { PASSBACK_WEBHOOK_SECRET: '?no base64?' } });
    assert.equal(wrong.code, EXIT.usage);
    assert.ok(!wrong.stderr.includes('?no base64?'));
  });
});

describe('passback completion', () => {
  const complete = async (...words: string[]): Promise<string[]> =>
    (await runCli(['complete', '--', ...words])).stdout.split('\n').map((line) => line.split('\t')[0] ?? '');

  it('knows commands, options and choices', async () => {
    assert.deepEqual(await complete('sc'), ['schedule', 'scores', '']);
    assert.deepEqual(await complete('scores', 'push', '--n'), ['--nightly', '']);
    assert.deepEqual(await complete('--url', 'scores', 'api-key', 'r'), ['revoke', 'rotate', '']);
    assert.deepEqual(await complete('scores', 'push', '--format', ''), ['ndjson', 'csv', '']);
    assert.deepEqual(await complete('completion', ''), ['bash', 'zsh', 'fish', '']);
    assert.deepEqual(await complete('scores', 'push', ''), ['']);
    assert.ok(!(await complete('')).includes('complete'));
  });

  for (const shell of ['bash', 'zsh', 'fish']) {
    const isThere = spawnSync(shell, ['-c', 'true']).status === 0;
    it(`gives a script that ${shell} takes`, { skip: !isThere && `${shell} is missing` }, async () => {
      const { stdout } = await runCli(['completion', shell]);
      const { status, stderr } = spawnSync(shell, ['-n', fileOf(`completion.${shell}`, stdout)], { encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, '']);
    });
  }

  it('completes in bash itself', async () => {
    const program = [process.execPath, ...programArguments('cli/main.ts')].map((word) => `'${word}'`).join(' ');
    const { stdout } = await runCli(['completion', 'bash']);
    const script = `passback() { ${program} "$@"; }\n${stdout}\nCOMP_WORDS=(passback backfill w); COMP_CWORD=2; _passback; echo "\${COMPREPLY[@]}"`;
    assert.equal(spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout, 'watch\n');
  });
});
