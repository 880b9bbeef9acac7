import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WrappedKey } from '../../../db/vault/key-wrap.js';
import { createKeyRing } from '../../../db/vault/key-ring.js';

const old = { id: 'old', key: Buffer.alloc(32, 1) };
const fresh = { id: 'fresh', key: Buffer.alloc(32, 2) };
const ring = createKeyRing([old]);
const dataKey = Buffer.alloc(32, 5);

test('unwraps what it wrapped, for the same place, and never wraps alike twice', async () => {
  const [one, other] = [await ring.wrap(dataKey, 'place'), await ring.wrap(dataKey, 'place')];
  assert.deepEqual(Buffer.from(await ring.unwrap(one, 'place')), dataKey);
  assert.notDeepEqual(one.wrapped, other.wrapped);
  assert.equal(one.wrapped.includes(dataKey.subarray(0, 8)), false);
});

test('after a rotation the first key wraps, and the older still unwraps', async () => {
  const rotated = createKeyRing([fresh, old]);
  const before = await ring.wrap(dataKey, 'place');
  assert.deepEqual(Buffer.from(await rotated.unwrap(before, 'place')), dataKey);
  const after = await rotated.wrap(dataKey, 'place');
  assert.deepEqual([after.wrappedBy, rotated.current], ['fresh', 'fresh']);
  await assert.rejects(ring.unwrap(after, 'place'), { name: 'DecryptionError', fault: 'keyMissing', keyId: 'fresh' });
});

const flip = (value: WrappedKey, place: number): WrappedKey => {
  const wrapped = Buffer.from(value.wrapped);
  wrapped.writeUInt8(wrapped.readUInt8(place) ^ 1, place);
  return { ...value, wrapped };
};

test('a wrapped key that was altered in any byte, or cut at any, does not unwrap', async () => {
  const value = await ring.wrap(dataKey, 'place');
  const wrong = { name: 'DecryptionError', fault: 'keyWrong', keyId: 'old' };
  for (let place = 0; place < value.wrapped.length; place += 1) {
    await assert.rejects(ring.unwrap(flip(value, place), 'place'), wrong, `byte ${place}`);
    const cut = { ...value, wrapped: value.wrapped.subarray(0, place) };
    await assert.rejects(ring.unwrap(cut, 'place'), wrong, `${place} bytes`);
  }
});

test('a wrapped key does not unwrap in another place, or under another key of the same name', async () => {
  const value = await ring.wrap(dataKey, 'place');
  const impostor = createKeyRing([{ id: 'old', key: fresh.key }]);
  await assert.rejects(ring.unwrap(value, 'another place'), { fault: 'keyWrong' });
  await assert.rejects(impostor.unwrap(value, 'place'), { fault: 'keyWrong' });
});

test('a ring without a key is refused', () => {
  assert.throws(() => createKeyRing([]), RangeError);
});
