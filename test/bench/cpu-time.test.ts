import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import { cpuSecondsOfTree, measureCpu, parseBusySeconds, parseProcessStat } from '../../bench/cpu-time.js';

const line = (pid: number, parent: number, ticks: string, name = 'node'): string =>
  `${pid} (${name}) S ${parent} 7 7 0 -1 4194560 100 200 0 0 ${ticks} 20 0 11 0 12345 1000 200`;

test('reads a process with its ended children from its stat line', () => {
  assert.deepEqual(parseProcessStat(line(42, 7, '150 50 25 75')), { pid: 42, parent: 7, cpuSeconds: 3 });
});

test('is not misled by brackets and spaces in the name of a program', () => {
  assert.deepEqual(parseProcessStat(line(42, 7, '1 2 3 4', 'a) S 1 (b')), { pid: 42, parent: 7, cpuSeconds: 0.1 });
});

test('makes nothing of a line that is cut off', () => {
  assert.equal(parseProcessStat('42 (node) S 7 7'), undefined);
  assert.equal(parseProcessStat(''), undefined);
});

test('adds up all descendants, in whatever order they are listed', () => {
  const processes = [
    { pid: 4, parent: 3, cpuSeconds: 8 },
    { pid: 3, parent: 2, cpuSeconds: 4 },
    { pid: 2, parent: 1, cpuSeconds: 2 },
    { pid: 5, parent: 1, cpuSeconds: 100 },
  ];
  assert.equal(cpuSecondsOfTree(2, processes), 14);
  assert.equal(cpuSecondsOfTree(9, processes), 0);
});

test('counts work as busy, and waiting for a disk as idle', () => {
  assert.equal(parseBusySeconds('cpu  100 200 300 9999 5000 10 20 70 0 0'), 7);
  assert.equal(parseBusySeconds('intr 1 2 3'), undefined);
});

test('sees the work of a child of a measured process', { skip: process.platform !== 'linux' }, async () => {
  const code = 'const end = Date.now() + 300; while (Date.now() < end);';
  const before = measureCpu({ self: process.pid })?.['self'] ?? Number.NaN;
  await once(spawn(process.execPath, ['-e', code]), 'exit');
  const after = measureCpu({ self: process.pid })?.['self'] ?? Number.NaN;
  assert.ok(after - before >= 0.1, `${after - before} s`);
});
