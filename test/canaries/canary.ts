/** Words that stand nowhere but where a test has put them, each with its class and the field that it was put into. */
import type { CanaryClass } from './classes.js';

export interface Canary {
  text: string;
  class: CanaryClass;
  /** The input and the field, as a reader would look for it. */
  field: string;
}

export interface Canaries {
  /** A new one: small letters only, which almost every field takes. */
  make(kind: CanaryClass, field: string): string;
  /** A text that others have made, such as a key, or a number. */
  adopt(text: string | number, kind: CanaryClass, field: string): void;
  /** By what stands between marker and end of one that was made. */
  find(digits: string): Canary | undefined;
  adopted: readonly Canary[];
  made: readonly Canary[];
}

/** All that are made begin with it, so that one look finds them all. */
export const MARKER = 'zqcanary';
/** Letters that stand for digits after the marker. */
export const DIGITS = 4;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

export function createCanaries(): Canaries {
  const made = new Map<string, Canary>();
  const adopted = new Map<string, Canary>();
  return {
    make(kind, field) {
      const digits = toLetters(made.size);
      const text = `${MARKER}${digits}`;
      made.set(digits, { text, class: kind, field });
      return text;
    },
    adopt(value, kind, field) {
      const text = String(value);
      if (text.length < 6) throw new Error(`${field}: too short to be found nowhere else`);
      adopted.set(text, { text, class: kind, field });
    },
    find: (digits) => made.get(digits),
    get adopted() {
      return [...adopted.values()];
    },
    get made() {
      return [...made.values()];
    },
  };
}

function toLetters(number: number): string {
  let rest = number;
  let letters = '';
  for (let place = 0; place < DIGITS; place += 1) {
    letters = `${LETTERS[rest % LETTERS.length] ?? ''}${letters}`;
    rest = Math.floor(rest / LETTERS.length);
  }
  return letters;
}
