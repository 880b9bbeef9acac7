/** The client as it is published, with the examples of its README, which run as they stand. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { createTestApi } from '../helpers/app.js';
import { eventually } from '../helpers/database.js';
import { insertContext, insertPlatform } from '../helpers/factories.js';
import { readRepositoryFile, root } from '../helpers/repository.js';
import { createSource, namingMapping, STANDARD_SECRET } from '../helpers/webhooks.js';
import { launchesInto } from '../helpers/launches-into.js';
import { signWebhook } from '../../client/index.js';
import { findFreePort } from '../../dev/machine/free-port.js';
import { buildClient, compile, run, type Ended } from './built-client.js';

const { folder, dist } = await buildClient();
const api = await createTestApi();
const { deployment, deployment_id: deploymentId } = await insertPlatform(api.db, { platformId: 'lms' });
await insertContext(api.db, { deployment, contextId: 'bio-101' });
await createSource(api, { name: 'essay-grader', mapping: namingMapping('lms') });
launchesInto(api, 'bio-101', deploymentId);
const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
after(() => api.app.close());

const env = { PASSBACK_URL: url, PASSBACK_API_KEY: api.adminKey };
const examples = [...readRepositoryFile('client/README.md').matchAll(/^```js\n([\s\S]*?)^```/gm)].map(
  ([, code = '']) => code,
);
const exampleWith = (word: string): string => {
  const found = examples.filter((code) => code.includes(word));
  assert.equal(found.length, 1, word);
  return found[0] ?? '';
};

async function runExample(word: string, more: Record<string, string> = {}, ...args: string[]): Promise<Ended> {
  writeFileSync(path.join(folder, 'example.js'), exampleWith(word));
  return run(process.execPath, ['example.js', ...args], { cwd: folder, env: { ...env, ...more } });
}

describe('what is published', () => {
  it('imports nothing but itself', () => {
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(js|d\.ts)$/.test(file));
    assert.ok(files.includes('index.js') && files.includes('index.d.ts'));
    const imported = files.flatMap((file) =>
      [...readFileSync(path.join(dist, file), 'utf8').matchAll(/(?:from|import) ?\(?'([^']+)'/g)].map(
        ([, what]) => what,
      ),
    );
    assert.ok(imported.length > 10);
    assert.deepEqual(
      imported.filter((what) => !what?.startsWith('./') && !what?.startsWith('../')),
      [],
    );
    assert.ok(!files.some((file) => file.startsWith('generator')));
  });

  it('has types that hold in a browser and on Node, and examples that are right by them', async () => {
    const options = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, noImplicitAny: false };
    for (const [n, code] of examples.entries()) writeFileSync(path.join(folder, `example-${n}.js`), code);
    writeFileSync(path.join(folder, 'in-browser.ts'), IN_BROWSER);
    const configurations = {
      browser: {
        compilerOptions: { ...options, lib: ['es2023', 'dom', 'dom.asynciterable'], types: [] },
        files: ['in-browser.ts'],
      },
      node: {
        compilerOptions: {
          ...{ ...options, lib: ['es2023'], allowJs: true, checkJs: true, types: ['node'] },
          typeRoots: [path.join(root, 'node_modules', '@types')],
        },
        files: examples.map((_, n) => `example-${n}.js`),
      },
    };
    for (const [name, configuration] of Object.entries(configurations)) {
      writeFileSync(path.join(folder, `tsconfig.${name}.json`), JSON.stringify(configuration));
      const { code, output } = await compile(folder, ['-p', `tsconfig.${name}.json`]);
      assert.equal(code, 0, `${name}: ${output}`);
    }
  });
});

const IN_BROWSER = `
import { createClient, isProblem, type Score } from '@passback/client';
const passback = createClient({ url: location.origin });
export async function first(): Promise<Score | undefined> {
  try {
    for await (const score of passback.all.listScores({ state: ['due'] })) return score;
  } catch (error) {
    if (isProblem(error, 'urn:passback:problem:forbidden', 'urn:passback:problem:unauthorized')) {
      const status: 401 | 403 = error.problem.status;
      console.log(status);
    }
  }
  // @ts-expect-error: a state that there is not
  passback.all.listScores({ state: ['lost'] });
  // @ts-expect-error: an input that is needed
  void passback.getScore();
  return undefined;
}
`;

describe('the README of the client', () => {
  it('integrates a tool in less than fifty lines', async () => {
    assert.ok(exampleWith('recordLaunch').split('\n').length < 50);
    const { code, output } = await runExample('recordLaunch', {}, 'an-ltik');
    assert.equal(code, 0, output);
    assert.match(output, /^accepted \nada due /);
  });

  it('tells problems apart', async () => {
    const { code, output } = await runExample('isProblem');
    assert.equal(code, 0, output);
    assert.match(output, /^404 There is no such score/);
  });

  it('hands in a file of lines', async () => {
    const line = {
      ...{ platformId: 'lms', contextId: 'bio-101', userId: 'bob', scoreGiven: 1, scoreMaximum: 10 },
      lineItem: { resourceId: 'quiz-3', label: 'Quiz 3', scoreMaximum: 10 },
    };
    const lines = [line, { ...line, scoreGiven: -1 }].map((one) => JSON.stringify(one));
    writeFileSync(path.join(folder, 'scores.ndjson'), lines.join('\n'));
    const { code, output } = await runExample('streamScores');
    assert.equal(code, 0, output);
    assert.match(output, /^line 2 is invalid: .+\n$/);
  });

  it('signs an event', async () => {
    const { code, output } = await runExample('rawJson', { GRADER_SECRET: STANDARD_SECRET });
    assert.equal(code, 0, output);
    const { body } = await api.call('GET', '/v1/webhook-events?source=essay-grader');
    assert.match(JSON.stringify(body), /submission-17-graded-1/);
  });

  it('takes notices, and nobody else’s', async (t) => {
    const receiver = await serveNotices(t);
    const body = JSON.stringify({
      ...{ type: 'passback.attention', timestamp: new Date().toISOString() },
      data: { notices: [{ id: 'n-1', kind: 'breakerOpen', status: 'recovered', sentence: 'Calls go on.' }] },
    });
    const post = async (secret: string): Promise<number> =>
      (
        await fetch(receiver.origin, {
          method: 'POST',
          body,
          headers: await signWebhook(secret, body, { id: 'msg-1' }),
        })
      ).status;
    await eventually('it listens', async () => post(STANDARD_SECRET).catch(() => undefined));
    assert.equal(await post(STANDARD_SECRET), 204);
    assert.equal(await post(`whsec_${Buffer.alloc(32, 77).toString('base64')}`), 400);
    assert.match(receiver.output(), /^msg-1 breakerOpen recovered Calls go on\.$/m);
  });
});

async function serveNotices(t: TestContext): Promise<{ origin: string; output(): string }> {
  const port = await findFreePort();
  const code = exampleWith('createNoticeVerifier').replace('listen(8080)', `listen(${port}, '127.0.0.1')`);
  writeFileSync(path.join(folder, 'notices.js'), code);
  const child = spawn(process.execPath, ['notices.js'], {
    ...{ cwd: folder, env: { PASSBACK_NOTICE_SECRET: STANDARD_SECRET }, stdio: ['ignore', 'pipe', 'inherit'] },
  });
  let output = '';
  child.stdout?.on('data', (part: Buffer) => (output += part.toString()));
  t.after(async () => {
    child.kill();
    await once(child, 'close');
  });
  return { origin: `http://127.0.0.1:${port}`, output: () => output };
}
