import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailureType } from '../../domain/failure.js';
import type { LmsFamily } from '../../domain/platform.js';
import { classify, classifyFacts } from '../../ltiaas/classify.js';
import { rules } from '../../ltiaas/classify-table.js';
import { LtiaasError, type LtiaasErrorFacts } from '../../ltiaas/error.js';
import type { Operation, Rule } from '../../ltiaas/rules/rule.js';

const base = { method: 'POST', route: 'POST /x', durationMs: 1 };

/** The plainest answer that a rule describes. */
function answerFor(rule: Rule): LtiaasErrorFacts {
  return {
    ...base,
    kind: rule.kind?.[0] ?? 'http',
    sent: rule.sent ?? true,
    status: rule.kind ? undefined : (rule.status?.[0] ?? rule.statusFrom?.[0] ?? (rule.text ? 422 : 418)),
    code: rule.code ? rule.seen : undefined,
    excerpt: rule.text ? rule.seen : undefined,
    answeredBy: rule.answeredBy ? rule.answeredBy[0] : rule.code ? 'ltiaas' : 'lms',
    rateRemaining: rule.isQuotaSpent ? 0 : undefined,
  };
}

const operationFor = (rule: Rule): Operation => rule.operation?.[0] ?? (rule.kind ? 'listLineItems' : 'submitScore');
const nameOf = (rule: Rule, index: number): string =>
  [index, rule.family, rule.status ?? rule.statusFrom ?? rule.kind, rule.seen, rule.operation?.[0], '→', rule.type]
    .filter((part) => part !== undefined)
    .join(' ');

rules.forEach((rule, index) => {
  test(`rule ${nameOf(rule, index)} decides about what it was written for`, () => {
    assert.ok(isFailureType(rule.type));
    assert.ok(rule.evidence.length > 3);
    if (rule.text) assert.match(rule.seen ?? '', rule.text);
    if (rule.code) assert.match(rule.seen ?? '', rule.code);
    const facts = answerFor(rule);
    const family = rule.family ?? 'schoology';
    // A 401 by LTIAAS itself is what remains when those relayed from an LMS are gone.
    const answer =
      rule.type === 'ServiceKeyRejected' && !rule.code ? { ...facts, answeredBy: 'ltiaas' as const } : facts;
    assert.equal(classifyFacts(answer, family, operationFor(rule)).type, rule.type);
  });
});

test('rules with words of one LMS serve platforms of unknown family, and not those of another', () => {
  for (const rule of rules) {
    if (!rule.family || !rule.text) continue;
    const facts = answerFor(rule);
    assert.equal(classifyFacts(facts, 'unknown', operationFor(rule)).type, rule.type, rule.seen);
    assert.notEqual(rule.family, 'schoology');
  }
});

const http = (status: number, excerpt = '', more: Partial<LtiaasErrorFacts> = {}): LtiaasErrorFacts => ({
  ...base, kind: 'http', sent: true, status, excerpt, answeredBy: 'lms', ...more,
}); // prettier-ignore

const cases: [string, LtiaasErrorFacts, LmsFamily, Operation, string][] = [
  ['a Canvas 403 that is no throttling', http(403, 'Forbidden'), 'canvas', 'submitScore', 'UnknownAnswer'],
  ['a Canvas 404 with an empty body', http(404, '', { answeredBy: undefined }), 'canvas', 'submitScore', 'LineItemNotFound'],
  ['a Canvas 422 without known words', http(422, 'ScoreMaximum must be…'), 'canvas', 'submitScore', 'ScoreRejected'],
  ['a 400 of an unknown family', http(400, 'Bad Request'), 'unknown', 'submitScore', 'UnknownAnswer'],
  ['a Moodle 400 without words', http(400), 'moodle', 'submitScore', 'ScoreOrMemberRefused'],
  ['a Moodle 401', http(401, 'Unauthorized'), 'moodle', 'submitScore', 'ScopeMissing'],
  ['a 401 relayed from another LMS', http(401, 'Unauthorized'), 'd2l', 'submitScore', 'AccessTokenExpired'],
  ['a 401 by LTIAAS itself on Moodle', http(401, 'Unauthorized', { answeredBy: 'ltiaas' }), 'moodle', 'submitScore', 'ServiceKeyRejected'],
  ['a 404 on a D2L column', http(404, 'Not Found'), 'd2l', 'submitScore', 'LineItemNotFound'],
  ['an HTML 404 by a proxy', http(404, 'Not Found', { answeredBy: 'other' }), 'canvas', 'submitScore', 'LtiaasUnavailable'],
  ['a gateway that forbids', http(403, 'Forbidden', { answeredBy: 'other' }), 'canvas', 'submitScore', 'LtiaasUnavailable'],
  ['a 504 on a score', http(504), 'canvas', 'submitScore', 'OutcomeUnknown'],
  ['a 502 by a gateway on a score', http(502, '', { answeredBy: 'other' }), 'canvas', 'submitScore', 'OutcomeUnknown'],
  ['a 504 on a read', http(504), 'canvas', 'listMemberships', 'PlatformUnavailable'],
  ['a 503 on a score', http(503), 'moodle', 'submitScore', 'PlatformUnavailable'],
  ['a 500 on a score', http(500, 'Server Error'), 'openedx', 'submitScore', 'PlatformFailed'],
  ['a 425', http(425), 'canvas', 'submitScore', 'PlatformUnavailable'],
  ['a teapot', http(418, 'I am a teapot'), 'canvas', 'listResults', 'UnknownAnswer'],
  ['an unknown course on a list', http(404, 'Not Found'), 'moodle', 'listMemberships', 'ContextNotFound'],
  ['a mention of a timestamp that is no conflict', http(400, 'Provided timestamp of x not a valid timestamp'), 'canvas', 'submitScore', 'ScoreRejected'],
  ['the words of Canvas from a D2L', http(404, 'The specified resource does not exist.'), 'd2l', 'submitScore', 'LineItemNotFound'],
]; // prettier-ignore

for (const [name, facts, family, operation, type] of cases) {
  test(`${name} is ${type}`, () => assert.equal(classifyFacts(facts, family, operation).type, type));
}

test('only a score that was sent has an unknown outcome', () => {
  for (const kind of ['timeout', 'network', 'aborted'] as const) {
    assert.equal(classifyFacts({ ...base, kind, sent: true }, 'canvas', 'submitScore').type, 'OutcomeUnknown');
    assert.notEqual(classifyFacts({ ...base, kind, sent: false }, 'canvas', 'submitScore').type, 'OutcomeUnknown');
    assert.notEqual(classifyFacts({ ...base, kind, sent: true }, 'canvas', 'listResults').type, 'OutcomeUnknown');
  }
});

test('the pause that the LMS asks for goes before ours', () => {
  const asked = classifyFacts(http(429, '', { retryAfterMs: 120_000 }), 'canvas', 'submitScore');
  assert.equal(asked.retryAfterMs, 120_000);
  assert.equal(classifyFacts(http(429), 'canvas', 'submitScore').retryAfterMs, 30_000);
});

test('an error that is no answer is thrown again', () => {
  const bug = new TypeError('x is undefined');
  assert.throws(() => classify({ error: bug, family: 'canvas', operation: 'submitScore' }), bug);
  const error = new LtiaasError(http(422, 'User not found in course or is not a student'));
  const { type, status, excerpt } = classify({ error, family: 'canvas', operation: 'submitScore' });
  assert.deepEqual([type, status, excerpt], ['MemberNotInContext', 422, error.excerpt]);
});
