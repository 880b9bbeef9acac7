import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type RequestListener } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { findFreePort } from '../../dev/machine/free-port.js';
import { eventually } from '../helpers/database.js';
import { readRepositoryFile, root } from '../helpers/repository.js';

/** Debian puts it where only root's PATH leads. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin`;
const skip =
  spawnSync('haproxy', ['-v'], { env: { PATH } }).status !== 0 && 'HAProxy is missing: apt-get install haproxy';
const written = readRepositoryFile('deploy/haproxy/haproxy.cfg');

interface Api {
  port: number;
  isReady: boolean;
  heads: IncomingMessage['headers'][];
}

async function startApi(t: TestContext, serve: RequestListener): Promise<Api> {
  const api: Api = { port: 0, isReady: true, heads: [] };
  const server = createServer((incoming, answer) => {
    if (incoming.url === '/readyz') return void answer.writeHead(api.isReady ? 200 : 503).end();
    api.heads.push(incoming.headers);
    serve(incoming, answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return Object.assign(api, { port: address.port });
}

/** With these in place of what Docker's name server would find. */
async function startProxy(t: TestContext, apis: readonly Api[]): Promise<string> {
  const port = await findFreePort();
  const servers = apis.map((api, number) => `  server api${number + 1} 127.0.0.1:${api.port}`).join('\n');
  const text = written
    .replaceAll(/^ {2}server-template .*$/gm, servers)
    .replace('bind :8080', `bind 127.0.0.1:${port}`)
    .replace('check inter 1s', 'check inter 50ms');
  assert.equal(text.split(servers).length, 3, 'two backends');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-proxy-'));
  const file = path.join(folder, 'haproxy.cfg');
  writeFileSync(file, text);
  const child = spawn('haproxy', ['-db', '-f', file], { env: { PATH }, stdio: ['ignore', 'ignore', 'inherit'] });
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually('the proxy answers', async () => fetch(url).then(({ ok }) => ok, () => false)); // prettier-ignore
  for (const api of apis) api.heads.length = 0;
  return url;
}

const sayYes: RequestListener = (_, answer) => void answer.end('yes');

describe('deploy/haproxy/haproxy.cfg', { skip }, () => {
  it('is valid as it is', () => {
    const file = path.join(root, 'deploy', 'haproxy', 'haproxy.cfg');
    const { status, stderr } = spawnSync('haproxy', ['-c', '-f', file], { env: { PATH }, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });

  it('asks none that is not ready, and lets the API say why when none is', async (t) => {
    const [one, two] = [await startApi(t, sayYes), await startApi(t, sayYes)];
    const url = await startProxy(t, [one, two]);
    one.isReady = false;
    await eventually('only the other is asked', async () => {
      one.heads.length = 0;
      for (let n = 0; n < 4; n += 1) await fetch(url);
      return one.heads.length === 0;
    });
    two.isReady = false;
    for (let n = 0; n < 4; n += 1) assert.equal(await (await fetch(url)).text(), 'yes');
    await eventually('either is asked', async () => {
      await fetch(url);
      return one.heads.length > 0;
    });
  });

  it('hands on answers while the body still comes', async (t) => {
    const echo: RequestListener = (incoming, answer) => {
      answer.writeHead(200, { 'content-type': 'application/x-ndjson' });
      if (incoming.method === 'GET') return void answer.end();
      incoming.on('data', (line: Buffer) => answer.write(line)).on('end', () => answer.end('end\n'));
    };
    const url = await startProxy(t, [await startApi(t, echo)]);
    const sending = request(url, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' } });
    let got = '';
    sending.on('response', (answer) => answer.setEncoding('utf8').on('data', (text: string) => (got += text)));
    for (const line of ['{"a":1}\n', '{"a":2}\n', '{"a":3}\n']) {
      sending.write(line);
      await eventually(`${line.trim()} came back`, async () => got.endsWith(line));
    }
    sending.end();
    await eventually('the end', async () => got.endsWith('end\n'));
  });

  it('adds its caller behind what the caller says of others, and says http but where another said https', async (t) => {
    const api = await startApi(t, sayYes);
    const url = await startProxy(t, [api]);
    await fetch(url, { headers: { 'x-forwarded-for': '203.0.113.9' } });
    await fetch(url, { headers: { 'x-forwarded-proto': 'https' } });
    const [first, second] = api.heads;
    assert.equal(first?.['x-forwarded-for'], '203.0.113.9, 127.0.0.1');
    assert.equal(first?.['x-forwarded-proto'], 'http');
    assert.equal(second?.['x-forwarded-proto'], 'https');
  });
});
