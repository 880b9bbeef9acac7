/** The examples, tried as their pages say beside a real API, worker and sandbox, until the grade is in the gradebook. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { signWebhook } from '../../client/index.js';
import { findFreePort } from '../../dev/machine/free-port.js';
import type { Grade } from '../../sandbox/types.js';
import { at, parseJson } from '../helpers/app.js';
import { eventually } from '../helpers/database.js';
import { readRepositoryFile, root } from '../helpers/repository.js';
import { startRecorder } from './recorder.js';
import { commandsOf, createStage, PYTHON, type Terminal } from './stage.js';

const [toolPorts, graderPort, sourcePort] = [
  [await findFreePort(), await findFreePort()],
  await findFreePort(),
  await findFreePort(),
];
/** What an `env.sh` exports. */
const exportsOf = (example: string, names: readonly string[], env: Record<string, string>): Record<string, string> => {
  const script = `. examples/${example}/env.sh; for name in ${names.join(' ')}; do echo "\${!name}"; done`;
  const text = execFileSync('bash', ['-c', script], { cwd: root, encoding: 'utf8', env: { ...process.env, ...env } });
  const lines = text.split('\n');
  return Object.fromEntries(names.map((name, place) => [name, lines[place] ?? '']));
};
const source = exportsOf('score-source', ['SCORE_SOURCE_URL', 'SCORE_SOURCE_SECRET'], {
  SCORE_SOURCE_URL: `http://127.0.0.1:${sourcePort}/`,
});
const stage = await createStage(source);
const { control } = stage.rig;

const courseOf = async (terminal: Terminal): Promise<string> => terminal.says(/\/gradebook\/(\S+)/);
const gradesOf = async (contextId: string): Promise<Grade[]> => control.gradebook({ contextId });
const gradeIs = async (contextId: string, value: number): Promise<Grade> =>
  eventually(
    `a grade of ${value} in ${contextId}`,
    async () => (await gradesOf(contextId)).find(({ scoreGiven }) => scoreGiven === value),
    30_000,
  );

const hasFastapi =
  spawnSync(PYTHON, ['-c', 'import fastapi, httpx, multipart, uvicorn, sys; assert sys.version_info >= (3, 10)'])
    .status === 0;
const tools = [
  {
    name: 'express',
    file: 'tool.js',
    port: toolPorts[0],
    skip: false as const,
    start: 'node examples/express/tool.js',
  },
  {
    ...{ name: 'fastapi', file: 'tool.py', port: toolPorts[1] },
    skip: !hasFastapi && 'needs python3 with examples/fastapi/requirements.txt: set PYTHON',
    start: '.passback/python/bin/uvicorn --app-dir examples/fastapi tool:app --port $PORT',
  },
];

for (const { name, file, port, skip, start } of tools) {
  describe(`a tool with ${name}`, { skip }, () => {
    const address = `http://127.0.0.1:${port}/`;
    const env = { PORT: String(port) };
    const listens = async (): Promise<unknown> => fetch(address).catch(() => undefined);
    const answerAs = async (ltik: string, fields: Record<string, string>): Promise<Response> =>
      fetch(`${address}?ltik=${ltik}`, { method: 'POST', body: new URLSearchParams(fields) });

    it('is integrated in less than fifty lines', () => {
      const lines = readRepositoryFile(`examples/${name}/${file}`).trimEnd().split('\n');
      assert.ok(lines.length < 50, String(lines.length));
      for (const line of lines) assert.ok(line.length <= 120, line);
    });

    it('brings the grade of who launched it into the gradebook, the newest, and nobody else’s', async () => {
      const open = stage.openTerminal(await stage.makeKey(['launches:write', 'scores:write']));
      const [commands = ''] = commandsOf(name);
      const terminal = open(commands, env);
      const course = await courseOf(terminal);
      await eventually('the tool listens', listens, 30_000);
      await control.addMember({ contextId: course }, { userId: 'bob' });

      // As a browser: from the LMS to the tool, and the form back to where it came from.
      const page = await fetch(await terminal.says(/Launch a tool as ada: +(\S+)/));
      assert.equal(page.status, 200, terminal.output());
      assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
      assert.match(await page.text(), /^<form method="post">.*<input name="answer"/);
      assert.ok(page.url.startsWith(address), page.url);
      const ltik = new URL(page.url).searchParams.get('ltik') ?? '';
      const said = await answerAs(ltik, { answer: '42', userId: 'bob', user: 'bob', scoreGiven: '99' });
      assert.deepEqual([said.status, /^10 of 10 points/.test(await said.text())], [200, true]);
      await gradeIs(course, 10);

      for (const forged of ['forged', `${ltik}x`, '', '%0a', 'a%3Ab', '%F0%9F%90%9F']) {
        const { status } = await answerAs(forged, { answer: '42' });
        assert.equal(status, 401, forged);
      }
      const again = await answerAs(ltik, { answer: 'no idea' });
      assert.equal(again.status, 200);
      await gradeIs(course, 0);
      assert.deepEqual(
        (await gradesOf(course)).map(({ userId, scoreGiven, scoreMaximum }) => ({ userId, scoreGiven, scoreMaximum })),
        [{ userId: 'ada', scoreGiven: 0, scoreMaximum: 10 }],
      );
      const shown = await (await fetch(await terminal.says(/See its gradebook: +(\S+)/))).text();
      assert.match(shown, /Quiz 3/);
    });

    it('lets the student in where Passback is away', async () => {
      const other = await findFreePort();
      const ltiaas = { LTIAAS_URL: stage.rig.sandboxUrl, LTIAAS_API_KEY: 'test-key' };
      const away = { PASSBACK_URL: 'http://127.0.0.1:9', PASSBACK_API_KEY: 'key', ...ltiaas, PORT: String(other) };
      const terminal = stage.openTerminal('key')(start, away);
      const [course] = await control.listContexts();
      const { ltik } = await control.createLaunch({ contextId: course?.contextId ?? '' });
      const page = await eventually(
        'the tool listens',
        () => fetch(`http://127.0.0.1:${other}/?ltik=${ltik}`).catch(() => undefined),
        30_000,
      );
      assert.equal(page.status, 200, terminal.output());
      assert.match(await page.text(), /<form method="post">/);
    });
  });
}

describe('a grader that is done later', () => {
  it('tells until it is heard, and what somebody caught, changed or made up moves no grade', async () => {
    const recorder = await startRecorder(stage.apiUrl, '/v1/webhooks/essay-grader');
    const { caught } = recorder;
    const open = stage.openTerminal(await stage.makeKey(['admin']), recorder.url);
    const env = { PORT: String(graderPort), GRADING_SECONDS: '0' };
    const [setUp = '', handIn = ''] = commandsOf('grader');
    await open(setUp, env).says(/The grader is at/);
    const tool = open(handIn, { GRADER_URL: `http://127.0.0.1:${graderPort}/submissions` });
    const course = await courseOf(tool);
    const grade = await gradeIs(course, 7);
    await tool.ended();
    assert.deepEqual([grade.userId, grade.comment], ['ada', 'A point for each word.']);
    assert.equal(caught.length, 2);
    assert.equal(new Set(caught.map(({ headers }) => headers['webhook-id'])).size, 1);

    const [, { headers, body, url } = { headers: {}, body: '', url: '' }] = caught;
    const { GRADER_SECRET = '' } = exportsOf('grader', ['GRADER_SECRET'], {});
    const post = async (withHeaders: Record<string, string>, text = body): Promise<number> =>
      (await fetch(url, { method: 'POST', headers: { ...headers, ...withHeaders }, body: text })).status;
    const better = body.replace('"points":7', '"points":20');
    assert.notEqual(better, body);
    assert.equal(await post({}), 202, 'sent again by somebody else');
    assert.equal(await post({}, better), 401, 'changed');
    assert.equal(await post({ 'webhook-id': 'msg_other' }), 401, 'under another id');
    assert.equal(await post(await signWebhook(`whsec_${btoa('another secret of it')}`, better), better), 401);
    const old = new Date(Date.now() - 3_600_000);
    assert.equal(await post(await signWebhook(GRADER_SECRET, better, { at: old }), better), 401, 'kept for later');
    assert.equal(await post({ 'webhook-signature': '' }, better), 401);

    const events = parseJson(await stage.call('GET', '/v1/webhook-events?source=essay-grader'));
    const list = at(events, 'webhookEvents');
    assert.ok(Array.isArray(list));
    assert.deepEqual(
      list.map((event) => [at(event, 'state'), at(event, 'repeats')]),
      [['scored', 1]],
    );
    const sent = await control.journalEntries({ route: 'submitScore', contextId: course });
    assert.equal(sent.length, 1);
    // Set up again, as after a restart: it is there already.
    await open(setUp.replace(/ && node \S+grader\.js/, '')).says(/knows essay-grader already/);
  });
});

describe('a tool that would rather be asked', () => {
  it('is asked at night, and answers nobody else, and nobody twice', async () => {
    const open = stage.openTerminal(await stage.makeKey(['admin']));
    const env = { PORT: String(sourcePort) };
    const [, serve = '', tryIt = ''] = commandsOf('score-source');
    const terminal = open(serve, env);
    await terminal.says(/The score source is at/);
    const night = open(tryIt);
    const course = await courseOf(night);
    await night.ended();
    const { userId } = await gradeIs(course, 8);
    assert.equal(userId, 'ada');
    assert.equal(terminal.output().trim().split('\n').length, 1, terminal.output());

    const { SCORE_SOURCE_URL: url = '', SCORE_SOURCE_SECRET: secret = '' } = source;
    const [{ platformId = '' } = {}] = (await control.listContexts()).filter(({ contextId }) => contextId === course);
    const question = { type: 'progress.requested', platformId, deploymentId: '1', contextId: course };
    const body = JSON.stringify({ ...question, since: null, cursor: null });
    const ask = async (headers: Record<string, string>, text = body): Promise<Response> =>
      fetch(url, { method: 'POST', headers, body: text });
    const signed = await signWebhook(secret, body);
    const first = await ask(signed);
    assert.deepEqual([first.status, /"scoreGiven":8/.test(await first.text())], [200, true]);
    assert.equal((await ask(signed)).status, 401, 'a second time');
    assert.equal((await ask(await signWebhook(secret, body), body.replace(course, 'other'))).status, 401, 'changed');
    assert.equal((await ask(await signWebhook(`whsec_${btoa('another secret of it')}`, body))).status, 401);
    const old = new Date(Date.now() - 3_600_000);
    assert.equal((await ask(await signWebhook(secret, body, { at: old }))).status, 401, 'kept for later');
    assert.equal((await ask({})).status, 401);
    assert.equal((await ask({}, 'x'.repeat(200_000))).status, 413);
    const since = JSON.stringify({ ...question, since: new Date(Date.now() + 60_000).toISOString(), cursor: null });
    assert.equal(await (await ask(await signWebhook(secret, since), since)).text(), '{"scores":[],"nextCursor":null}');
  });
});
