/** What operators do, on all of Passback: backfills, links, the sandbox. */
import assert from 'node:assert/strict';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { EXIT } from '../../cli/exit-codes.js';
import { at, createTestApi, parseJson, textAt } from '../helpers/app.js';
import { createBackfillRig } from '../helpers/backfill-rig.js';
import { createSchedules } from '../helpers/console.js';
import { runCli } from './run-cli.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-cli-'));
const rig = await createBackfillRig();
const course = await rig.createCourse({ students: 2 });
const url = await rig.app.listen({ host: '127.0.0.1', port: 0 });
const api = await createTestApi({ schedules: createSchedules() });
const urlOfSchedules = await api.app.listen({ host: '127.0.0.1', port: 0 });
after(async () => {
  await api.app.close();
  rmSync(folder, { recursive: true, force: true });
});
const env = { PASSBACK_URL: url, PASSBACK_API_KEY: rig.keys.author, PASSBACK_SANDBOX_URL: rig.sandboxUrl };
const [column = ''] = course.columns;

describe('passback backfill', () => {
  const rows = course.students.map((id) => `${course.platformId},${course.contextId},${column},${id},4,10`);
  const file = path.join(folder, 'corrected.csv');
  writeFileSync(file, ['platformId,contextId,lineItemId,userId,scoreGiven,scoreMaximum', ...rows].join('\n'));
  const why = ['--reason', 'a test', '--author', 'Ada'];

  it('shows what a file would change, waits for approval, is followed to its end, and is taken back', async () => {
    const run = await runCli(['backfill', 'run', file, ...why], { env });
    assert.equal(run.code, EXIT.done, run.stderr);
    assert.match(
      run.stdout,
      /awaitingApproval {2}“a test”, Ada\n {2}2 given\n {2}2 to send, in 1 courses and 1 columns/,
    );
    const [id = ''] = /[0-9a-f-]{36}/.exec(run.stdout) ?? [];
    assert.match(run.stdout, new RegExp(`→ passback backfill approve ${id}`));

    const approved = await runCli(['backfill', 'approve', id, '--reason', 'a test'], { env });
    assert.equal(approved.code, EXIT.done, approved.stderr);
    const watched = await runCli(['backfill', 'watch', id, '--json'], { env });
    assert.equal(watched.code, EXIT.done, watched.stderr);
    const last = parseJson(watched.stdout.trimEnd().split('\n').at(-1) ?? '');
    assert.deepEqual([at(last, 'state'), at(last, 'progress', 'sent')], ['finished', 2]);

    const undo = await runCli(['backfill', 'undo', id, '--dry-run', ...why], { env });
    assert.equal(undo.code, EXIT.done, undo.stderr);
    assert.match(undo.stdout, /finished {2}“a test”, Ada, a dry run/);
    assert.match((await runCli(['backfill', 'list'], { env })).stdout, new RegExp(`^${id}  finished  2/2`, 'm'));
  });

  it('takes lines of JSON as they stand, and says what cannot be read', async () => {
    const stdin = `${JSON.stringify({ platformId: course.platformId, contextId: course.contextId, lineItem: { id: column }, userId: course.students[0], scoreGiven: 5 })}\nnonsense\n`;
    const { code, stdout, stderr } = await runCli(
      ['backfill', 'run', '-', '--format', 'ndjson', '--dry-run', '--detach', '--json', ...why],
      { env, stdin },
    );
    assert.equal(code, EXIT.done, stderr);
    const id = textAt(parseJson(stdout), 'id');
    const { stdout: shown } = await runCli(['backfill', 'watch', id], { env });
    assert.match(shown, /1 lines cannot be read/);
  });

  it('says why a decision is refused', async () => {
    const [id = ''] = /[0-9a-f-]{36}/.exec((await runCli(['backfill', 'list'], { env })).stdout) ?? [];
    const { code, stderr } = await runCli(['backfill', 'pause', id, '--reason', 'a test'], { env });
    assert.deepEqual(
      [code, stderr.startsWith('passback: The backfill is not in a state for this.')],
      [EXIT.refused, true],
    );
  });
});

describe('passback open', () => {
  it('leads to the console, from any id of ours, also within that of a workflow', async () => {
    const where = async (...args: string[]): Promise<string> =>
      (await runCli(['open', ...args], { env })).stdout.trim();
    assert.equal(await where(), `${url}/console`);
    assert.equal(await where(`sync-context/${course.context}`), `${url}/console/courses/${course.context}`);
    assert.match(await where(`send/${course.gate}`), /\/console\/platforms\/[0-9a-f-]{36}$/);
    const { stdout } = await runCli(['backfill', 'list', '--json'], { env });
    const backfill = textAt(parseJson(stdout), 'backfills', 0, 'id');
    assert.equal(await where(backfill), `${url}/console/backfills/${backfill}`);
    const nothing = await runCli(['open', '6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10'], { env });
    assert.equal(nothing.code, EXIT.usage);
    assert.equal((await runCli(['open', backfill, '--temporal'], { env })).code, EXIT.usage);
  });
});

describe('passback schedule', () => {
  it('lists schedules, and does with one what is asked for', async () => {
    const as = { env: { PASSBACK_URL: urlOfSchedules, PASSBACK_API_KEY: api.adminKey } };
    const { stdout } = await runCli(['schedule', 'list'], as);
    assert.match(stdout, /^nightly-sync {2}/m);
    for (const deed of ['pause', 'resume', 'trigger']) {
      const { code, stderr } = await runCli(['schedule', deed, 'nightly-sync', '--reason', 'a test'], as);
      assert.equal(code, EXIT.done, stderr);
    }
    const time = ['--cron', '30 2 * * *', '--time-zone', 'Europe/Zurich', '--reason', 'a test'];
    assert.equal((await runCli(['schedule', 'set', 'nightly-sync', ...time], as)).code, EXIT.done);
    assert.equal((await runCli(['schedule', 'show', 'nightly'], as)).code, EXIT.refused);
    assert.equal((await runCli(['schedule', 'pause', 'nightly-sync'], as)).code, EXIT.usage);
  });
});

describe('passback sandbox', () => {
  const sandbox = async (...args: string[]) => runCli(['sandbox', ...args], { env });

  it('makes LMSes, courses and launches, and shows what they heard', async () => {
    await sandbox('platform', 'create', 'moodle', '--platform', 'moodle-of-cli');
    await sandbox('course', 'create', 'moodle-of-cli', '--course', 'chem', '--students', '2');
    const launch = await sandbox('launch', 'chem');
    assert.equal(launch.code, EXIT.done, launch.stderr);
    assert.notEqual(textAt(parseJson(launch.stdout), 'ltik'), '');
    assert.match((await sandbox('gradebook', course.contextId)).stdout, /"scoreGiven": 4/);
    assert.match((await sandbox('journal', '--limit', '5')).stdout, /"cursor":/);
    assert.match((await sandbox('course', 'list')).stdout, /"contextId": "chem"/);
  });

  it('breaks them, and says what it refuses', async () => {
    assert.equal((await sandbox('outage', 'moodle-of-cli', 'silent')).code, EXIT.done);
    assert.match((await sandbox('platform', 'list')).stdout, /"outage": "silent"/);
    assert.equal((await sandbox('fault', 'add', '{"times":1,"action":{"kind":"drop"}}')).code, EXIT.done);
    assert.match((await sandbox('fault', 'list')).stdout, /"drop"/);
    assert.equal((await sandbox('fault', 'clear')).code, EXIT.done);
    assert.equal((await sandbox('fault', 'add', '{"action":{"kind":"nothing"}}')).code, EXIT.usage);
    assert.equal((await sandbox('launch', 'no-such-course')).code, EXIT.usage);
    assert.equal((await runCli(['sandbox', 'status'], { env: { PASSBACK_SANDBOX_URL: url } })).code, EXIT.usage);
    assert.equal((await runCli(['sandbox', 'status'])).code, EXIT.usage);
  });
});
