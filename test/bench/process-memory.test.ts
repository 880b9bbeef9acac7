import assert from 'node:assert/strict';
import test from 'node:test';
import { memoryMb, parseMemory } from '../../bench/process-memory.js';

const STATUS = 'Name:\tnode\nVmPeak:\t 9999999 kB\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\nThreads:\t11\n';

test('reads what a process holds, and the most that it ever held', () => {
  assert.equal(parseMemory(STATUS, 'now'), 100);
  assert.equal(parseMemory(STATUS, 'peak'), 200);
  assert.ok(Number.isNaN(parseMemory('Name:\tnode\n', 'now')));
});

test('has no figure for a process that is not there', () => {
  assert.ok(Number.isNaN(memoryMb(-1, 'now')));
});
