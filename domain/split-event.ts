import type { EventReason } from './event-reasons.js';
import { sliceList } from './json-slices.js';
import { findListOnTheWay, isWithin, readPointer } from './json-pointer.js';
import { parseEvent } from './parse-event.js';
import type { EventMapping } from './webhook-source.js';

/** In one body; each becomes a row, all in one transaction. */
export const MOST_EVENTS = 1_000;
/** Characters: what stands around the list is kept with each of its events. */
const MOST_PARTS_LENGTH = 8_388_608;

/** One of several events of a body: the body with this entry in the place of the list. */
export interface EventPart {
  body: string;
  /** Where the entry stands in the body that it came in. */
  pointer: string;
}

/**
 * Takes a body apart whose mapping says where its `events` are. Undefined: it is one event, or none that is wanted. The entry in
 * the place of its list lets pointers reach both what is said of it and what is said of all.
 */
export function splitEvent(
  body: string,
  mapping: EventMapping,
): { parts: EventPart[] } | { reason: EventReason } | undefined {
  const { events, type } = mapping;
  const document = events === undefined ? undefined : parseEvent(body);
  if (events === undefined || !document || findListOnTheWay(document.value, events) !== undefined) return undefined;
  if (!Array.isArray(readPointer(document.value, events))) return undefined;
  const ofAll = type && !isWithin(type.pointer, events) ? readPointer(document.value, type.pointer) : undefined;
  if (type && typeof ofAll === 'string' && !type.in.includes(ofAll)) return undefined;
  const list = sliceList(body, events);
  if (!list) return undefined;
  const { before, entries, after } = list;
  const length = (before.length + after.length) * entries.length;
  if (entries.length > MOST_EVENTS || length > MOST_PARTS_LENGTH) {
    const detail = `events (${events}) has more than ${MOST_EVENTS} entries, or too much stands around it.`;
    return { reason: { name: 'unusableValue', fact: 'events', pointer: events, detail } };
  }
  const parts = entries.map((entry, index) => ({
    body: `${before}${entry}${after}`,
    pointer: `${events}/${index}`,
  }));
  return { parts };
}
