import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { isStorable } from '../domain/fields.js';
import { mendTexts } from './storable.js';

export type Json = Record<string, unknown>;

/** One thing that is wrong with a payload: where (`platform.id`, empty for the whole), and what (`is missing`). */
export interface PayloadProblem {
  readonly path: string;
  readonly problem: string;
}

export type ReadResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly PayloadProblem[] };

export type Read<T> = (value: unknown) => ReadResult<T>;

/** One page of a container. */
export interface Page<T> {
  readonly items: T[];
  /** Members that could not be used and were left out. */
  readonly skipped: number;
  readonly next?: string;
}

/**
 * A tolerant reader: nulls count as absent (Open edX sends null for every optional member), known oddities are put right
 * by `normalise`, unknown keys are kept, and only then the schema decides. It refuses ids that cannot be stored; in all
 * other texts what cannot be stored is replaced.
 */
export function createReader<S extends TSchema>(schema: S, normalise: (raw: Json) => Json): Read<Static<S>> {
  const validator = Compile(schema);
  return (value) => {
    if (!isRecord(value)) return { ok: false, problems: [{ path: '', problem: 'must be an object' }] };
    const candidate: unknown = normalise(dropNulls(value, 8));
    if (validator.Check(candidate)) {
      const mended = mendTexts(candidate);
      if (mended === candidate) return { ok: true, value: candidate };
      if (validator.Check(mended)) return { ok: true, value: mended };
    }
    return { ok: false, problems: validator.Errors(candidate).flatMap(toProblems) };
  };
}

/**
 * Reads a container's members one by one, so that one odd member does not lose its page.
 * Undefined when there is no list, or when `next` is there and cannot be followed: the rest would be lost silently.
 */
export function readPage<T>(container: unknown, key: string, read: Read<T>): Page<T> | undefined {
  const list = Array.isArray(container) ? container : isRecord(container) ? container[key] : undefined;
  const next = isRecord(container) ? (container['next'] ?? '') : '';
  if (!Array.isArray(list) || typeof next !== 'string' || !isStorable(next)) return undefined;
  const items = list.flatMap((item: unknown) => {
    const result = read(item);
    return result.ok ? [result.value] : [];
  });
  return { items, skipped: list.length - items.length, ...(next !== '' && { next }) };
}

/**
 * Ids as strings: some LMSes send numbers. Anything else, and empty strings, count as absent; so do numbers beyond those whose
 * digits are known, since two ids would become one (longer ones come as texts from `parseJsonKeepingIds`).
 */
export function withTexts(raw: Json, keys: readonly string[]): Json {
  const texts = keys.flatMap((key): [string, unknown][] => {
    const value = raw[key];
    return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER
      ? [[key, String(value)]]
      : typeof value === 'string' && value
        ? [[key, value]]
        : [];
  });
  const others = Object.entries(raw).filter(([key]) => !keys.includes(key));
  return Object.fromEntries([...others, ...texts]);
}

/** Numbers that arrive as text become numbers; what is no finite number counts as absent. */
export function withNumbers(
  raw: Json,
  keys: readonly string[],
  isUsable: (value: number) => boolean = Number.isFinite,
): Json {
  const entries = Object.entries(raw).flatMap(([key, value]): [string, unknown][] => {
    if (!keys.includes(key)) return [[key, value]];
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) && isUsable(number) ? [[key, number]] : [];
  });
  return Object.fromEntries(entries);
}

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function dropNulls(record: Json, depth: number): Json {
  const entries = Object.entries(record)
    .filter(([, value]) => value !== null)
    .map(([key, value]): [string, unknown] => [
      key,
      depth > 0 && isRecord(value) ? dropNulls(value, depth - 1) : value,
    ]);
  return Object.fromEntries(entries);
}

const MESSAGES: Readonly<Record<string, string>> = {
  minLength: 'must not be empty',
  pattern: 'holds a character that cannot be stored',
};

function toProblems(error: {
  keyword: string;
  instancePath: string;
  params: object;
  message: string;
}): PayloadProblem[] {
  const path = error.instancePath.split('/').slice(1).join('.');
  const { params } = error;
  if ('requiredProperties' in params && Array.isArray(params.requiredProperties)) {
    return params.requiredProperties.map((name) => ({
      path: [path, String(name)].filter(Boolean).join('.'),
      problem: 'is missing',
    }));
  }
  const message = MESSAGES[error.keyword] ?? error.message;
  return [{ path, problem: message.replace(/^must be (string|number|boolean)$/, 'must be a $1') }];
}
