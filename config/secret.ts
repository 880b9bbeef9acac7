import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/** A value that shows itself only when asked by {@link Secret.reveal}: not in logs, JSON, templates or `inspect`. */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
