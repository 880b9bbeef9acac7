/** The tool endpoint of docs/score-source.md, run as it stands and asked by Passback's own client. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { createScoreSource } from '../../tool/score-source.js';
import { readRepositoryFile } from '../helpers/repository.js';

const secret = Buffer.alloc(32, 7);
const asked = {
  platformId: 'lms',
  deploymentId: '1',
  contextId: 'bio',
  since: null,
  signal: AbortSignal.timeout(10_000),
};
const TOOL = `
export const findProgress = async (contextId, since, cursor) => ({
  rows: [{ userId: [contextId, since, cursor].join(), scoreGiven: 7, changedAt: '2026-11-25T20:11:02Z' }],
  nextCursor: cursor === null ? 'page-2' : null,
});`;

test('the tool endpoint of docs/score-source.md answers us page by page, and nobody else', async (t) => {
  const code = /```js\n([\s\S]*?createServer[\s\S]*?)```/.exec(readRepositoryFile('docs/score-source.md'))?.[1] ?? '';
  assert.ok(code.trim().split('\n').length <= 25, code);
  const url = await start(t, code);
  const source = createScoreSource({ url, secret });
  const stranger = createScoreSource({ url, secret: Buffer.alloc(32, 8) });
  t.after(() => Promise.all([source.close(), stranger.close()]));
  const lineItem = { resourceId: 'essay', tag: 'grade', label: 'Essay', scoreMaximum: 10 };
  const score = { lineItem, scoreMaximum: 10, scoreGiven: 7, changedAt: '2026-11-25T20:11:02Z' };
  const ask = async (cursor: string | null): Promise<object> => {
    const { toolClock, ...page } = { toolClock: null, ...(await source.ask({ ...asked, cursor })) };
    assert.match(String(toolClock), /^\d{4}-/);
    return page;
  };
  assert.deepEqual(await ask(null), {
    ...{ scores: [{ ...score, userId: 'bio,,' }], nextCursor: 'page-2' },
  });
  assert.deepEqual(await ask('page-2'), {
    ...{ scores: [{ ...score, userId: 'bio,,page-2' }], nextCursor: null },
  });
  assert.deepEqual(await stranger.ask({ ...asked, cursor: null }), { failure: 'ScoreSourceRefused', isPassing: false });
});

/** Runs the code on a free port, beside a tool that it imports. */
async function start(t: { after(run: () => Promise<void>): void }, code: string): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-example-'));
  writeFileSync(path.join(folder, 'your-tool.js'), TOOL);
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  const told = code.replace(
    '.listen(8080)',
    '.listen(0, "127.0.0.1", function () { console.log(this.address().port); })',
  );
  assert.notEqual(told, code);
  writeFileSync(path.join(folder, 'main.js'), told);
  const child = spawn(process.execPath, [path.join(folder, 'main.js')], {
    // Plain Node, without what the tests are run with.
    env: { ...process.env, NODE_OPTIONS: '', SCORE_SOURCE_SECRET: `whsec_${secret.toString('base64')}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });
  for await (const line of createInterface({ input: child.stdout })) return `http://127.0.0.1:${line}/`;
  throw new Error('The example said nothing.');
}
