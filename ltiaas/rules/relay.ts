import type { Rule } from './rule.js';

const ONE_COLUMN = ['submitScore', 'listResults'] as const;
const ANY_COURSE = ['submitScore', 'listLineItems', 'createLineItem', 'listResults', 'listMemberships'] as const;
const LTIAAS = 'ltiaas.com/guides/troubleshooting/troubleshooting_error_messages';
const LTIJS = 'ltijs, by the authors of LTIAAS';
const HTTP = 'RFC 9110';

/** What LTIAAS says about itself, in codes. */
export const relayRules: readonly Rule[] = [
  {
    type: 'PlatformNotRegistered',
    code: /^(UNREGISTERED_OR_INACTIVE_PLATFORM|PLATFORM_NOT_FOUND|PLATFORM_NOT_ACTIVATED)$/,
    seen: 'UNREGISTERED_OR_INACTIVE_PLATFORM',
    evidence: LTIAAS,
  },
  { type: 'ServiceInactive', code: /^INACTIVE_SERVICE$/, seen: 'INACTIVE_SERVICE', evidence: LTIAAS },
  {
    type: 'ServiceNotAvailable',
    code: /^SERVICE_NOT_AVAILABLE_FOR_CONTEXT$/,
    seen: 'SERVICE_NOT_AVAILABLE_FOR_CONTEXT',
    evidence: LTIAAS,
  },
  {
    // Before the codes, which are the same for a bad service key: one wrong setting of ours must not look like many
    // dead keys. A text that names both proves nothing.
    type: 'ApiKeyRejected',
    status: [401, 403],
    answeredBy: ['ltiaas', 'other'],
    text: /^(?![^]*(?:service[ _-]?key|ltik))[^]*\bapi[ _-]?key\b/i,
    seen: 'Invalid API key',
    evidence: 'LTIAAS writes the cause into details.message',
  },
  {
    type: 'LaunchTokenRejected',
    operation: ['getIdToken'],
    code: /^(INVALID_LTIK\w*|MISSING_ID_TOKEN)$/,
    seen: 'INVALID_LTIK_AUTH_AUTHORIZATION_HEADER',
    evidence: LTIAAS,
  },
  {
    type: 'ApiKeyRejected',
    status: [401, 403],
    code: /API_KEY/,
    seen: 'INVALID_API_KEY',
    evidence: 'the code is not documented; its name tells',
  },
  {
    type: 'ServiceKeyRejected',
    operation: ANY_COURSE,
    code: /SERVICE_(KEY|AUTH)|^INVALID_LTIK|^MISSING_ID_TOKEN$/,
    seen: 'INVALID_SERVICE_AUTH_AUTHORIZATION_HEADER',
    evidence: 'the code for a bad service key is not documented; like that of a bad ltik',
  },
  {
    type: 'LineItemNotFound',
    operation: ONE_COLUMN,
    status: [404],
    code: /^MISSING_LINE_?ITEM$/,
    seen: 'MISSING_LINE_ITEM',
    evidence: LTIJS,
  },
  {
    type: 'RequestMalformed',
    code: /^MISSING_(LINE_ITEM|LINEITEM_ID|LINEITEM|SCORE)$/,
    seen: 'MISSING_SCORE',
    evidence: LTIJS,
  },
];

/** Slowing down, whatever the status: before 403 is taken for a refusal. */
export const throttlingRules: readonly Rule[] = [
  {
    type: 'PlatformRateLimited',
    status: [403, 429],
    text: /rate limit exceeded/i,
    retryAfterMs: 30_000,
    seen: '403 Forbidden (Rate Limit Exceeded)',
    evidence: 'canvas-lms app/middleware/request_throttle.rb',
  },
  {
    type: 'PlatformRateLimited',
    status: [403],
    isQuotaSpent: true,
    retryAfterMs: 30_000,
    evidence: 'canvas-lms app/middleware/request_throttle.rb',
  },
  { type: 'PlatformRateLimited', status: [429], retryAfterMs: 30_000, evidence: `${HTTP}; Canvas, D2L` },
];
