/** The file for Python, and the example of docs/clients.md as it stands there: with `PYTHON`, or python3, where httpx is. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { signWebhook } from '../../client/index.js';
import { createTestApi } from '../helpers/app.js';
import { readRepositoryFile } from '../helpers/repository.js';
import { launchesInto } from '../helpers/launches-into.js';
import { run, type Ended } from './built-client.js';
import { startScriptedServer } from './scripted-server.js';

const python = process.env['PYTHON'] ?? 'python3';
const isThere = spawnSync(python, ['-c', 'import httpx, sys; assert sys.version_info >= (3, 10)']).status === 0;
const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

describe('the client in Python', { skip: !isThere && 'needs python3 with httpx: set PYTHON' }, async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-python-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const code = /```python\n([\s\S]*?)```/.exec(readRepositoryFile('docs/clients.md'))?.[1] ?? '';
  writeFileSync(path.join(folder, 'example.py'), code);
  writeFileSync(path.join(folder, 'passback.py'), readRepositoryFile('examples/fastapi/passback.py'));
  const execute = async (args: string[], env: Record<string, string>): Promise<Ended> =>
    run(python, args, { cwd: folder, env: { PASSBACK_URL: 'http://127.0.0.1:1', PASSBACK_API_KEY: 'key', ...env } });

  it('launches, sends, streams, reads pages and tells problems apart', async () => {
    const api = await createTestApi();
    const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
    after(() => api.app.close());
    launchesInto(api, 'bio');
    const env = { PASSBACK_URL: url, PASSBACK_API_KEY: api.adminKey, LTIK: 'an-ltik' };
    const { code: status, output } = await execute(['example.py'], env);
    assert.equal(status, 0, output);
    assert.deepEqual(output.trim().split('\n'), [
      ...['accepted', '0 accepted', '1 accepted', '2 accepted'],
      ...['student-2 due', 'student-1 due', 'student-0 due', 'ada due', 'urn:passback:problem:not-found'],
    ]);
  });

  it('repeats what may succeed later, under one key', async () => {
    const server = await startScriptedServer();
    const busy = { type: 'urn:passback:problem:too-many-requests', title: 'Busy.', status: 429, detail: 'Wait.' };
    const headers = { 'content-type': 'application/problem+json', 'retry-after': '0' };
    server.script('cut', { status: 429, headers, body: busy }, { status: 202, body: { taken: true } });
    const env = { PASSBACK_URL: server.url };
    const { output } = await execute(['-c', 'import passback; print(passback.call("POST", "/v1/scores", {}))'], env);
    assert.equal(output, "{'taken': True}\n");
    const keys = new Set(server.came.map((request) => request.headers['idempotency-key']));
    assert.deepEqual([server.came.length, keys.size, keys.has(undefined)], [3, 1, false]);
  });

  it('checks notices', async () => {
    const body = '{"type":"passback.digest","data":{"notices":[]}}';
    const check =
      'import json, sys, passback; print(passback.verify_notice(sys.argv[1], sys.argv[2].encode(), json.loads(sys.argv[3])))';
    const headers = JSON.stringify(await signWebhook(secret, body));
    const { output } = await execute(['-c', check, secret, body, headers], {});
    assert.match(output, /passback\.digest/);
    const other = await execute(['-c', check, secret, `${body} `, headers], {});
    assert.match(other.output, /ValueError/);
  });
});
