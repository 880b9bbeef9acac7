import type { Rule } from './rule.js';

const WRITE = ['submitScore'] as const;

/** No usable answer at all. */
export const transportRules: readonly Rule[] = [
  { type: 'CallNotBegun', kind: ['notBegun'], evidence: 'nothing was sent' },
  {
    type: 'ServiceKeyRejected',
    kind: ['network'],
    code: /^UNUSABLE_SERVICE_KEY$/,
    seen: 'UNUSABLE_SERVICE_KEY',
    evidence: 'our client: a stored key that no header can carry, or far longer than any',
  },
  {
    type: 'RequestMalformed',
    kind: ['network'],
    code: /^UND_ERR_INVALID_ARG$/,
    seen: 'UND_ERR_INVALID_ARG',
    evidence: 'undici: a value that no HTTP request can carry',
  },
  {
    type: 'LineItemNotFound',
    kind: ['network'],
    code: /^UNUSABLE_LINE_ITEM_ID$/,
    seen: 'UNUSABLE_LINE_ITEM_ID',
    evidence: 'our client: an id that would change the path of the call',
  },
  { type: 'LtiaasUnavailable', kind: ['network'], sent: false, evidence: 'no connection: refused, DNS, TLS' },
  { type: 'CallNotBegun', kind: ['timeout', 'aborted'], sent: false, evidence: 'no connection came free in time' },
  {
    type: 'OutcomeUnknown',
    kind: ['timeout', 'network', 'aborted'],
    sent: true,
    operation: WRITE,
    evidence: 'the request was sent, the answer is lost',
  },
  { type: 'CallNotBegun', kind: ['aborted'], evidence: 'a read that was given up had no effect' },
  { type: 'PlatformUnavailable', kind: ['timeout'], evidence: 'LTIAAS waits for the LMS, so a slow answer is the LMS' },
  { type: 'LtiaasUnavailable', kind: ['network'], evidence: 'the connection broke' },
  {
    type: 'PageElsewhere',
    kind: ['invalidAnswer'],
    code: /^ADDRESS_ELSEWHERE$/,
    seen: 'ADDRESS_ELSEWHERE',
    evidence: 'our client: a next page on another origin than the page that names it',
  },
  {
    type: 'UnreadableAnswer',
    kind: ['tooLarge', 'invalidAnswer'],
    evidence: 'a 2xx that is no JSON of the kind asked for',
  },
];
