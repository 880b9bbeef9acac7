import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { LockHeldError, takeLock } from '../../dev/machine/single-holder-lock.js';
import { spawnFixture } from './spawn-fixture.js';
import { tempFolder } from './temp-folder.js';
import { until } from './until.js';

describe('a lock', () => {
  it('has one holder at a time, and can be taken again once it was given back', (t) => {
    const folder = tempFolder(t);
    const giveBack = takeLock(folder, 'test');
    assert.throws(() => takeLock(folder, 'test'), LockHeldError);
    giveBack();
    giveBack();
    takeLock(folder, 'test')();
  });

  it('goes to one alone of several that find a killed holder', async (t) => {
    const folder = tempFolder(t);
    const holder = spawnFixture(t, 'lock-taker.ts', [folder]);
    holder.child.stdin?.write('go\n');
    await until('the first has it', () => holder.lines.includes('took it'));
    holder.child.kill('SIGKILL');
    await holder.ended;
    const rivals = Array.from({ length: 4 }, () => spawnFixture(t, 'lock-taker.ts', [folder]));
    await until('all are there', () => rivals.every((rival) => rival.lines.length === 1));
    for (const rival of rivals) rival.child.stdin?.write('go\n');
    await until('all have tried', () => rivals.every((rival) => rival.lines.length === 2));
    assert.deepEqual(rivals.map((rival) => rival.lines[1]).sort(), ['held', 'held', 'held', 'took it']);
  });

  it('is free when its process number belongs to another process now', (t) => {
    const folder = tempFolder(t);
    const stale = { pid: process.pid, identity: 'another boot/1' };
    writeFileSync(path.join(folder, 'test.4'), JSON.stringify(stale));
    takeLock(folder, 'test')();
  });

  it('is free when its file is cut short', (t) => {
    const folder = tempFolder(t);
    writeFileSync(path.join(folder, 'test.4'), '{"pid":');
    takeLock(folder, 'test')();
  });
});
