import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fetchTemporal, findOrFetchTemporal } from '../../dev/fetch-temporal.js';
import { cachedTemporalPath, findTemporal } from '../../dev/find-temporal.js';
import { readKept } from '../../dev/machine/kept-file.js';
import { isRunning } from '../../dev/machine/operating-system-process.js';
import { serveDownload, temporalScript, writeFakeGo } from './fake-programs.js';
import { type Cleanup, tempFolder } from './temp-folder.js';
import { until } from './until.js';

/** Nothing listens on port 9 of loopback, as in a closed network. */
const unreachable = 'http://127.0.0.1:9';

function surroundings(t: Cleanup) {
  const folder = tempFolder(t);
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  const env = { XDG_CACHE_HOME: path.join(folder, 'cache'), PATH: `${bin}:/usr/bin:/bin` };
  return { folder, bin, env, goLog: path.join(folder, 'go.log') };
}

function leftovers(env: NodeJS.ProcessEnv): string[] {
  return readdirSync(path.dirname(cachedTemporalPath(env))).filter((name) => !name.startsWith('fetch.'));
}

const lastOf = (log: string) => readFileSync(log, 'utf8').trim().split('\n').at(-1);

describe('fetching a Temporal CLI', () => {
  it('downloads the release for this system, once', async (t) => {
    const { folder, env } = surroundings(t);
    const place = await serveDownload(t, path.join(folder, 'release'), temporalScript);
    const program = await findOrFetchTemporal({ env, downloadUrl: place.url });
    assert.deepEqual(program, { path: cachedTemporalPath(env), source: 'cache' });
    assert.match(place.asked[0] ?? '', /^\/cli\/v1\.5\.1\?arch=(amd64|arm64)&platform=(linux|darwin)&format=tar\.gz$/);
    await findOrFetchTemporal({ env, downloadUrl: place.url });
    assert.equal(place.asked.length, 2);
    assert.deepEqual(leftovers(env), ['temporal']);
  });

  it('builds with Go where the download place is out of reach, and tells how it goes', async (t) => {
    const { bin, env, goLog } = surroundings(t);
    writeFakeGo(bin, goLog, '6');
    const told: string[] = [];
    await fetchTemporal({ env, downloadUrl: unreachable, onProgress: (text) => told.push(text) });
    assert.equal((await findTemporal(env))?.source, 'cache');
    assert.equal(lastOf(goLog), 'install -v github.com/temporalio/cli/cmd/temporal@v1.5.1');
    assert.match(told[1] ?? '', /with Go/);
    assert.equal(told.filter((text) => /^faster: .*brew install temporal/.test(text)).length, 1);
    assert.match(told.at(-1) ?? '', /^building the Temporal CLI: \d+ s, 1 packages compiled of 3 at most$/);
  });

  it('builds when the download brings something else', async (t) => {
    const { folder, bin, env, goLog } = surroundings(t);
    const place = await serveDownload(t, path.join(folder, 'release'), '#!/bin/sh\necho "a sign-in page"\n');
    writeFakeGo(bin, goLog, '0');
    await fetchTemporal({ env, downloadUrl: place.url });
    assert.match(readFileSync(cachedTemporalPath(env), 'utf8'), /temporal version/);
    assert.ok(existsSync(goLog));
  });

  it('is done once by two that need it at the same time', async (t) => {
    const { bin, env, goLog } = surroundings(t);
    writeFakeGo(bin, goLog, '0.3');
    const told: string[] = [];
    const fetch = () => fetchTemporal({ env, downloadUrl: unreachable, onProgress: (text) => told.push(text) });
    const [one, other] = await Promise.all([fetch(), fetch()]);
    assert.deepEqual(one, other);
    assert.equal(readFileSync(goLog, 'utf8').match(/^install/gm)?.length, 1);
    assert.ok(told.some((text) => text.startsWith('waiting for process')));
  });

  it('names the three ways when none works, and leaves nothing half done', async (t) => {
    const { env } = surroundings(t);
    const noGo = { ...env, PATH: `${path.join(env.XDG_CACHE_HOME, 'none')}` };
    await assert.rejects(fetchTemporal({ env: noGo, downloadUrl: unreachable }), (error: Error) => {
      for (const part of ['TEMPORAL_ADDRESS', 'TEMPORAL_CLI_PATH', 'temporal.download', 'no go program']) {
        assert.ok(error.message.includes(part), part);
      }
      return true;
    });
    assert.deepEqual(leftovers(env), []);
  });

  it('stops the build when it is called off', async (t) => {
    const { bin, env, goLog } = surroundings(t);
    writeFakeGo(bin, goLog, '30');
    const caller = new AbortController();
    const fetching = fetchTemporal({ env, downloadUrl: unreachable, signal: caller.signal });
    const pid = Number(await until('the build runs', () => existsSync(`${goLog}.pid`) && readKept(`${goLog}.pid`)));
    caller.abort();
    await assert.rejects(fetching, { name: 'AbortError' });
    await until('the build has ended', () => !isRunning(pid));
    assert.deepEqual(leftovers(env), []);
  });
});
