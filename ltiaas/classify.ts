import type { Failure } from '../domain/failure.js';
import type { LmsFamily } from '../domain/platform.js';
import { rules } from './classify-table.js';
import { LtiaasError, type LtiaasErrorFacts } from './error.js';
import type { Operation, Rule } from './rules/rule.js';

export type { Operation } from './rules/rule.js';

export interface ClassifyInput {
  /** What the client threw. Anything but an `LtiaasError` is not an answer, and thrown again. */
  readonly error: unknown;
  readonly family: LmsFamily;
  readonly operation: Operation;
}

/** Names the failure behind a call that went wrong, by status, words and LMS family: never by the status alone. */
export function classify({ error, family, operation }: ClassifyInput): Failure {
  if (!(error instanceof LtiaasError)) throw error;
  return classifyFacts(error.facts(), family, operation);
}

/** The same where the error may also be one of ours: undefined for that. */
export function toFailure(error: unknown, { family, operation }: Omit<ClassifyInput, 'error'>): Failure | undefined {
  return error instanceof LtiaasError ? classifyFacts(error.facts(), family, operation) : undefined;
}

/** The same from bare facts, for tests and for attempts that are kept. */
export function classifyFacts(facts: LtiaasErrorFacts, family: LmsFamily, operation: Operation): Failure {
  const rule = rules.find((candidate) => fits(candidate, facts, family, operation));
  const retryAfterMs = facts.retryAfterMs ?? rule?.retryAfterMs;
  return {
    type: rule?.type ?? 'UnknownAnswer',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(facts.status !== undefined && { status: facts.status }),
    ...(facts.code !== undefined && { code: facts.code }),
    ...(facts.excerpt !== undefined && { excerpt: facts.excerpt }),
  };
}

function fits(rule: Rule, facts: LtiaasErrorFacts, family: LmsFamily, operation: Operation): boolean {
  const { status, code = '', excerpt = '' } = facts;
  return (
    allows(rule.kind, facts.kind) &&
    (rule.sent === undefined || rule.sent === facts.sent) &&
    fitsFamily(rule, family) &&
    allows(rule.operation, operation) &&
    allows(rule.status, status) &&
    isWithin(rule.statusFrom, status) &&
    allows(rule.answeredBy, facts.answeredBy) &&
    (rule.isQuotaSpent === undefined || (facts.rateRemaining !== undefined && facts.rateRemaining <= 0)) &&
    (rule.code?.test(code) ?? true) &&
    (rule.text?.test(excerpt) ?? true)
  );
}

/** Words and codes are telling whatever the family is thought to be unless another is known; a status is not. */
function fitsFamily(rule: Rule, family: LmsFamily): boolean {
  if (rule.family === undefined || rule.family === family) return true;
  return family === 'unknown' && (rule.text !== undefined || rule.code !== undefined);
}

function allows<T>(allowed: readonly T[] | undefined, value: NoInfer<T> | undefined): boolean {
  return allowed === undefined || allowed.some((candidate) => candidate === value);
}

function isWithin(range: readonly [number, number] | undefined, status = 0): boolean {
  return range === undefined || (status >= range[0] && status <= range[1]);
}
