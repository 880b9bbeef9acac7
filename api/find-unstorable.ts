import { isStorable } from '../domain/fields.js';
import { pointerTo } from '../domain/json-pointer.js';

/** Where the first text stands that cannot be stored, a name of a member among them (then where that is); undefined: nowhere. */
export function findUnstorable(value: unknown, pointer = ''): string | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : pointer;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const found = isStorable(name) ? findUnstorable(member, pointerTo(pointer, name)) : pointer;
    if (found !== undefined) return found;
  }
  return undefined;
}
