import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { findFreePort } from '../../dev/machine/free-port.js';
import { isRunning } from '../../dev/machine/operating-system-process.js';
import { isWhole } from '../../dev/psql/prompt.js';
import { findRunningStack } from '../../dev/stack/running.js';
import { createSandboxControl } from '../../sandbox/control-client.js';
import { root } from '../helpers/repository.js';
import { onlyFull } from '../helpers/size.js';
import { bareEnv } from './bare-env.js';
import { writeProgram } from './fake-programs.js';
import { tempFolder } from './temp-folder.js';
import { until } from './until.js';

/** What is broken here, and what finds its sources beside itself; the rest is what the repository has. */
const copied = ['api', 'dev'];
const linked =
  'activities config console db domain ltiaas metrics node_modules package.json sandbox scripts tool tsconfig.json waking worker workflows'.split(
    ' ',
  );
const env = {
  ...bareEnv(),
  NODE_OPTIONS: '',
  WORKER_BUNDLE: process.env['TEST_WORKFLOW_BUNDLE'],
  // Other stacks that start at the same moment would take the usual one for free too.
  PORT: String(await findFreePort()),
};

/** One stack for all of it. */
describe('a day of work', onlyFull, () => {
  const folder = tempFolder({ after });
  const dataDir = path.join(folder, 'data');
  let dev: ChildProcess;
  let output = '';

  before(async () => {
    for (const name of copied) cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
    for (const name of linked) symlinkSync(path.join(root, name), path.join(folder, name));
    dev = spawn('npm', ['run', 'dev', '--', '--data-dir', dataDir], { cwd: folder, env });
    for (const stream of [dev.stdout, dev.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await until('the stack runs', () => dev.exitCode !== null || output.includes('Follows your changes'), 90);
    assert.equal(dev.exitCode, null, output);
  });
  after(() => dev.kill());

  /** Runs one of the programs beside the stack to its end. */
  async function run(name: string, args: string[], { input = '', PATH = '' } = {}): Promise<string> {
    const program = path.join(folder, 'dev', `${name}.ts`);
    const argv = ['--import', 'tsx', program, '--data-dir', dataDir, ...args];
    const child = spawn(process.execPath, argv, { cwd: folder, env: { ...env, PATH } });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stdin.end(input);
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 0, text);
    return text;
  }
  /** As editors save: a new file over the old one. */
  function save(name: string, text: string): void {
    const draft = path.join(folder, 'draft');
    writeFileSync(draft, text);
    renameSync(draft, path.join(folder, name));
  }
  const pidOf = (name: string) => Number(readFileSync(path.join(dataDir, name), 'utf8').split('\n', 1)[0]);
  const servers = async () => {
    const client = new pg.Client({ connectionString: findRunningStack(dataDir, env).databaseUrl });
    await client.connect();
    const { rows } = await client.query<{ postgres: Date }>('select pg_postmaster_start_time() as postgres');
    await client.end();
    return [rows[0]?.postgres, ...['temporal/pid', 'pids/sandbox', 'pids/worker'].map(pidOf)];
  };
  const told = (pattern: RegExp) => until(String(pattern), () => pattern.test(output), 60);

  it('restarts the API when its source is saved, and leaves all else alone', async () => {
    const others = await servers();
    const api = pidOf('pids/api');
    save('api/paging.ts', readFileSync(path.join(folder, 'api/paging.ts'), 'utf8'));
    await told(/api\/paging\.ts changed: API restarted in [\d.]+ s/);
    assert.notEqual(pidOf('pids/api'), api);
    assert.equal(isRunning(api), false);
    assert.deepEqual(await servers(), others);
  });

  it('keeps the stack through a broken source, says what is wrong, and goes on when it is mended', async () => {
    const others = await servers();
    const text = readFileSync(path.join(folder, 'api/problems.ts'), 'utf8');
    save('api/problems.ts', `${text}\nexport const broken = {`);
    await told(/api\/problems\.ts changed: API down [^]*api\/problems\.ts:\d+:\d+: ERROR/);
    assert.deepEqual(await servers(), others);
    save('api/problems.ts', text);
    await told(/api\/problems\.ts changed: API restarted/);
    assert.equal((await fetch(`${findRunningStack(dataDir, env).apiUrl}/readyz`)).status, 200);
  });

  it('sows courses and scores, and the same seed gives the same', async () => {
    const args = ['--courses', '6', '--students', '3', '--seed', 'test'];
    assert.match(await run('seed', args), /launched 6 of 6 courses[^]*handed in 18 of 18[^]* 18 scores accepted;/);
    const { sandboxUrl = '' } = findRunningStack(dataDir, env);
    const control = createSandboxControl(sandboxUrl);
    const grades = await until('all are delivered', async () => {
      const cells = await control.gradebook();
      return cells.length === 18 ? cells : undefined;
    });
    assert.equal(new Set(grades.map(({ userId }) => userId)).size, 18);
    assert.match(await run('seed', args), / 0 scores accepted, 18 unchanged;/);
  });

  it('evaluates what is piped into the prompt, line by line', async () => {
    const input = "(await db('scores').count())[0].count\n(await sandbox.health()).contexts\nconfig.temporal.namespace";
    assert.equal(await run('repl', [], { input }), "'18'\n6\n'default'\n");
  });

  it('asks the database by a prompt of its own, or by psql, without the password in its command line', async () => {
    const shown = ' one | two\n-----+-----\n 1   |\n(1 row)\n\n';
    assert.equal(await run('psql', ['-c', 'select 1 as one, null as two']), shown);
    assert.equal(await run('psql', [], { input: 'select 1 as one,\n null as two;\n' }), shown);
    const programs = path.join(folder, 'programs');
    writeProgram(programs, 'psql', '#!/bin/sh\necho "$@ / $PGPASSWORD"\n');
    const { databaseUrl } = findRunningStack(dataDir, env);
    const { password } = new URL(databaseUrl);
    const asked = await run('psql', ['-tc', 'select 1'], { PATH: `${programs}:/bin` });
    assert.equal(asked, `-d ${databaseUrl.replace(`:${password}`, '')} -tc select 1 / ${password}\n`);
  });

  it('ends with all that it started when npm is told to stop', async () => {
    const pids = ['temporal/pid', 'pids/sandbox', 'pids/worker', 'pids/api'].map(pidOf);
    dev.kill('SIGTERM');
    await until('npm has ended', () => dev.exitCode !== null || dev.signalCode !== null);
    assert.match(output, /stopped\n/);
    assert.deepEqual(
      pids.filter((pid) => isRunning(pid)),
      [],
    );
    assert.throws(() => findRunningStack(dataDir, env), /^Error: No stack runs on .*npm run dev\.$/);
  });
});

describe('the end of a statement', () => {
  const texts: [string, boolean][] = [
    ['select 1;\n', true],
    ['select 1; -- one\n', true],
    ['select 1\n', false],
    ["select ';\n", false],
    ["select 'it''s;';\n", true],
    ['do $$ begin perform 1;\n', false],
    ['do $$ begin perform 1; end $$;\n', true],
    ['select 1 /* ;\n', false],
  ];
  for (const [text, expected] of texts) {
    it(`is ${expected ? '' : 'not '}in: ${text.trim()}`, () => assert.equal(isWhole(text), expected));
  }
});
