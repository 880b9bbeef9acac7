import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Without it, tags down to four bytes are taken, which can be guessed. */
const LENGTHS = { authTagLength: TAG_BYTES };

export interface EncryptedValue {
  keyId: string;
  /** Nonce (12 bytes), tag (16 bytes), then the encrypted text. */
  ciphertext: Buffer;
}

/** Keeps secrets at rest. `owner` (the row that the value belongs to) is authenticated, so that a value moved elsewhere fails. */
export interface KeyRing {
  encrypt(plaintext: string, owner: string): EncryptedValue;
  /** @throws {DecryptionError} when the key is not in the ring, or the value or its owner was altered. */
  decrypt(value: EncryptedValue, owner: string): string;
}

export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';
  readonly keyId: string;
  constructor(keyId: string, options?: { cause: unknown }) {
    super(`A value encrypted under key "${keyId}" cannot be read: is that key still in ENCRYPTION_KEYS?`, options);
    this.keyId = keyId;
  }
}

/** AES-256-GCM under several keys of 32 bytes: the first encrypts, all decrypt, which is how keys are rotated. */
export function createKeyRing(keys: readonly { id: string; key: Uint8Array }[]): KeyRing {
  const [first] = keys;
  if (!first) throw new RangeError('A key ring needs at least one key.');
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  return {
    encrypt(plaintext, owner) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, first.key, nonce, LENGTHS).setAAD(Buffer.from(owner));
      const text = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      return { keyId: first.id, ciphertext: Buffer.concat([nonce, cipher.getAuthTag(), text]) };
    },
    decrypt({ keyId, ciphertext }, owner) {
      const key = byId.get(keyId);
      if (!key) throw new DecryptionError(keyId);
      try {
        const decipher = createDecipheriv(ALGORITHM, key, ciphertext.subarray(0, NONCE_BYTES), LENGTHS)
          .setAAD(Buffer.from(owner))
          .setAuthTag(ciphertext.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        return (
          decipher.update(ciphertext.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
        );
      } catch (error) {
        throw new DecryptionError(keyId, { cause: error });
      }
    },
  };
}
