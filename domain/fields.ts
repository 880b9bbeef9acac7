import { ItemFault, type ItemFaultName } from './item-fault.js';
import { pointerTo } from './json-pointer.js';
import { nearestName, unknownName } from './nearest-name.js';
import { readInstant } from './read-instant.js';

/**
 * LTI ids are opaque; 1,024 is four times what LTI itself allows, since line item ids are URLs. It counts bytes of UTF-8:
 * an entry of an index has 2,704, and two ids share one.
 */
export const LTI_ID_LENGTH = 1_024;

/**
 * Reads the members of one object of JSON; `null` is as good as absent. Every method throws an `ItemFault` that
 * points to the member.
 */
export interface Fields {
  text(name: string, maxLength: number): string;
  optionalText(name: string, maxLength: number, options?: { mayBeEmpty?: boolean }): string | undefined;
  /** An LTI id: opaque, compared and sent back as it is, so that nothing of it can be mended. */
  id(name: string): string;
  optionalId(name: string, options?: { mayBeEmpty?: boolean }): string | undefined;
  positiveNumber(name: string): number;
  optionalNumber(name: string): number | undefined;
  flag(name: string): boolean;
  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T;
  /** ISO 8601 with a zone. */
  optionalInstant(name: string): Date | undefined;
  record(name: string): Fields;
  optionalRecord(name: string): Fields | undefined;
  /** Refuses every other member. */
  onlyKnown(known: readonly string[]): void;
  /** Refuses a member that was probably meant to be one of `known` that is not there; lets pass what is of another kind. */
  noneMisspelt(known: readonly string[]): void;
}

/** NUL cannot be stored, and half a surrogate pair is no text. */
const NOT_TEXT = /\0|\p{Surrogate}/u;

export function isStorable(text: string): boolean {
  return !NOT_TEXT.test(text);
}

/** Why a text cannot be an LTI id, as the end of a sentence; undefined: it can. */
export function faultOfId(text: string): string | undefined {
  if (text === '') return 'must not be empty';
  // A character has three bytes at most, and one beyond the first plane four for two units.
  const isShort = text.length * 3 <= LTI_ID_LENGTH;
  if (!isShort && new TextEncoder().encode(text).length > LTI_ID_LENGTH) {
    return `must not be longer than ${LTI_ID_LENGTH} bytes`;
  }
  return isStorable(text) ? undefined : 'holds a character that cannot be stored';
}

/** @throws {ItemFault} when it is not an object. `pointer` is where it stands (RFC 6901). */
export function createFields(value: unknown, pointer: string, fault: ItemFaultName = 'invalid-score'): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ItemFault(fault, `${pointer.slice(1) || 'An item'} must be an object.`, pointer);
  }
  const members = new Map<string, unknown>(Object.entries(value));
  const get = (name: string): unknown => members.get(name) ?? undefined;
  const fail = (name: string, rule: string): never => {
    throw new ItemFault(fault, `${pointer.slice(1)}${pointer && '.'}${name} ${rule}.`, `${pointer}/${name}`);
  };
  const checked = (name: string, text: string, fault?: string): string => (fault ? fail(name, fault) : text);

  const fields: Fields = {
    text: (name, maxLength) => fields.optionalText(name, maxLength) ?? fail(name, 'is missing'),
    optionalText(name, maxLength, { mayBeEmpty = false } = {}) {
      const text = get(name);
      if (text === undefined) return undefined;
      if (typeof text !== 'string') return fail(name, 'must be a string');
      if (text === '' && !mayBeEmpty) return fail(name, 'must not be empty');
      if (text.length > maxLength) return fail(name, `must not be longer than ${maxLength} characters`);
      if (!isStorable(text)) return fail(name, 'holds a character that cannot be stored');
      return text;
    },
    id: (name) => fields.optionalId(name) ?? fail(name, 'is missing'),
    optionalId(name, { mayBeEmpty = false } = {}) {
      const id = get(name);
      if (id === undefined || (mayBeEmpty && id === '')) return id;
      return typeof id === 'string' ? checked(name, id, faultOfId(id)) : fail(name, 'must be a string');
    },
    positiveNumber(name) {
      const number = fields.optionalNumber(name) ?? fail(name, 'is missing');
      return number > 0 ? number : fail(name, 'must be greater than 0');
    },
    optionalNumber(name) {
      const number = get(name);
      if (number === undefined) return undefined;
      if (typeof number !== 'number') return fail(name, 'must be a number');
      return Number.isFinite(number) ? number : fail(name, 'is too large');
    },
    flag(name) {
      const flag = get(name) ?? false;
      return typeof flag === 'boolean' ? flag : fail(name, 'must be true or false');
    },
    choice(name, choices, otherwise) {
      const chosen = get(name) ?? otherwise;
      return choices.find((choice) => choice === chosen) ?? fail(name, `must be one of ${choices.join(', ')}`);
    },
    optionalInstant(name) {
      const text = get(name);
      const instant = text === undefined ? undefined : readInstant(text);
      return typeof instant === 'string' ? fail(name, instant) : instant;
    },
    record: (name) => fields.optionalRecord(name) ?? fail(name, 'is missing'),
    optionalRecord(name) {
      const record = get(name);
      return record === undefined ? undefined : createFields(record, `${pointer}/${name}`, fault);
    },
    onlyKnown: (known) => refuseUnknown(members, known, pointer, fault),
    noneMisspelt: (known) => refuseMisspelt(members, known, pointer, fault),
  };
  return fields;
}

function refuseUnknown(
  members: ReadonlyMap<string, unknown>,
  known: readonly string[],
  pointer: string,
  fault: ItemFaultName,
): void {
  for (const name of members.keys()) {
    if (known.includes(name)) continue;
    throw new ItemFault(fault, unknownName(pointer.slice(1) || 'An item', name, known), pointerTo(pointer, name));
  }
}

function refuseMisspelt(
  members: ReadonlyMap<string, unknown>,
  known: readonly string[],
  pointer: string,
  fault: ItemFaultName,
): void {
  for (const name of members.keys()) {
    if (known.includes(name)) continue;
    const missing = known.filter((other) => !members.has(other));
    if (nearestName(name, missing) === undefined) continue;
    throw new ItemFault(fault, unknownName(pointer.slice(1) || 'An item', name, missing), pointerTo(pointer, name));
  }
}
