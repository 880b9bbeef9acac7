import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { at, parseJson, textAt } from '../helpers/app.js';
import { insertApiKey } from '../helpers/factories.js';
import { readRepositoryFile } from '../helpers/repository.js';
import { findFreePort } from '../../dev/machine/free-port.js';
import { EXIT } from '../../cli/exit-codes.js';
import { createCliApi } from './cli-api.js';
import { runCli } from './run-cli.js';

const { api, url, env, folder } = await createCliApi();

describe('passback', () => {
  it('gives help with examples on stdout, and is told apart from a wrong command line', async () => {
    const help = await runCli(['scores', 'push', '--help']);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /Examples:\n {2}\$ passback scores push/);
    for (const args of [
      [],
      ['score'],
      ['scores', 'push'],
      ['explain', '--nothing'],
      ['api-key', 'create', 'x', '--scopes', 'all', '--reason', 'y'],
    ]) {
      const { code, stdout, stderr } = await runCli(args);
      assert.deepEqual([code, stdout], [2, ''], args.join(' '));
      assert.notEqual(stderr, '');
    }
    assert.match((await runCli(['score'])).stderr, /Did you mean scores\?/);
  });

  it('says its version', async () => {
    const manifest = parseJson(readRepositoryFile('package.json'));
    assert.equal((await runCli(['--version'])).stdout, `${textAt(manifest, 'version')}\n`);
  });

  it('asks for an address and a key, and takes neither from where others can read it', async () => {
    assert.match((await runCli(['api-key', 'whoami'])).stderr, /PASSBACK_URL is not set/);
    assert.match(
      (await runCli(['api-key', 'whoami'], { env: { PASSBACK_URL: url } })).stderr,
      /PASSBACK_API_KEY is not set/,
    );
    const withPassword = { ...env, PASSBACK_URL: url.replace('http://', 'http://me:secret@') };
    const { code, stderr } = await runCli(['api-key', 'whoami'], { env: withPassword });
    assert.equal(code, 2);
    assert.match(stderr, /a user or a password/);
    assert.doesNotMatch(stderr, /secret/);
  });

  it('reads the key from a file', async () => {
    const file = path.join(folder, 'key.txt');
    writeFileSync(file, `${api.adminKey}\n`);
    const named = await runCli(['api-key', 'whoami', '--api-key-file', file, '--url', url]);
    assert.equal(named.code, 0, named.stderr);
    const fromEnv = await runCli(['api-key', 'whoami'], { env: { PASSBACK_URL: url, PASSBACK_API_KEY_FILE: file } });
    assert.equal(fromEnv.stdout, named.stdout);
    assert.equal((await runCli(['api-key', 'whoami', '--url', url, '--api-key-file', '/nothing'])).code, 2);
  });

  it('tells by its exit code what stands in the way, and never shows the key', async () => {
    const { secret } = await insertApiKey(api.db, { scopes: ['read'] });
    const other = createServer((_, response) => response.end('<html>a page</html>')).listen(0, '127.0.0.1');
    after(() => other.close());
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const cases: [Record<string, string>, string[], number, RegExp][] = [
      [{ PASSBACK_API_KEY: 'pb_live_wrong' }, ['api-key', 'whoami'], EXIT.key, /A valid API key is needed/],
      [{ PASSBACK_API_KEY: secret }, ['api-key', 'list'], EXIT.key, /scope "admin"/],
      [{}, ['explain', '6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10'], EXIT.refused, /There is no such score/],
      [
        { PASSBACK_URL: `http://127.0.0.1:${await findFreePort()}` },
        ['api-key', 'whoami'],
        EXIT.unreachable,
        /nothing listens there/,
      ],
      [{ PASSBACK_URL: `http://127.0.0.1:${port}` }, ['api-key', 'whoami'], EXIT.unreachable, /not Passback/],
    ];
    for (const [more, args, expected, said] of cases) {
      const { code, stdout, stderr } = await runCli(args, { env: { ...env, ...more } });
      assert.deepEqual([code, stdout], [expected, ''], stderr);
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, new RegExp(`${api.adminKey}|${secret}|pb_live_wrong`));
      const asJson = await runCli([...args, '--json'], { env: { ...env, ...more } });
      assert.equal(at(parseJson(asJson.stderr), 'error', 'code'), expected);
    }
  });

  it('has colours on a terminal only, and where they are forced', async () => {
    const plain = await runCli(['api-key', 'list'], { env });
    assert.ok(!plain.stdout.includes('\u001b'));
    const forced = await runCli(['api-key', 'list'], { env: { ...env, FORCE_COLOR: '1' } });
    assert.ok(forced.stdout.includes('\u001b[1m'));
    const refused = await runCli(['api-key', 'list'], { env: { ...env, FORCE_COLOR: '1', NO_COLOR: '1' } });
    assert.ok(!refused.stdout.includes('\u001b'));
  });

  it('explains each of its exit codes in docs/cli.md', () => {
    const rows = [...readRepositoryFile('docs/cli.md').matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
    assert.deepEqual(rows, Object.values(EXIT));
  });
});

describe('passback explain', () => {
  it('says what the API and the console say', async () => {
    const body = { platformId: 'lms', contextId: 'bio-101', userId: 'nobody' };
    const story = (await api.call('POST', '/v1/explain', { body })).body;
    const args = ['explain', '--platform', 'lms', '--course', 'bio-101', '--student', 'nobody'];
    const { code, stdout, stderr } = await runCli(args, { env });
    assert.equal(code, 0, stderr);
    assert.ok(stdout.startsWith(`${textAt(story, 'verdict')}\n${textAt(story, 'findings', 0, 'sentence')}\n`), stdout);
    assert.ok(stdout.includes(textAt(story, 'findings', 0, 'help', 0, 'sentence')));
    assert.deepEqual(parseJson((await runCli([...args, '--json'], { env })).stdout), story);
  });

  it('tells the whole story of a score, without a way for it to drive the terminal', async () => {
    const score = {
      ...{ platformId: 'lms', contextId: 'bio-101', userId: 'ada', scoreGiven: 1, scoreMaximum: 10 },
      lineItem: { resourceId: 'quiz', label: 'Quiz \u001b[31m\u009b2J', scoreMaximum: 10 },
    };
    const taken = (await api.call('POST', '/v1/scores', { body: score })).body;
    const id = textAt(taken, 'scores', 0, 'id');
    const story = (await api.call('GET', `/v1/scores/${id}/story`)).body;
    const { stdout } = await runCli(['explain', id], { env });
    assert.ok(stdout.startsWith(textAt(story, 'verdict')));
    assert.match(stdout, /For the student\nWe have your grade for “Quiz/);
    const person = await runCli(['explain', '--platform', 'lms', '--course', 'bio-101', '--student', 'ada'], { env });
    assert.match(person.stdout, /Quiz \ufffd\[31m\ufffd2J/);
    for (const control of ['\u001b', '\u009b']) {
      assert.ok(!`${stdout}${person.stdout}`.includes(control));
      const asJson = await runCli(
        ['explain', '--platform', 'lms', '--course', 'bio-101', '--student', 'ada', '--json'],
        { env },
      );
      assert.ok(!asJson.stdout.includes(control));
      assert.match(asJson.stdout, /\\u009b2J/);
    }
  });
});

describe('passback api-key', () => {
  it('makes a key that is written once and alone, gives it another secret, and ends it', async () => {
    const made = await runCli(
      ['api-key', 'create', 'grader', '--scopes', 'read,scores:write', '--platforms', 'lms', '--reason', 'a test'],
      { env },
    );
    assert.match(made.stdout, /^pb_live_\w+\n$/);
    assert.match(made.stderr, /grader, [0-9a-f-]{36}: read, scores:write\./);
    assert.ok(!made.stderr.includes(made.stdout.trim()));
    const mine = await runCli(['api-key', 'whoami', '--json'], {
      env: { ...env, PASSBACK_API_KEY: made.stdout.trim() },
    });
    const id = textAt(parseJson(mine.stdout), 'id');
    assert.deepEqual(at(parseJson(mine.stdout), 'platforms'), ['lms']);

    const rotated = await runCli(['api-key', 'rotate', id, '--overlap-hours', '0', '--reason', 'a test', '--json'], {
      env,
    });
    const key = textAt(parseJson(rotated.stdout), 'key');
    assert.notEqual(key, made.stdout.trim());
    assert.match((await runCli(['api-key', 'list'], { env })).stdout, new RegExp(`^${id}  grader `, 'm'));

    const revoked = await runCli(['api-key', 'revoke', id, '--reason', 'a test'], { env });
    assert.equal(revoked.code, 0, revoked.stderr);
    assert.equal((await runCli(['api-key', 'whoami'], { env: { ...env, PASSBACK_API_KEY: key } })).code, EXIT.key);
    assert.match((await runCli(['api-key', 'list', '--revoked'], { env })).stdout, /grader/);
  });
});

describe('passback keys import', () => {
  it('brings service keys from a file, line by line, and shows none of them', async () => {
    const csv = [
      'platformId,deploymentId,contextId,serviceKey,launchedAt',
      'lms-of-keys,d1,chem-7,sk-first-key-of-all,2026-01-01T00:00:00Z',
      'lms-of-keys,d1,chem-8,sk-second-key-here,yesterday',
      'lms-of-keys,d1,chem-9,sk-third-key-of-all,2026-01-01T00:00:00Z',
    ].join('\n');
    const args = ['keys', 'import', '-', '--format', 'csv'];
    const { code, stdout, stderr } = await runCli(args, { env, stdin: csv });
    assert.equal(code, 1, stderr);
    assert.match(stdout, /^line 3: .+\n2 stored, 0 unchanged, 0 older, 1 invalid\.\n$/);
    assert.doesNotMatch(stdout + stderr, /sk-/);
    const again = await runCli([...args, '--json'], { env, stdin: csv });
    assert.deepEqual(
      again.stdout
        .trimEnd()
        .split('\n')
        .map((line) => at(parseJson(line), 'outcome') ?? null),
      ['unchanged', 'invalid', 'unchanged', null],
    );
  });
});
