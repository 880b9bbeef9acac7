import { createHash } from 'node:crypto';

/** An opaque id in the shape of a UUID, as most LMSes' ids are; the same for the same text. */
export function madeUpId(text: string): string {
  const hex = digest(text);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
