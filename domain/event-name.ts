import { isStorable } from './fields.js';
import { EVENT_NAME_LENGTH } from './read-event.js';

/** An event's id as it is stored, if it is one. Those that cannot be kept are known by their hash. */
export function toEventName(found: unknown, hash: (text: string) => string): string | undefined {
  if (typeof found === 'number' && Number.isSafeInteger(found)) return String(found);
  if (typeof found !== 'string' || found === '') return undefined;
  return found.length <= EVENT_NAME_LENGTH && isStorable(found) ? found : hash(found);
}
