import { Secret } from './secret.js';

/** What is wrong with one value, in words that follow the key: `must be …`. Never repeats a secret. */
export class ValueError extends Error {
  override name = 'ValueError';
}

/** Turns the text of a variable into its value. @throws {ValueError} */
export type Parse<T> = (text: string) => T;

/** A name that one line of a log or a header can hold. */
export const name: Parse<string> = (value) => {
  if (/^[^\s\p{C}]{1,255}$/u.test(value)) return value;
  throw new ValueError('must be a name of at most 255 characters, without blanks');
};

/** A part of a name, which others are put behind. */
export const namePart: Parse<string> = (value) => {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/i.test(value)) return value;
  throw new ValueError(
    'must be at most 63 letters, digits, hyphens and underscores, and begin with one of the first two',
  );
};

/** A path of a file, of which only the process that reads it can say whether it is there. */
export const path: Parse<string> = (value) => {
  if (!/\p{Cc}/u.test(value)) return value;
  throw new ValueError('must be the path of a file');
};

/** Makes the value secret. */
export function secret<T>(parse: Parse<T>): Parse<Secret<T>> {
  return (value) => new Secret(parse(value));
}

/** A key as a header can carry it: visible characters of ASCII. */
export function token(least: number): Parse<string> {
  return (value) => {
    if (value.length < least) throw new ValueError(`must have at least ${least} characters`);
    if (/^[!-~]{1,4096}$/.test(value)) return value;
    throw new ValueError('must be at most 4096 visible characters of ASCII, without blanks and line breaks');
  };
}

export function integer(least: number, most: number): Parse<number> {
  return (value) => {
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= least && number <= most) return number;
    throw new ValueError(`must be a whole number from ${least} to ${most}`);
  };
}

export function decimal(least: number, most: number): Parse<number> {
  return (value) => {
    const number = Number(value);
    if (/^\d+(\.\d+)?$/.test(value) && number >= least && number <= most) return number;
    throw new ValueError(`must be a number from ${least} to ${most}`);
  };
}

export function oneOf<const T extends string>(values: readonly T[]): Parse<T> {
  return (value) => {
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw new ValueError(`must be one of ${values.join(', ')}`);
  };
}

export const flag: Parse<boolean> = (value) => {
  if (/^(true|yes|on|1)$/i.test(value)) return true;
  if (/^(false|no|off|0)$/i.test(value)) return false;
  throw new ValueError('must be true or false');
};

/** A time of day as a clock shows it, `HH:MM`. */
export const clockTime: Parse<{ readonly hour: number; readonly minute: number }> = (value) => {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(value) ?? [];
  if (hour !== undefined && minute !== undefined) return { hour: Number(hour), minute: Number(minute) };
  throw new ValueError('must be a time of day, such as "04:30"');
};

/** What ICU takes for zones and the world for several: BST is Dhaka's there, IST India's, and Temporal knows none of them. */
const ABBREVIATION = /^(?!utc|gmt|cet|eet|met|wet)[a-z]{3}$/i;

/** A time zone, spelled as Temporal knows it. */
export const timeZone: Parse<string> = (value) => {
  const name = findZone(value);
  if (name !== undefined) return name;
  throw new ValueError(
    'must be a time zone by name, such as "Europe/Brussels" or "UTC"; abbreviations have several meanings',
  );
};

/** Offsets such as +02:00 are no zones with rules. */
function findZone(value: string): string | undefined {
  if (!/^[a-z]/i.test(value) || /^systemv/i.test(value) || ABBREVIATION.test(value)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time in milliseconds, from words (`25 s`, `1 minute`, `500ms`) or from a bare number of `bareUnit`. */
export function durationMs(bareUnit: 'ms' | 's', leastMs: number, mostMs: number): Parse<number> {
  return (value) => {
    const match = /^(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)?$/i.exec(value);
    const name = match?.[2]?.toLowerCase();
    const unit = name === undefined ? bareUnit : name.startsWith('mil') || name === 'ms' ? 'ms' : name.slice(0, 1);
    const ms = match ? Number(match[1]) * (UNITS[unit] ?? Number.NaN) : Number.NaN;
    if (ms >= leastMs && ms <= mostMs) return Math.round(ms);
    const bounds = `from ${inWords(leastMs)} to ${inWords(mostMs)}`;
    throw new ValueError(`must be a length of time ${bounds}, such as "10 s", "1 minute" or "30 days"`);
  };
}

function inWords(ms: number): string {
  const unit = ['d', 'h', 's'].find((candidate) => ms > 0 && ms % (UNITS[candidate] ?? 1) === 0) ?? 'ms';
  const names: Readonly<Record<string, string>> = { d: 'days', h: 'hours', s: 's' };
  return `${ms / (UNITS[unit] ?? 1)} ${names[unit] ?? unit}`;
}

export interface EncryptionKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Secret<Uint8Array>;
}

/** `<id>:<base64 of 32 bytes>`, with commas between several; the first encrypts, all decrypt. */
export const encryptionKeys: Parse<readonly EncryptionKey[]> = (value) => {
  const keys = value.split(',').map((entry, index): EncryptionKey => {
    const match = /^([\w.-]{1,64}):([A-Za-z0-9+/]{43}=)$/.exec(entry.trim());
    const [, id = '', base64 = ''] = match ?? [];
    if (!match) throw new ValueError(`must be <id>:<base64 of 32 bytes>, which entry ${index + 1} is not`);
    return { id, key: new Secret(Uint8Array.from(Buffer.from(base64, 'base64'))) };
  });
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new ValueError('must not use one id twice');
  return keys;
};

/** A secret as Standard Webhooks writes it: `whsec_` and the base64 of 24 to 64 bytes. */
export const webhookSecret: Parse<Uint8Array> = (value) => {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value)?.[1];
  const bytes = Uint8Array.from(Buffer.from(base64 ?? '', 'base64'));
  if (base64 !== undefined && bytes.length >= 24 && bytes.length <= 64) return bytes;
  throw new ValueError('must be whsec_<base64 of 24 to 64 bytes>');
};
