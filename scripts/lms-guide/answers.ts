/** The rows of the failure table in words. */
import { failureOf, type FailureRadius } from '../../domain/failure.js';
import type { Operation, Rule } from '../../ltiaas/rules/rule.js';

const CALLS: Readonly<Record<Operation, string>> = {
  submitScore: 'a score',
  listLineItems: 'the list of columns',
  createLineItem: 'a new column',
  listResults: 'results',
  listMemberships: 'a roster',
  getIdToken: 'an `ltik`',
};

const KINDS: Readonly<Record<NonNullable<Rule['kind']>[number], string>> = {
  http: 'an answer',
  timeout: 'no answer in time',
  network: 'no connection, or a broken one',
  aborted: 'given up',
  notBegun: 'not begun in time',
  tooLarge: 'an answer that is too large',
  invalidAnswer: 'an answer that cannot be read',
};

export const REACHES: Readonly<Record<FailureRadius, string>> = {
  student: 'this score',
  lineItem: 'the column',
  context: 'the course',
  platform: 'the platform',
};

/** A row: what comes, what it is taken for, how far that reaches, where it was seen. */
export function toRow(rule: Rule): string[] {
  const { type, evidence } = rule;
  return [toCondition(rule), `[${type}](failures.md#${type.toLowerCase()})`, toReach(rule), evidence];
}

function toReach({ type, operation = [] }: Rule): string {
  return operation.length > 0 && operation.every((one) => one === 'getIdToken')
    ? 'the launch'
    : REACHES[failureOf(type).radius];
}

function toCondition(rule: Rule): string {
  const { kind, sent, operation, status, statusFrom, answeredBy, isQuotaSpent, seen } = rule;
  const who = answeredBy?.filter((one) => one !== undefined) ?? [];
  const parts = [
    ...(kind ? [kind.map((one) => KINDS[one]).join(' or ')] : []),
    ...(sent === undefined ? [] : [sent ? 'after the call went out' : 'before anything went out']),
    ...(status ? [status.join(', ')] : []),
    ...(statusFrom ? [`${statusFrom[0]} to ${statusFrom[1]}`] : []),
    ...(seen === undefined ? [] : [`\`${seen}\``]),
    ...(isQuotaSpent ? ['`X-Rate-Limit-Remaining` is spent'] : []),
    ...(who.length === 1
      ? [`from ${who[0] === 'lms' ? 'the LMS' : who[0] === 'ltiaas' ? 'LTIAAS' : 'elsewhere'}`]
      : []),
    ...(operation && operation.length < 4 ? [`for ${operation.map((one) => CALLS[one]).join(' or ')}`] : []),
  ];
  return parts.length === 0 ? 'anything else' : parts.join(', ');
}
