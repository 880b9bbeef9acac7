import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Without it, tags down to four bytes are taken, which can be guessed. */
const LENGTHS = { authTagLength: TAG_BYTES };

/** Encrypts under a key of 32 bytes. Gives nonce (12 bytes), tag (16 bytes), then the encrypted bytes. */
export function encrypt(key: Uint8Array, plain: Uint8Array, boundTo: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, LENGTHS).setAAD(Buffer.from(boundTo));
  const bytes = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), bytes]);
}

/** @throws Error when any byte was altered, or the key or what it is bound to is another */
export function decrypt(key: Uint8Array, ciphertext: Uint8Array, boundTo: string): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, ciphertext.subarray(0, NONCE_BYTES), LENGTHS)
    .setAAD(Buffer.from(boundTo))
    .setAuthTag(ciphertext.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(ciphertext.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}
