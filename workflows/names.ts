/** Task queues, schedule ids and workflow ids, each with the duplicate that it prevents. */

/**
 * Workflows and short database work; calls to platforms. How urgent a score is, is decided where scores are claimed: a
 * backfill never stands before a student's own score there, whatever the server makes of priorities.
 */
export const TASK_QUEUES = {
  workflows: 'passback-workflows',
  submit: 'passback-submit',
} as const;

export type TaskQueues = Readonly<Record<keyof typeof TASK_QUEUES, string>>;

/** Where several installations share a namespace, each has a prefix; ids of workflows are uuids and need none. */
export function withPrefix(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}-${name}`;
}

export function taskQueuesOf(prefix: string): TaskQueues {
  return { workflows: withPrefix(prefix, TASK_QUEUES.workflows), submit: withPrefix(prefix, TASK_QUEUES.submit) };
}

/** One sender for a gate: whoever made scores ready behind it, and however many, wakes the one that sends them. */
export function sendScoresWorkflowId(gate: string): string {
  return `send/${gate}`;
}

/** One actor for a course: two starts for one context, by whomever, meet in one workflow, so no column is made twice. */
export function syncContextWorkflowId(context: string): string {
  return `sync-context/${context}`;
}

/** One workflow for a backfill: whoever starts it again, after a loss or to decide, meets the one that runs. */
export function backfillWorkflowId(backfill: string): string {
  return `backfill/${backfill}`;
}

/** One workflow for a bulk operation: whoever starts it again, after a loss, meets the one that runs. */
export function bulkOperationWorkflowId(operation: string): string {
  return `bulk-operation/${operation}`;
}

/** One workflow for what was asked for one person: whoever starts it again, after a loss, meets the one that runs. */
export function personRequestWorkflowId(request: string): string {
  return `person-request/${request}`;
}

/** One workflow for an endpoint of notices: whoever has something for it meets the one that runs, so none is sent twice at once. */
export function deliverNoticesWorkflowId(endpoint: string): string {
  return `deliver-notices/${endpoint}`;
}

/** One sweep at a time: the schedule skips a tick while the last one still runs. */
export const SWEEP_SCHEDULE_ID = 'sweep';

/** One night at a time: neither the clock nor a trigger starts a second one while it runs. */
export const NIGHTLY_SCHEDULE_ID = 'nightly-sync';

/** One pass over all rosters at a time. */
export const ROSTER_SCHEDULE_ID = 'roster-refresh';

/** One pass over all gradebooks at a time, so that two never resend the same score. */
export const RECONCILE_SCHEDULE_ID = 'reconcile';

/** One upkeep at a time; two would only wait for each other. */
export const UPKEEP_SCHEDULE_ID = 'upkeep';

/** Every schedule that we declare. */
export const SCHEDULE_IDS = [
  SWEEP_SCHEDULE_ID,
  NIGHTLY_SCHEDULE_ID,
  ROSTER_SCHEDULE_ID,
  RECONCILE_SCHEDULE_ID,
  UPKEEP_SCHEDULE_ID,
] as const;

/** The short workflow types that the Temporal UI shows; a stored history names them, so never rename one. */
export const WORKFLOW_TYPES = {
  sendScores: 'sendScores',
  syncContext: 'syncContext',
  sweep: 'sweep',
  nightlySync: 'nightlySync',
  refreshRosters: 'refreshRosters',
  reconcileGradebooks: 'reconcileGradebooks',
  backfill: 'backfill',
  bulkOperation: 'bulkOperation',
  personRequest: 'personRequest',
  upkeep: 'upkeep',
  deliverNotices: 'deliverNotices',
} as const;

/** Search attributes (Keyword, `PassbackRejected` Int): opaque ids, states and counts, never a student's data. */
export const SEARCH_ATTRIBUTES = {
  platform: 'PassbackPlatform',
  context: 'PassbackContext',
  trigger: 'PassbackTrigger',
  state: 'PassbackState',
  run: 'PassbackRun',
  backfill: 'PassbackBackfill',
  rejected: 'PassbackRejected',
} as const;
