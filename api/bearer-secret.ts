import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const PREFIX = 'pb_live_';
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 238 bits. */
const RANDOM_LENGTH = 40;
/** What 32 bits take in base 62. */
const CHECKSUM_LENGTH = 6;
const SHAPE = new RegExp(`^${PREFIX}([0-9A-Za-z]{${RANDOM_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`);

/**
 * A new API key: `pb_live_`, 40 random characters, and their CRC-32 in base 62, six digits, the highest first. Scanners for
 * lost secrets find it, and what is none is known without being looked up.
 */
export function makeSecret(): string {
  const random = Array.from({ length: RANDOM_LENGTH }, () => DIGITS[randomInt(DIGITS.length)]).join('');
  return `${PREFIX}${random}${checksumOf(random)}`;
}

/** Whether it may be a key that we made. */
export function isLikeASecret(text: string): boolean {
  const [, random = '', checksum] = SHAPE.exec(text) ?? [];
  return checksum !== undefined && checksum === checksumOf(random);
}

/** A random key of so many bits is not to be guessed, so a fast hash is enough. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** What is shown of a key to tell it from others. */
export function hintOf(secret: string): string {
  return secret.slice(-4);
}

function checksumOf(random: string): string {
  let digits = '';
  for (let rest = crc32(random); digits.length < CHECKSUM_LENGTH; rest = Math.floor(rest / DIGITS.length)) {
    digits = `${DIGITS[rest % DIGITS.length]}${digits}`;
  }
  return digits;
}
