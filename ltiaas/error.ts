import { inspect } from 'node:util';
import type { Scrub } from './scrub.js';

/**
 * - `http`: an answer with a status other than 2xx (redirects included: they are never followed).
 * - `timeout`: no complete answer within the call's time.
 * - `network`: the connection could not be made, or broke.
 * - `aborted`: the caller's signal ended the call.
 * - `notBegun`: the instant by which the call had to begin had passed; nothing was sent.
 * - `tooLarge`, `invalidAnswer`: a 2xx whose body is longer than the limit, or is not what was asked for.
 */
export type LtiaasErrorKind = 'http' | 'timeout' | 'network' | 'aborted' | 'notBegun' | 'tooLarge' | 'invalidAnswer';

/** Who wrote the answer: the LMS (relayed), LTIAAS itself, or something on the way, such as a gateway or a proxy. */
export type AnsweredBy = 'lms' | 'ltiaas' | 'other';

/** What is known about a call that failed. Holds no credential, no URL with a query and no e-mail address. */
export interface LtiaasErrorFacts {
  readonly kind: LtiaasErrorKind;
  /** Whether the far side may have seen the request. False only where it certainly has not. */
  readonly sent: boolean;
  readonly method: string;
  /** The route as a template, for example `POST /api/lineitems/{id}/scores`. */
  readonly route: string;
  readonly durationMs: number;
  readonly status?: number | undefined;
  /** LTIAAS's code (`INACTIVE_SERVICE`) or that of the transport (`ECONNREFUSED`). */
  readonly code?: string | undefined;
  /** What was answered, the words of the LMS first; scrubbed, 500 characters at most. */
  readonly excerpt?: string | undefined;
  readonly answeredBy?: AnsweredBy | undefined;
  /** From `Retry-After`, one hour at most. */
  readonly retryAfterMs?: number | undefined;
  /** From Canvas's `X-Rate-Limit-Remaining`, should LTIAAS pass it on. */
  readonly rateRemaining?: number | undefined;
}

/** A call to LTIAAS that did not give what was asked for, with its facts as fields. Safe to log whole. */
export class LtiaasError extends Error implements LtiaasErrorFacts {
  readonly kind: LtiaasErrorKind;
  readonly sent: boolean;
  readonly method: string;
  readonly route: string;
  readonly durationMs: number;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly excerpt: string | undefined;
  readonly answeredBy: AnsweredBy | undefined;
  readonly retryAfterMs: number | undefined;
  readonly rateRemaining: number | undefined;

  /** `cause` must be clean already: see {@link cleanCause}. */
  constructor(facts: LtiaasErrorFacts, cause?: Error) {
    super(summaryOf(facts), cause && { cause });
    this.name = 'LtiaasError';
    this.kind = facts.kind;
    this.sent = facts.sent;
    this.method = facts.method;
    this.route = facts.route;
    this.durationMs = facts.durationMs;
    this.status = facts.status;
    this.code = facts.code;
    this.excerpt = facts.excerpt;
    this.answeredBy = facts.answeredBy;
    this.retryAfterMs = facts.retryAfterMs;
    this.rateRemaining = facts.rateRemaining;
  }

  toJSON(): Record<string, unknown> {
    return { name: this.name, message: this.message, ...this.facts() };
  }

  [inspect.custom](): string {
    const cause = this.cause instanceof Error ? `\n  caused by ${this.cause.name}: ${this.cause.message}` : '';
    return `${this.stack ?? this.message} ${inspect(this.facts(), { compact: true, breakLength: Infinity })}${cause}`;
  }

  /** The facts alone, without what is not known. */
  facts(): LtiaasErrorFacts {
    const { kind, sent, method, route, durationMs, status, code, excerpt, answeredBy, retryAfterMs, rateRemaining } =
      this;
    return {
      kind,
      sent,
      method,
      route,
      durationMs,
      ...(status !== undefined && { status }),
      ...(code !== undefined && { code }),
      ...(excerpt !== undefined && { excerpt }),
      ...(answeredBy !== undefined && { answeredBy }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(rateRemaining !== undefined && { rateRemaining }),
    };
  }
}

/**
 * A copy of a foreign error with its name, code, message and stack, scrubbed, and nothing else: undici's errors carry
 * sockets, headers and pieces of bodies.
 */
export function cleanCause(error: unknown, scrub: Scrub): Error {
  if (!(error instanceof Error)) return new Error(scrub(String(error)));
  const clean = new Error(scrub(error.message));
  clean.name = error.name;
  clean.stack = scrub(error.stack ?? '');
  return Object.assign(clean, { code: codeOf(error) });
}

/** The transport's code of an error, such as `ECONNRESET`, also where it hides in an AggregateError or a cause. */
export function codeOf(error: unknown, depth = 3): string | undefined {
  if (!(error instanceof Error) || depth === 0) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return codeOf(error.errors[0], depth - 1);
  return codeOf(error.cause, depth - 1);
}

function summaryOf({ kind, route, status, excerpt }: LtiaasErrorFacts): string {
  const what = kind === 'http' ? `answered ${status}` : `failed (${kind}${status === undefined ? '' : `, ${status}`})`;
  return excerpt ? `${route} ${what}: ${excerpt}` : `${route} ${what}`;
}
