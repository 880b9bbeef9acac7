import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FailureType } from '../../domain/failure.js';
import { classifyFacts } from '../../ltiaas/classify.js';
import { rules } from '../../ltiaas/classify-table.js';
import type { AnsweredBy, LtiaasErrorFacts } from '../../ltiaas/error.js';
import { readErrorBody } from '../../ltiaas/error-body.js';
import type { Operation, Rule } from '../../ltiaas/rules/rule.js';
import { createScrub } from '../../ltiaas/scrub.js';
import { sized } from '../helpers/size.js';

/** Puts every row of the failure table that speaks of an answer through envelopes in envelopes. */

const scrub = createScrub([]);
type Wrap = (inner: unknown) => unknown;

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#x27;').replaceAll('<', '&lt;');
const page = (words: string): string =>
  `<!doctype html><html><head><style>${'p{} '.repeat(9_000)}</style><script>if (a<b) {}</script></head><h1>${words}</h1></html>`;

/** How LMSes and whatever stands between put words, or what is left of an answer that somebody else put. */
const wraps: Record<string, Wrap> = {
  message: (message) => ({ message, status: 422 }),
  errorsAsObject: (message) => ({ errors: { type: 'unprocessable', message } }),
  errorsAsList: (message) => ({ errors: [{ field: 'grade', message }] }),
  errorsAsTexts: (message) => ({ errors: [message] }),
  errorsByField: (message) => ({ errors: { grade: [{ attribute: 'grade', type: 'x', message }] } }),
  dotNet: (Message) => ({ Errors: [{ Message }] }),
  problem: (detail) => ({ type: 'about:blank', title: 'Refused', status: 403, detail }),
  oauth: (description) => ({ error: 'invalid_request', error_description: description }),
  bodyReceived: (bodyReceived) => ({ bodyReceived }),
  jsonText: (inner) => JSON.stringify(inner),
  packedMessage: (inner) => ({ message: asText(inner) }),
  packedBody: (inner) => ({ bodyReceived: asText(inner), bodySent: { comment: 'course has concluded' } }),
  byteOrderMark: (inner) => (typeof inner === 'string' ? inner : `\uFEFF ${JSON.stringify(inner)}`),
};
const relayed = new Set(['bodyReceived', 'packedBody']);

/** The outermost envelope says who answered. */
const outers: Record<string, { answeredBy: AnsweredBy; wrap: Wrap }> = {
  lmsAnswer: { answeredBy: 'lms', wrap: (bodyReceived) => ltiaas({ message: 'Request failed.', bodyReceived }) },
  lmsText: { answeredBy: 'lms', wrap: (inner) => ltiaas({ bodyReceived: asText(inner), externalUrl: 'https://x' }) },
  lmsTwice: { answeredBy: 'lms', wrap: (inner) => ltiaas({ bodyReceived: JSON.stringify(asText(inner)) }) },
  external: { answeredBy: 'lms', wrap: (inner) => ltiaas({ message: asText(inner), externalError: true }) },
  message: { answeredBy: 'ltiaas', wrap: (message) => ltiaas({ message }) },
  messageText: { answeredBy: 'ltiaas', wrap: (inner) => ltiaas({ message: asText(inner) }) },
  description: { answeredBy: 'ltiaas', wrap: (inner) => ltiaas({ description: asText(inner) }) },
  errors: { answeredBy: 'ltiaas', wrap: (inner) => ltiaas({ errors: ['Refused.', inner] }) },
  errorMessages: { answeredBy: 'ltiaas', wrap: (inner) => ltiaas({ errors: [{ message: asText(inner) }] }) },
  detailsText: { answeredBy: 'ltiaas', wrap: (inner) => ltiaas(JSON.stringify({ message: inner })) },
  packed: { answeredBy: 'ltiaas', wrap: (inner) => JSON.stringify(ltiaas({ message: asText(inner) })) },
  gateway: { answeredBy: 'other', wrap: (inner) => ({ message: asText(inner) }) },
  page: { answeredBy: 'other', wrap: (inner) => page(escape(asText(inner))) },
};

function ltiaas(details: unknown): unknown {
  return { status: 422, error: 'Unprocessable Entity', details };
}

const aChain = fc.array(fc.constantFrom(...Object.keys(wraps)), { maxLength: 8 });
const anOuter = fc.constantFrom(...Object.keys(outers));
const fromHttp = rules.filter((rule) => !rule.kind);

function factsOf(rule: Rule): LtiaasErrorFacts {
  const status = rule.status?.[0] ?? rule.statusFrom?.[0] ?? (rule.text ? 422 : 418);
  const base = { kind: 'http', sent: true, method: 'POST', route: 'POST /x', durationMs: 1, status } as const;
  return { ...base, ...(rule.isQuotaSpent && { rateRemaining: 0 }) };
}

/** What the words mean when they come bare. */
function typeOfBare(rule: Rule, answeredBy: AnsweredBy, operation: Operation): FailureType {
  const said = rule.code ? { code: rule.seen } : { excerpt: rule.seen ?? 'Refused.' };
  return classifyFacts({ ...factsOf(rule), answeredBy, ...said }, rule.family ?? 'schoology', operation).type;
}

test('every row of the failure table means the same in whatever its words were packed', () => {
  for (const rule of fromHttp) {
    const operation = rule.operation?.[0] ?? 'submitScore';
    fc.assert(
      fc.property(aChain, anOuter, (chain, name) => {
        const outer = outers[name];
        assert.ok(outer);
        const { answeredBy, wrap } = outer;
        // A code is LTIAAS's own, so one in what it relays is no code; and no page is searched for one.
        if (rule.code && (answeredBy !== 'ltiaas' || chain.some((wrapped) => relayed.has(wrapped)))) return;
        const inner = chain.reduce<unknown>((value, key) => wraps[key]?.(value), rule.seen ?? 'Refused.');
        const body = readErrorBody(asText(wrap(inner)), scrub);
        assert.equal(body.answeredBy, answeredBy);
        const { type } = classifyFacts({ ...factsOf(rule), ...body }, rule.family ?? 'schoology', operation);
        assert.equal(type, typeOfBare(rule, answeredBy, operation), `${rule.seen}: ${JSON.stringify(body)}`);
      }),
      { numRuns: sized({ full: 2_000, quick: 60 }) },
    );
  }
});

test('a row without a word on who answered means its type in every envelope', () => {
  for (const rule of fromHttp.filter(({ text, answeredBy }) => text && !answeredBy)) {
    for (const { answeredBy } of Object.values(outers)) {
      assert.equal(typeOfBare(rule, answeredBy, rule.operation?.[0] ?? 'submitScore'), rule.type, rule.seen);
    }
  }
});

test('what we sent is not told, however deep it was packed', () => {
  const sent = JSON.stringify({ errors: { grade: [{}], bodySent: 'Ada' }, bodySent: { comment: 'Ada' } });
  const body = ltiaas({ errors: [{ message: JSON.stringify(JSON.stringify({ message: sent, bodySent: 'Ada' })) }] });
  assert.doesNotMatch(JSON.stringify(readErrorBody(JSON.stringify(body), scrub)), /Ada/);
});

test('an answer that is made to cost time costs little', () => {
  let nested: unknown = 'x';
  for (let depth = 0; depth < 12; depth += 1)
    nested = { errors: [nested, { a: nested }], message: JSON.stringify(nested).slice(0, 200_000) };
  let packed = JSON.stringify('y'.repeat(1_000_000));
  for (let depth = 0; depth < 16; depth += 1) packed = JSON.stringify([packed]);
  const bodies = [
    JSON.stringify(nested),
    packed,
    `{"message":${'['.repeat(500_000)}${']'.repeat(500_000)}}`,
    `{"message":${'{"message":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
    JSON.stringify({ errors: Array.from({ length: 20 }, () => Array.from({ length: 20 }, () => Array.from({ length: 20 }, () => ({ errors: [{}, {}] })))) }),
    '<script '.repeat(250_000),
    `<p>${'<'.repeat(1_000_000)}`,
    'a@'.repeat(1_000_000),
  ]; // prettier-ignore
  for (const body of bodies) {
    const before = process.cpuUsage();
    readErrorBody(body, scrub);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 1_000_000, `${user + system} µs for ${body.slice(0, 40)}`);
  }
});

test('a secret at the end of what is scrubbed at all does not come up when the rest is taken out', () => {
  const secret = 'service-key-0123456789';
  for (const filling of [' '.repeat(19_990), `${'x '.repeat(5)}${' '.repeat(19_980)}`]) {
    const { excerpt = '' } = readErrorBody(`${filling}${secret} and more`, createScrub([secret]));
    assert.doesNotMatch(excerpt, /service/);
  }
});
