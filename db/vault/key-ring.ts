import { decrypt, encrypt } from './aes-gcm.js';
import { DecryptionError } from './decryption-error.js';
import type { KeyWrap } from './key-wrap.js';

/** Wraps under keys of 32 bytes that this process was given: the first wraps, all unwrap, which is how they are rotated. */
export function createKeyRing(keys: readonly { id: string; key: Uint8Array }[]): KeyWrap {
  const [first] = keys;
  if (!first) throw new RangeError('A key ring needs at least one key.');
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  return {
    current: first.id,
    wrap: async (dataKey, boundTo) => ({ wrappedBy: first.id, wrapped: encrypt(first.key, dataKey, boundTo) }),
    async unwrap({ wrappedBy, wrapped }, boundTo) {
      const key = byId.get(wrappedBy);
      if (!key) throw new DecryptionError('keyMissing', wrappedBy);
      try {
        return decrypt(key, wrapped, boundTo);
      } catch (error) {
        throw new DecryptionError('keyWrong', wrappedBy, { cause: error });
      }
    },
  };
}
