import type { Parse } from './parse.js';

/** A process that reads the configuration. */
export type ProcessName = 'api' | 'worker' | 'migrate';

export interface Key<T> {
  readonly description: string;
  /** What a number without a unit means, or how the value is written. */
  readonly unit?: string;
  /** As it would be written in the environment. */
  readonly default?: string;
  /** Processes that cannot start without it. */
  readonly requiredBy?: readonly ProcessName[];
  /** What to do about it when it is required and not set. */
  readonly remedy?: string;
  readonly secret?: true;
  readonly parse: Parse<T>;
}

/** Declares one. */
export function key<T>(
  parser: Parse<T>,
  description: string,
  more: Omit<Key<T>, 'description' | 'parse'> = {},
): Key<T> {
  return { description, parse: parser, ...more };
}

export const BOTH = ['api', 'worker'] as const;
export const BRINGS_OWN = 'or run npm start, which brings its own';
