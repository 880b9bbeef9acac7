import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStreamTurns } from '../../../api/scores/stream-turns.js';

test('stores two parts at once, in the order of asking, whether or not they fail', async () => {
  const turns = createStreamTurns();
  const begun: number[] = [];
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const parts = [0, 1, 2, 3].map((part) => {
    const end = new Promise<void>((resolve, reject) => ends.push({ resolve, reject }));
    return turns.store(async () => {
      begun.push(part);
      await end;
      return part;
    });
  });
  assert.deepEqual(begun, [0, 1]);
  ends[1]?.reject(new Error('refused'));
  await assert.rejects(async () => parts[1], /refused/);
  await turns.yield();
  assert.deepEqual(begun, [0, 1, 2]);
  const fifth = turns.store(async () => Promise.resolve(begun.push(4)));
  for (const { resolve } of ends) resolve();
  assert.deepEqual(await Promise.all([parts[0], parts[2], parts[3]]), [0, 2, 3]);
  await fifth;
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
});

test('gives a place once for each time that it is left', () => {
  const turns = createStreamTurns();
  const places = Array.from({ length: 32 }, () => turns.enter());
  assert.ok(!places.includes(null));
  assert.equal(turns.enter(), null);
  places[0]?.();
  places[0]?.();
  assert.notEqual(turns.enter(), null);
  assert.equal(turns.enter(), null);
});
