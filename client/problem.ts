import type { ProblemStatuses } from './generated/problem-statuses.js';
import type { PlainProblem } from './generated/schemas.js';

/** Types of problems are stable URNs: `urn:passback:problem:unknown-platform`. */
export type ProblemType = keyof ProblemStatuses;

/** A problem (RFC 9457), told apart by its `type`: each of the types given is one member of the union. */
export type Problem<Type extends ProblemType = ProblemType> = {
  [One in Type]: Omit<PlainProblem, 'type' | 'status'> & { type: One; status: ProblemStatuses[One] };
}[Type];

/** The API answered with a problem, and waiting did not help or would not. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  /** A newer API may have types that are not in the union: let a `switch` have a default. */
  readonly problem: Problem;
  /** When it is worth another try, in milliseconds from the answer; null where the API does not say. */
  readonly retryAfterMs: number | null;

  constructor(problem: Problem, retryAfterMs: number | null = null) {
    super(`${problem.title} ${problem.detail}`);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer of Passback came: the network, a proxy's own page, a time that ran out. What was asked for may have been done. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  /** Of whatever answered instead; null where nothing did. */
  readonly status: number | null;
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    {
      status = null,
      retryAfterMs = null,
      cause,
    }: { status?: number | null; retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whether something that was thrown is a problem, of one of these types if any are named. */
export function isProblem<Type extends ProblemType>(
  error: unknown,
  ...types: readonly Type[]
): error is ProblemError & { readonly problem: Problem<Type> } {
  return error instanceof ProblemError && (types.length === 0 || types.some((type) => type === error.problem.type));
}

/** Whether a parsed body is a problem of Passback's, of whatever type. */
export function looksLikeProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('status' in value)) return false;
  const { type, status } = value;
  return typeof type === 'string' && type.startsWith('urn:passback:problem:') && typeof status === 'number';
}
