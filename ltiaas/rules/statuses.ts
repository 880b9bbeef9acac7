import type { Rule } from './rule.js';

const WRITE = ['submitScore'] as const;
const ONE_COLUMN = ['submitScore', 'listResults'] as const;
const LISTS = ['listLineItems', 'listMemberships'] as const;
const CANVAS_SCORES = 'canvas-lms app/controllers/lti/ims/scores_controller.rb';
const CANVAS_DOC = 'canvas.instructure.com/doc/api/file.assignment_tools.html';
const CANVAS_UBC = 'ubc/webwork2 lib/LTI1p3/Service/AGSResponse.pm (seen on a live Canvas)';
const HYPOTHESIS = 'hypothesis/lms lms/services/lti_grading/_v13.py (seen on live LMSes)';
const MOODLE = 'moodle mod/lti/service/gradebookservices scores.php';
const OPEN_EDX = 'openedx/xblock-lti-consumer, seen on a running release 11.4.4';
const LTIAAS = 'ltiaas.com/guides/troubleshooting/troubleshooting_error_messages';
const HTTP = 'RFC 9110';
const AGS = 'imsglobal.org/spec/lti-ags/v2p0';

/** What a status means where the words say nothing. */
export const statusRules: readonly Rule[] = [
  { type: 'LtiaasUnavailable', statusFrom: [300, 399], evidence: 'a proxy or a login page: LTIAAS does not redirect' },
  {
    type: 'ScoreOrMemberRefused',
    family: 'moodle',
    operation: WRITE,
    status: [400],
    evidence: `${MOODLE}; some versions send the status alone`,
  },
  {
    type: 'ScopeMissing',
    family: 'moodle',
    operation: ['submitScore', 'listLineItems', 'listResults', 'listMemberships'],
    status: [401],
    answeredBy: ['lms'],
    evidence: MOODLE,
  },
  {
    type: 'LineItemNotOwned',
    family: 'moodle',
    operation: ONE_COLUMN,
    status: [403],
    answeredBy: ['lms', 'ltiaas', undefined],
    evidence: MOODLE,
  },
  {
    type: 'LineItemNotOwned',
    family: 'blackboard',
    operation: ONE_COLUMN,
    status: [403],
    answeredBy: ['lms'],
    evidence: 'docs.anthology.com, AGS: only columns of the tool',
  },
  { type: 'ScoreRejected', family: 'canvas', operation: WRITE, status: [400], evidence: CANVAS_SCORES },
  { type: 'ScoreRejected', family: 'openedx', operation: WRITE, status: [400], evidence: OPEN_EDX },
  { type: 'ScoreRejected', family: 'blackboard', operation: WRITE, status: [400], evidence: HYPOTHESIS },
  {
    type: 'LineItemRejected',
    operation: ['createLineItem'],
    status: [400, 404, 422],
    answeredBy: ['lms', 'ltiaas', undefined],
    evidence: `${AGS}, 3.2; ${OPEN_EDX}`,
  },
  {
    type: 'LineItemCreationNotAllowed',
    operation: ['createLineItem'],
    status: [401, 403],
    answeredBy: ['lms'],
    evidence: `${AGS}#line-item-service-scope-and-allowed-http-methods`,
  },
  { type: 'LaunchTokenRejected', operation: ['getIdToken'], status: [401], evidence: LTIAAS },
  {
    type: 'AccessTokenExpired',
    status: [401],
    answeredBy: ['lms'],
    retryAfterMs: 1_000,
    evidence: `${CANVAS_DOC}: most 401 pass with a new token`,
  },
  { type: 'ServiceKeyRejected', status: [401], evidence: LTIAAS },
  {
    type: 'LtiaasUnavailable',
    status: [403, 404],
    answeredBy: ['other'],
    evidence: `${LTIAAS}: what is not of its JSON shape came from elsewhere`,
  },
  {
    type: 'LineItemNotFound',
    operation: ONE_COLUMN,
    status: [404, 410],
    evidence: `${CANVAS_UBC}: empty body; ${MOODLE}`,
  },
  { type: 'ContextNotFound', operation: LISTS, status: [404, 410], evidence: MOODLE },
  { type: 'LineItemNotOwned', status: [412], evidence: CANVAS_DOC },
  { type: 'TimestampConflict', operation: WRITE, status: [409], evidence: `${AGS}#timestamp; ${MOODLE}` },
  { type: 'RequestMalformed', status: [405, 406, 411, 413, 414, 415, 431], evidence: HTTP },
  { type: 'ScoreRejected', operation: WRITE, status: [422], evidence: CANVAS_SCORES },
  { type: 'PlatformUnavailable', status: [408, 425], evidence: HTTP },
  {
    type: 'OutcomeUnknown',
    operation: WRITE,
    status: [502, 504],
    evidence: 'a gateway lost the answer of a request that it had passed on',
  },
  { type: 'LtiaasUnavailable', status: [503, 502, 504], answeredBy: ['other'], evidence: HTTP },
  { type: 'PlatformUnavailable', status: [503, 502, 504], evidence: HTTP },
  {
    type: 'PlatformFailed',
    statusFrom: [500, 599],
    evidence: `${OPEN_EDX}: 500 for ever to one unknown student; ${MOODLE}: 500 on locked items`,
  },
];

/** Catches what no rule knows; the pause grows with each try like any other. */
export const restRules: readonly Rule[] = [
  { type: 'UnknownAnswer', retryAfterMs: 300_000, evidence: 'none: please add a rule' },
];
