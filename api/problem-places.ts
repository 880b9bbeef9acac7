import { problemCatalogue, type ProblemName } from './problems.js';

/**
 * Where a problem can be the answer: at the operations of these tags, or of these operation ids. What is not named here can
 * come wherever its status is described. The tests' API refuses an answer that this does not allow.
 */
const PLACES: Partial<Record<ProblemName, readonly string[]>> = {
  'malformed-line': ['scores', 'service keys'],
  'line-too-long': ['scores', 'service keys', 'backfills'],
  'invalid-score': ['scores', 'backfills'],
  'score-given-missing': ['scores'],
  'would-clear-grade': ['scores'],
  'unknown-platform': ['launches', 'service keys', 'scores', 'syncs', 'webhooks', 'backfills', 'API keys', 'people'],
  'unknown-deployment': ['scores', 'syncs', 'webhooks', 'backfills', 'people'],
  'ambiguous-deployment': ['scores', 'syncs', 'webhooks', 'backfills'],
  'unknown-context': ['scores', 'syncs', 'webhooks', 'backfills'],
  'person-erased': ['scores', 'webhooks'],
  'ltik-rejected': ['launches'],
  'invalid-id-token': ['launches'],
  'launch-without-context': ['launches'],
  'no-grade-service': ['launches'],
  'no-service-key': ['launches', 'service keys', 'contexts'],
  'service-key-unreadable': ['service keys'],
  'invalid-schedule': ['schedules'],
  'score-not-held': ['decideOnScore'],
  'score-not-due': ['withdrawScore'],
  paused: ['contexts', 'platforms', 'service keys', 'syncs'],
  'invalid-webhook-source': ['webhooks'],
  'webhook-source-exists': ['webhooks'],
  'event-body-gone': ['webhooks'],
  'last-secret': ['webhooks'],
  'invalid-notice-endpoint': ['notices'],
  'signature-refused': ['receiveWebhook'],
  'invalid-file': ['backfills', 'service keys'],
  'backfill-overlaps': ['backfills'],
  'backfill-not-ready': ['backfills'],
  'bulk-operation-ended': ['bulk operations'],
  'configured-elsewhere': ['rotateApiKey'],
  'approval-by-author': ['approveBackfill'],
  'spool-full': ['scores', 'backfills'],
  'too-many-streams': ['scores', 'followBackfill', 'receiveWebhook'],
  'ltiaas-unavailable': ['launches', 'service keys', 'contexts'],
};

/** It is answered before there is an operation. */
const BEFORE_ANY: ProblemName = 'head-too-slow';

const names = Object.keys(problemCatalogue).filter((name): name is ProblemName => name in problemCatalogue);

/** The problems with which an operation can answer, of one status. */
export function problemsAt(
  status: number,
  { operationId, tags }: { operationId: string; tags: readonly string[] },
): ProblemName[] {
  return names.filter((name) => {
    if (problemCatalogue[name].status !== status || name === BEFORE_ANY) return false;
    const places = PLACES[name];
    return places === undefined || places.includes(operationId) || tags.some((tag) => places.includes(tag));
  });
}
