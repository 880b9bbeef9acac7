import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { watchSources } from '../../dev/develop/source-watch.js';
import { tempFolder } from './temp-folder.js';

describe('the watch over the sources', () => {
  it('tells of a burst once, whatever was done to the files, and of nothing that an editor leaves beside them', async (t) => {
    const root = tempFolder(t);
    const write = (name: string, text: string) => writeFileSync(path.join(root, name), text);
    mkdirSync(path.join(root, 'api'));
    for (const name of ['api/kept.ts', 'api/old.ts', 'api/replaced.ts']) write(name, 'one');
    const watch = watchSources(root, ['api']);
    const { signal } = new AbortController();
    const changed = watch.next(signal);
    // As editors save: beside the file, and over it.
    write('api/replaced.ts~', 'two');
    renameSync(path.join(root, 'api/replaced.ts~'), path.join(root, 'api/replaced.ts'));
    write('api/.kept.ts.swp', 'x');
    await delay(350);
    rmSync(path.join(root, 'api/old.ts'));
    mkdirSync(path.join(root, 'api/routes'));
    write('api/routes/new.ts', 'one');
    assert.deepEqual(await changed, ['api/old.ts', 'api/replaced.ts', 'api/routes/new.ts']);
    const again = watch.next(signal);
    write('api/kept.ts', 'two');
    assert.deepEqual(await again, ['api/kept.ts']);
  });

  it('ends when it is called off', async (t) => {
    const root = tempFolder(t);
    mkdirSync(path.join(root, 'api'));
    assert.deepEqual(await watchSources(root, ['api']).next(AbortSignal.timeout(50)), []);
  });
});
