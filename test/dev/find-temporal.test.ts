import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { cachedTemporalPath, findTemporal } from '../../dev/find-temporal.js';
import { temporalScript, writeProgram } from './fake-programs.js';
import { tempFolder } from './temp-folder.js';

describe('looking for a Temporal CLI', () => {
  it('prefers the one that TEMPORAL_CLI_PATH names, then the PATH, then the cache', async (t) => {
    const folder = tempFolder(t);
    const env = { XDG_CACHE_HOME: path.join(folder, 'cache'), PATH: `/usr/bin:/bin:${path.join(folder, 'bin')}` };
    assert.equal(await findTemporal(env), undefined);

    const cached = cachedTemporalPath(env);
    writeProgram(path.dirname(cached), 'temporal', temporalScript);
    assert.deepEqual(await findTemporal(env), { path: cached, source: 'cache' });

    const onPath = writeProgram(path.join(folder, 'bin'), 'temporal', temporalScript);
    assert.deepEqual(await findTemporal(env), { path: onPath, source: 'PATH' });

    const named = writeProgram(folder, 'my-temporal', temporalScript);
    assert.deepEqual(await findTemporal({ ...env, TEMPORAL_CLI_PATH: named }), {
      path: named,
      source: 'TEMPORAL_CLI_PATH',
    });
  });

  it('passes over another product of the same name', async (t) => {
    const folder = tempFolder(t);
    writeProgram(path.join(folder, 'first'), 'temporal', '#!/bin/sh\necho "temporal tables 2.0"\n');
    const ours = writeProgram(path.join(folder, 'second'), 'temporal', temporalScript);
    const env = { HOME: folder, PATH: `${folder}/first:${folder}/second:/bin` };
    assert.equal((await findTemporal(env))?.path, ours);
  });

  it('does not fall back when TEMPORAL_CLI_PATH is wrong', async (t) => {
    const folder = tempFolder(t);
    writeProgram(folder, 'temporal', temporalScript);
    const env = { PATH: `${folder}:/bin`, TEMPORAL_CLI_PATH: path.join(folder, 'missing') };
    await assert.rejects(findTemporal(env), /TEMPORAL_CLI_PATH: .*missing/);
  });

  it('keeps a fetched one in the cache folder of the user', () => {
    assert.equal(cachedTemporalPath({ HOME: '/home/ann' }), '/home/ann/.cache/passback/temporal-v1.5.1/temporal');
    const relative = { HOME: '/home/ann', XDG_CACHE_HOME: 'relative' };
    assert.equal(cachedTemporalPath(relative), cachedTemporalPath({ HOME: '/home/ann' }));
    assert.equal(cachedTemporalPath({ XDG_CACHE_HOME: '/c' }), '/c/passback/temporal-v1.5.1/temporal');
  });
});
