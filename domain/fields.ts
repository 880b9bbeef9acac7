import { ItemFault, type ItemFaultName } from './item-fault.js';
import { pointerTo } from './json-pointer.js';
import { nearestName, unknownName } from './nearest-name.js';

/** LTI ids are opaque; 1,024 characters is four times what LTI itself allows, since line item ids are URLs. */
export const LTI_ID_LENGTH = 1_024;

/**
 * Reads the members of one object of JSON; `null` is as good as absent. Every method throws an `ItemFault` that
 * points to the member.
 */
export interface Fields {
  text(name: string, maxLength: number): string;
  optionalText(name: string, maxLength: number, options?: { mayBeEmpty?: boolean }): string | undefined;
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

/** Date and time with a zone, as RFC 3339 and the LTI specifications write it. */
const INSTANT = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)$/;
/** NUL cannot be stored, and half a surrogate pair is no text. */
const NOT_TEXT = /\0|\p{Surrogate}/u;

export function isStorable(text: string): boolean {
  return !NOT_TEXT.test(text);
}

/** @throws {ItemFault} when it is not an object. `pointer` is where it stands (RFC 6901). */
export function createFields(value: unknown, pointer: string, fault: ItemFaultName = 'invalid-score'): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ItemFault(fault, `${pointer.slice(1) || 'An item'} must be an object.`, pointer);
  }
  const members = new Map<string, unknown>(Object.entries(value));
  const get = (name: string): unknown => members.get(name) ?? undefined;
  const fail = (name: string, rule: string): never => {
    throw new ItemFault('invalid-score', `${pointer.slice(1)}${pointer && '.'}${name} ${rule}.`, `${pointer}/${name}`);
  };

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
      if (text === undefined) return undefined;
      if (typeof text !== 'string' || !INSTANT.test(text)) return fail(name, 'must be an ISO 8601 instant with a zone');
      const instant = new Date(text);
      return isRealInstant(instant, text) ? instant : fail(name, 'is no real date');
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

/** JavaScript takes the 30th of February for the 1st or 2nd of March. Before 1970 there was no LTI. */
function isRealInstant(instant: Date, text: string): boolean {
  if (!(instant.getTime() >= 0)) return false;
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
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
