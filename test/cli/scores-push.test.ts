import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { at, parseJson } from '../helpers/app.js';
import { eventually } from '../helpers/database.js';
import { createCliApi } from './cli-api.js';
import { runCli, startCli } from './run-cli.js';

const { api, env, folder } = await createCliApi();

const score = (userId: string, scoreGiven: number): object => ({
  ...{ platformId: 'lms', contextId: 'bio-101', userId, scoreGiven, scoreMaximum: 10 },
  lineItem: { resourceId: 'quiz', label: 'Quiz', scoreMaximum: 10 },
});

function fileOf(name: string, content: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

interface Stored {
  scoreGiven: number;
  comment?: string;
}

const stored = async (userId: string): Promise<Stored | undefined> =>
  (await api.db('scores').where({ user_id: userId }).pluck<Stored[]>('value'))[0];

describe('passback scores push', () => {
  it('hands in lines, and says of each that was not taken where it stands and why', async () => {
    const lines = [
      JSON.stringify(score('ada', 7)),
      '',
      'not json',
      JSON.stringify(score('bob', -1)),
      '{"platformId":1}',
    ];
    const { code, stdout, stderr } = await runCli(['scores', 'push', fileOf('mixed.ndjson', lines.join('\n'))], {
      env,
    });
    assert.equal(code, 1, stderr);
    const said = stdout.trimEnd().split('\n');
    assert.deepEqual(
      said.map((line) => line.replace(/(line \d+: ).*/, '$1')),
      ['line 3: ', 'line 4: ', 'line 5: ', '4 lines: 1 accepted, 0 unchanged, 0 superseded, 3 invalid.'],
    );
    assert.equal(stderr, '');
    assert.equal((await stored('ada'))?.scoreGiven, 7);
  });

  it('is safe to repeat, and ends well when all is known', async () => {
    const file = fileOf(
      'again.ndjson',
      `${JSON.stringify({ ...score('eve', 3), changedAt: '2026-01-01T00:00:00Z' })}\n`,
    );
    await runCli(['scores', 'push', file], { env });
    const { code, stdout } = await runCli(['scores', 'push', file], { env });
    assert.deepEqual([code, stdout], [0, '1 line: 0 accepted, 1 unchanged, 0 superseded, 0 invalid.\n']);
  });

  it('reads CSV with the delimiter of its first line, quotes, a byte order mark and line ends of all kinds', async () => {
    const csv =
      '\ufeffPlatform ID;context_id;userId;scoreGiven;scoreMaximum;resourceId;label;columnMaximum;comment\r\n' +
      'lms;bio-101;carl;4.5;10;quiz;Quiz;10;"two; lines\r\nof it"\r\nlms;bio-101;cleo;4,5;10;quiz;Quiz;10;\r\nlms;bio-101;cyd;5;10;quiz;Quiz;10\r\n';
    const { code, stdout } = await runCli(['scores', 'push', '-', '--format', 'csv', '--json'], { env, stdin: csv });
    assert.equal(code, 1);
    const said = stdout.trimEnd().split('\n').map(parseJson);
    assert.deepEqual(
      said.map((one) => [at(one, 'line') ?? null, at(one, 'outcome') ?? null]),
      [
        [2, 'accepted'],
        [4, 'invalid'],
        [5, 'accepted'],
        [null, null],
      ],
    );
    assert.equal(at(said[1], 'problem', 'detail'), 'scoreGiven is no number such as 7.5.');
    assert.deepEqual(said[3], { lines: 3, accepted: 2, unchanged: 0, superseded: 0, invalid: 1 });
    assert.equal((await stored('carl'))?.comment, 'two; lines\r\nof it');
  });

  it('refuses a file whose columns are not known before anything of it is sent', async () => {
    for (const [head, said] of [
      ['platformId,contextId,userId,scoreGiven,scoreMaximum,ada@example.org', /Column 6 of the first line is none of/],
      ['platformId,contextId,userId', /Missing: scoreGiven, scoreMaximum/],
      ['platformId,contextId,userId,scoreGiven,scoreMaximum,user-id', /userId stands there twice/],
    ] as const) {
      const { code, stdout, stderr } = await runCli(
        ['scores', 'push', fileOf('head.csv', `${head}\nlms,x,y,1,2,3\n`)],
        {
          env,
        },
      );
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, /ada@/);
    }
  });

  it('says which file cannot be read', async () => {
    for (const [file, said] of [
      ['/nowhere/scores.csv', /cannot be read: ENOENT/],
      [folder, /ends neither in/],
      [fileOf('scores.txt', ''), /give --format/],
    ] as const) {
      const { code, stdout, stderr } = await runCli(['scores', 'push', file], { env });
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, said);
    }
  });

  it('draws a bar on a terminal, and nowhere else', async () => {
    const file = fileOf('bar.ndjson', JSON.stringify(score('tina', 2)));
    const drawn = await runCli(['scores', 'push', file], { env, isTerminal: true });
    assert.ok(drawn.stderr.startsWith(`\r\u001b[2K[${'#'.repeat(24)}] 100 % 1 line: `), drawn.stderr);
    // It is taken away before anything else is written.
    assert.ok(drawn.stderr.endsWith('\r\u001b[2K'));
    for (const quiet of [['--quiet'], []]) {
      const { stderr } = await runCli(['scores', 'push', file, ...quiet], { env, isTerminal: quiet.length > 0 });
      assert.equal(stderr, '');
    }
  });

  it('leaves scores for the night where that is asked for', async () => {
    const { code } = await runCli(['scores', 'push', '-', '--format', 'ndjson', '--nightly'], {
      env,
      stdin: JSON.stringify(score('nina', 2)),
    });
    assert.equal(code, 0);
    const [row] = await api
      .db('scores')
      .where({ user_id: 'nina' })
      .select<{ awaits: boolean }[]>('awaits_nightly as awaits');
    assert.equal(row?.awaits, true);
  });

  it('holds a file of any length by a few lines, and says how far it came when it is interrupted', async () => {
    const child = startCli(['scores', 'push', '-', '--format', 'ndjson', '--json'], { env });
    const { stdin, stdout, stderr } = child;
    assert.ok(stdin && stdout && stderr);
    let [said, complained] = ['', ''];
    stdout.on('data', (part: Buffer) => (said += part.toString()));
    stderr.on('data', (part: Buffer) => (complained += part.toString()));
    for (let n = 0; n < 50; n += 1) stdin.write(`${JSON.stringify(score(`s-${n}`, 1))}\n`);
    await eventually('the first lines have their answers, though the file goes on', () => said.split('\n').length > 40);
    child.kill('SIGINT');
    await once(child, 'close');
    assert.equal(child.exitCode, 130);
    assert.match(complained, /^Interrupted\. \d+ lines: .* safe/);
  });

  it('ends in silence when nobody reads on', async () => {
    const lines = Array.from({ length: 3_000 }, (_, n) => JSON.stringify(score(`p-${n}`, 11 - 12)));
    const child = startCli(['scores', 'push', fileOf('long.ndjson', lines.join('\n'))], { env });
    let complained = '';
    child.stderr?.on('data', (part: Buffer) => (complained += part.toString()));
    child.stdout?.once('data', () => child.stdout?.destroy());
    await once(child, 'close');
    assert.deepEqual([child.exitCode, complained], [141, '']);
  });
});
