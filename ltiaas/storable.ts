import { isStorable } from '../domain/fields.js';
import type { Json } from './read.js';

/**
 * A text that PostgreSQL takes: NUL and half surrogate pairs become U+FFFD. Only for what people read. An id is compared
 * and sent back, so one that would have to be mended is none: whatever it names cannot be used.
 */
export function mendText(text: string): string {
  return text.replaceAll(/\0|\p{Surrogate}/gu, '\uFFFD');
}

/** A JSON value with every text in it mended, names of members too; the value itself where nothing is to be mended. */
export function mendTexts(value: unknown): unknown {
  if (!holdsUnstorable(value)) return value;
  // Without recursion: nobody says how deep the JSON of an LMS is.
  const open: (unknown[] | Json)[] = [];
  const copy = (inner: unknown): unknown => {
    if (typeof inner === 'string') return mendText(inner);
    if (typeof inner !== 'object' || inner === null) return inner;
    const copied = Array.isArray(inner)
      ? inner.map((item: unknown) => item)
      : Object.fromEntries(Object.entries(inner).map(([key, member]) => [mendText(key), member]));
    open.push(copied);
    return copied;
  };
  const mended = copy(value);
  for (let place = open.pop(); place; place = open.pop()) {
    if (Array.isArray(place)) for (const [index, inner] of place.entries()) place[index] = copy(inner);
    else for (const [key, inner] of Object.entries(place)) place[key] = copy(inner);
  }
  return mended;
}

/** The first `length` UTF-16 units at most, and no half of a pair. */
export function cutText(text: string, length: number): string {
  const isInPair = /[\uD800-\uDBFF]/.test(text.charAt(length - 1));
  return text.slice(0, isInPair ? length - 1 : length);
}

function holdsUnstorable(value: unknown): boolean {
  const open = [value];
  while (open.length > 0) {
    const inner = open.pop();
    if (typeof inner === 'string' && !isStorable(inner)) return true;
    if (typeof inner !== 'object' || inner === null) continue;
    if (Array.isArray(inner)) for (const item of inner) open.push(item);
    else for (const [key, member] of Object.entries(inner)) open.push(key, member);
  }
  return false;
}
