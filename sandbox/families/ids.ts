import { createHash } from 'node:crypto';

/** A uuid that is always the same for the same text, so that a reset sandbox makes the same ids again. */
export function uuidFrom(text: string): string {
  const hex = createHash('sha1').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** 40 hexadecimal digits, as Canvas writes its LTI context ids. */
export function digestFrom(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
