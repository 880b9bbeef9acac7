import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createKeyRing, DecryptionError, type EncryptedValue } from '../../../db/server/key-ring.js';

const old = { id: 'old', key: Buffer.alloc(32, 1) };
const fresh = { id: 'fresh', key: Buffer.alloc(32, 2) };
const ring = createKeyRing([old]);

test('what is encrypted for an owner can be read for that owner', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (secret, owner) => {
      assert.equal(ring.decrypt(ring.encrypt(secret, owner), owner), secret);
    }),
  );
});

test('nothing of the secret shows, and the same secret never looks the same twice', () => {
  const secret = 'a service key of a course';
  const [one, other] = [ring.encrypt(secret, 'owner'), ring.encrypt(secret, 'owner')];
  assert.notDeepEqual(one.ciphertext, other.ciphertext);
  assert.equal(one.ciphertext.includes(secret.slice(0, 8)), false);
});

test('after a rotation the first key encrypts, and the older still reads', () => {
  const rotated = createKeyRing([fresh, old]);
  const before = ring.encrypt('secret', 'owner');
  assert.equal(rotated.decrypt(before, 'owner'), 'secret');
  const after = rotated.encrypt('secret', 'owner');
  assert.equal(after.keyId, 'fresh');
  assert.throws(() => ring.decrypt(after, 'owner'), DecryptionError);
});

const flip = (value: EncryptedValue, place: number): EncryptedValue => {
  const ciphertext = Buffer.from(value.ciphertext);
  ciphertext.writeUInt8(ciphertext.readUInt8(place) ^ 1, place);
  return { ...value, ciphertext };
};

test('a value that was altered in any byte cannot be read', () => {
  const value = ring.encrypt('secret', 'owner');
  for (let place = 0; place < value.ciphertext.length; place += 1) {
    assert.throws(() => ring.decrypt(flip(value, place), 'owner'), DecryptionError, `byte ${place}`);
  }
});

test('a value that was cut short cannot be read, however short', () => {
  const value = ring.encrypt('secret', 'owner');
  for (let length = 0; length < value.ciphertext.length; length += 1) {
    const cut = { ...value, ciphertext: value.ciphertext.subarray(0, length) };
    assert.throws(() => ring.decrypt(cut, 'owner'), DecryptionError, `${length} bytes`);
  }
});

test('a value that was moved to another owner cannot be read', () => {
  assert.throws(() => ring.decrypt(ring.encrypt('secret', 'owner'), 'other'), DecryptionError);
});

test('a value under another key of the same name cannot be read', () => {
  const impostor = createKeyRing([{ id: 'old', key: fresh.key }]);
  assert.throws(() => impostor.decrypt(ring.encrypt('secret', 'owner'), 'owner'), DecryptionError);
});

test('a ring without a key is refused', () => {
  assert.throws(() => createKeyRing([]), RangeError);
});
