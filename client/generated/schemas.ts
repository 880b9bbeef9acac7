/** Written from /openapi.json by test/client/generated.test.ts, which says how: not to be changed by hand. */
import type { Problem } from '../problem.js';

export interface AddSecretBody {
  /** Shared with the service. Kept encrypted; never given back. */
  secret: string;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface Attempt {
  revision: number;
  kind: 'submit' | 'readBack';
  outcome: string;
  status: number | null;
  failureType: string | null;
  code: string | null;
  excerpt: string | null;
  startedAt: string;
  durationMs: number;
  /** A uuid of ours. */
  serviceKeyId: string | null;
  workflow: WorkflowLink | null;
}

export interface Backfill {
  /** A uuid of ours. */
  id: string;
  source: string;
  action: string;
  state:
    | 'receiving'
    | 'queued'
    | 'previewing'
    | 'awaitingApproval'
    | 'releasing'
    | 'paused'
    | 'cancelling'
    | 'finished'
    | 'cancelled'
    | 'failed';
  author: string;
  reason: string;
  /** A uuid of ours. */
  apiKeyId: string;
  parameters: Record<string, unknown> | null;
  /** A uuid of ours. */
  undoOf: string | null;
  dryRun: boolean;
  lines: number;
  upload: Record<string, unknown> | null;
  preview: {
    /** Lines by what they would do: raised, lowered, unchanged, given, amended, blocked, refused, repeated. */
    kinds: Record<string, number>;
    /** Lines that are refused, blocked or left alone, by why. */
    reasons: Record<string, number>;
    toSend: number;
    /** Lines that could not be read. */
    unreadable: number;
    /** Of all grades that fall, in percent of the maximum. */
    largestDrop: number;
    /** How many of the grades to be sent change by how much, in percent of the maximum, from the sharpest drop on. Tenths that hold none are left out; what changes by more than the whole stands below -100 or from 100 on. */
    histogram: { from: number; to: number; count: number }[];
    contexts: number;
    columns: number;
    /** Whose grades were read from the LMS. */
    checkedColumns: number;
    /** What sending would take at the present limits. */
    estimate: { calls: number; seconds: number };
    samples: BackfillChange[];
  } | null;
  progress: BackfillCounts;
  approval: {
    needed: boolean | null;
    byAnother: boolean | null;
    /** The API key. */
    approvedBy: string | null;
    approvedAt: string | null;
  };
  /** Paused by hand: nothing is sent to it or read from it meanwhile. Null when it is not. */
  paused: Pause | null;
  perSecond: number | null;
  failure: {
    type?: string;
    detail?: string;
    /** A uuid of ours. */
    backfill?: string | null;
  } | null;
  /** A uuid of ours. */
  behind: string | null;
  createdAt: string | null;
  releasedAt: string | null;
  endedAt: string | null;
  workflow: WorkflowLink;
}

export interface BackfillChange {
  /** Of the file; with a filter, a running number. */
  line: number;
  platformId: string;
  contextId: string;
  lineItem: { id: string | null; resourceLinkId: string | null; resourceId: string | null; tag: string | null };
  userId: string;
  /** A uuid of ours. */
  scoreId: string | null;
  /** raised, lowered, unchanged, given, amended, blocked, refused, repeated */
  kind: string | null;
  before: { scoreGiven?: number | null; scoreMaximum?: number | null } | null;
  after: { scoreGiven?: number | null; scoreMaximum?: number | null } | null;
  seenInGradebook: number | null;
  /** staged, skipped, pending, released, sent, there, rejected, held, overtaken, unsent */
  outcome: string;
  reason: string | null;
  otherLine: number | null;
  at: string | null;
}

export interface BackfillColumn {
  platformId: string;
  contextId: string;
  lineItem: {
    id: string | null;
    resourceLinkId: string | null;
    resourceId: string | null;
    tag: string | null;
    label: string | null;
  };
  problem: string | null;
  blocked: string | null;
  counts: Record<string, number>;
}

export interface BackfillCounts {
  toSend: number;
  sent: number;
  rejected: number;
  /** The tool changed them meanwhile; its word stands. */
  overtaken: number;
  unsent: number;
  ratePerSecond: number;
  secondsLeft: number | null;
}

/** One server-sent event: `event` is its name, and `data` a line of JSON. */
export type BackfillEvent =
  { event: 'progress' | 'end'; data: BackfillProgress } | { event: 'stopping'; data: Record<string, unknown> };

export interface BackfillProblem {
  line: number;
  type: string;
  detail: string;
  otherLine: number | null;
}

export interface BackfillProgress {
  state:
    | 'receiving'
    | 'queued'
    | 'previewing'
    | 'awaitingApproval'
    | 'releasing'
    | 'paused'
    | 'cancelling'
    | 'finished'
    | 'cancelled'
    | 'failed';
  toSend: number;
  sent: number;
  rejected: number;
  /** The tool changed them meanwhile; its word stands. */
  overtaken: number;
  unsent: number;
  ratePerSecond: number;
  secondsLeft: number | null;
}

export interface Backlog {
  platformId: string;
  deploymentId: string;
  due: number;
  awaitsNightly: number;
  sending: number;
  unknown: number;
  oldestReadySeconds: number | null;
}

/** What an operator does to many rows, page by page. */
export interface BulkOperation {
  /** A uuid of ours. */
  id: string;
  kind: 'retryScores' | 'sync' | 'resumeContext' | 'replayEvents';
  /** `running`: the rest is done in the background. `failed`: a page can never be done; what was done before stays done. */
  state: 'running' | 'completed' | 'cancelled' | 'failed';
  /** Rows that were changed, so far. */
  acted: number;
  /** Those named that need nothing, or are not there, and those that somebody took back before they were sent. */
  skipped: number;
  /** Those that it cannot be done to, such as events whose body is gone. */
  failed: number;
  /** More of what was done, by name. */
  details: Record<string, number>;
  /** Why it failed: the code of PostgreSQL. */
  failure: string | null;
  reason: string | null;
  startedAt: string;
  updatedAt: string;
  endedAt: string | null;
  workflow: WorkflowLink;
}

export interface Call {
  method: 'POST' | 'PUT' | 'PATCH';
  path: string;
  /** Without its `reason`, which you give. */
  body: Record<string, unknown>;
}

export interface ChangeNoticeEndpointBody {
  /** Where notices go: https, and a public address when the connection is made. Kept encrypted, shown never. */
  url?: string;
  /** `slack`: `{"text": …}`, as incoming webhooks of Slack take it. */
  format?: 'standard-webhooks' | 'slack';
  kinds?: (
    | 'launchNeeded'
    | 'contextParked'
    | 'lineItemParked'
    | 'breakerOpen'
    | 'nightIncomplete'
    | 'backfillUnapproved'
    | 'endpointDisabled'
    | 'scoresRejected'
    | 'scoreOutcome'
  )[];
  /** Of this platform only. */
  platformId?: string | null;
  /** Of this course of the platform only. */
  contextId?: string | null;
  /** Between two digests of rejected scores. */
  digestMinutes?: number;
  description?: string | null;
  disabled?: boolean;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface ChangePlatformBody {
  /** The LMS product; null leaves it to guessing again. */
  family?: 'canvas' | 'moodle' | 'blackboard' | 'd2l' | 'schoology' | 'sakai' | 'openedx' | 'unknown' | null;
  /** What shares limits and breaker: all deployments, or each for itself. Null: as the LMS product has it. */
  limitBy?: 'platform' | 'deployment' | null;
  limits?: { inFlightMax?: number; ratePerSecond?: number | null };
  /** Whose limits are meant, and of those that share them; without it, all. */
  deploymentId?: string;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface ChangeScheduleBody {
  /** Minute, hour, day of the month, month, day of the week; all must match. */
  cron?: string;
  timeZone?: string;
  /** It begins up to so much later. */
  jitterSeconds?: number;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface ChangeWebhookSourceBody {
  verification?: WebhookVerification;
  mapping?: WebhookMapping;
  limits?: { maxBodyBytes?: number; eventsPerMinute?: number | null; expireDays?: number; keepBodiesDays?: number };
  disabled?: boolean;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

/** The gradebook column. */
export type ColumnName =
  | { id: string }
  | { resourceLinkId: string }
  | { resourceId: string; tag?: string; label: string; scoreMaximum: number };

export interface ConsoleSession {
  /** A uuid of ours. */
  id: string;
  /** The key that somebody signed in with. */
  apiKey: string;
  keyName: string;
  /** The last characters of the key. */
  keyHint: string;
  createdAt: string;
  lastSeenAt: string;
  /** Sooner where nobody does anything for an hour. */
  expiresAt: string;
}

export interface Context {
  /** A uuid of ours. */
  id: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  title: string | null;
  /** Whose grade counts where a person changed one. */
  gradePolicy: 'toolWins' | 'humanWins' | 'ask';
  /** Set aside, and why; null when it is not. */
  parked: Parking | null;
  /** Paused by hand: nothing is sent to it or read from it meanwhile. Null when it is not. */
  paused: Pause | null;
  /** Scores that are not at their end. */
  waiting: number;
  lineItemsReadAt: string | null;
  rosterReadAt: string | null;
  resultsReadAt: string | null;
  lastAttemptedAt: string | null;
  createdAt: string;
  workflow: WorkflowLink;
}

export interface CountFailuresAnswer {
  /** Scores that a retry of the filter makes due. */
  count: number;
  /** Beside them, those that it skips, since somebody or a backfill took them back before they were sent. Name their `failureType` to retry them. */
  takenBack: number;
  /** There are more. */
  isCapped: boolean;
}

export interface CountedContext {
  /** A uuid of ours. */
  id: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  title: string | null;
  /** Whose grade counts where a person changed one. */
  gradePolicy: 'toolWins' | 'humanWins' | 'ask';
  /** Set aside, and why; null when it is not. */
  parked: Parking | null;
  /** Paused by hand: nothing is sent to it or read from it meanwhile. Null when it is not. */
  paused: Pause | null;
  /** Scores that are not at their end. */
  waiting: number;
  lineItemsReadAt: string | null;
  rosterReadAt: string | null;
  resultsReadAt: string | null;
  lastAttemptedAt: string | null;
  createdAt: string;
  workflow: WorkflowLink;
  scores: ScoreCounts;
  /** How whole it is; null: it was never read. */
  roster: {
    active: number;
    /** Those who left. */
    gone: number;
    /** Of the active, those whom the last reading did not list: with the next they are gone. */
    missed: number;
    /** People who have scores here and whom the roster never listed. */
    unlisted: number;
  } | null;
}

export interface CountedLineItem {
  /** A uuid of ours. */
  uuid: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  /** A uuid of ours. */
  context: string;
  /** Null: wanted, not yet found or made. */
  id: string | null;
  resourceLinkId: string | null;
  resourceId: string | null;
  tag: string | null;
  label: string | null;
  scoreMaximum: number | null;
  verifiedAt: string | null;
  /** A uuid of ours. */
  mergedInto: string | null;
  /** Null: as in its course. */
  gradePolicy: 'toolWins' | 'humanWins' | 'ask' | null;
  /** Set aside, and why; null when it is not. */
  parked: Parking | null;
  scores: ScoreCounts;
}

export interface CreateApiKeyAnswer {
  /** A uuid of ours. */
  id: string;
  name: string;
  /** The last characters of the key. */
  hint: string;
  scopes: string[];
  /** Platform ids that it is limited to, beside its deployments; null: all. */
  platforms: string[] | null;
  /** Deployments that it is limited to, beside its platforms; null: all. */
  deployments: { platformId: string; deploymentId: string }[] | null;
  /** The key that it was made with; null: it came with the configuration. */
  createdBy: string | null;
  /** What that one is called; null where the caller does not see it. */
  createdByName: string | null;
  /** The key whose doing all of these are that it has made, one after the other; its own id where that is itself. Keys of one lineage approve nothing for each other. */
  lineage: string;
  createdAt: string;
  lastUsedAt: string | null;
  /** When it ends by itself; null: never. */
  expiresAt: string | null;
  /** When it got its present secret; null: it has its first. */
  rotatedAt: string | null;
  revokedAt: string | null;
  /** `pb_live_`, 40 characters of base 62, and their CRC-32 as six digits of base 62 (0-9, A-Z, a-z). */
  key: string;
}

export interface CreateApiKeyBody {
  name: string;
  scopes: ('launches:write' | 'scores:write' | 'read' | 'people:read' | 'operate' | 'approve' | 'admin')[];
  /** Platforms, by their ids, with all of each. */
  platforms?: string[];
  /** Deployments of other platforms: of these nothing else is seen. */
  deployments?: { platformId: string; deploymentId: string }[];
  /** When it ends by itself; default: with the key that it is made with, if that ends, and no later. */
  expiresAt?: string | null;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface CreateWebhookSourceBody {
  /** Stands in the address that the service calls. With a dot and an ending of its own where a limited key made it. */
  name: string;
  /** Platforms, by their ids, with all of each. */
  platforms?: string[];
  /** Deployments of other platforms: of these nothing else is seen. */
  deployments?: { platformId: string; deploymentId: string }[];
  verification: WebhookVerification;
  /** Shared with the service. Kept encrypted; never given back. */
  secret: string;
  mapping: WebhookMapping;
  limits?: { maxBodyBytes?: number; eventsPerMinute?: number | null; expireDays?: number; keepBodiesDays?: number };
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface DecideOnScoreAnswer {
  /** A uuid of ours. */
  id: string;
  workflows: WorkflowLink[];
}

export interface DecideOnScoreBody {
  decision: 'send' | 'keep';
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface Deployment {
  /** A uuid of ours. */
  id: string;
  deploymentId: string;
  /** Deployments with the same gate share limits and breaker. */
  gate: string;
  limits: {
    inFlightMax: number;
    /** Lower than the maximum for a while after the LMS asked for fewer calls. */
    inFlightNow: number;
    ratePerSecond: number | null;
  };
  breaker: {
    state: 'closed' | 'open' | 'halfOpen';
    type: string | null;
    /** When it opened; null: it is closed. */
    since: string | null;
  };
  blockedUntil: string | null;
  /** Paused by hand: nothing is sent to it or read from it meanwhile. Null when it is not. */
  paused: Pause | null;
}

export interface DiagnoseAnswer {
  /** Nothing failed, and nothing is unknown. */
  ok: boolean;
  lookedAt: string;
  checks: {
    name:
      | 'versions'
      | 'database'
      | 'schema'
      | 'clock'
      | 'keyRing'
      | 'temporal'
      | 'queues'
      | 'searchAttributes'
      | 'schedules'
      | 'ltiaas';
    /** `unknown`: what it would ask cannot be asked, since something else failed. */
    state: 'ok' | 'warning' | 'failed' | 'unknown';
    /** One sentence. */
    says: string;
    /** What to do about it; null where nothing is to be done. */
    helps: string | null;
  }[];
}

export interface Drift {
  id: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  /** A uuid of ours. */
  context: string;
  /** A uuid of ours. */
  scoreId: string;
  lineItem: {
    /** A uuid of ours. */
    uuid: string;
    id: string | null;
    label: string | null;
  };
  userId: string;
  /** `missing`: no grade is shown. `capped`: the maximum is shown for a score above it. `rescaled`: our figure under a new maximum. `changed`: another grade, a person's as far as anybody can know. `userGone`: the person has left, and so has the grade. */
  kind: 'missing' | 'capped' | 'rescaled' | 'changed' | 'userGone';
  sent: { revision: number; scoreGiven: number | null; scoreMaximum: number };
  shown: { resultScore: number | null; resultMaximum: number | null };
  foundAt: string;
  seenAt: string;
  resentAt: string | null;
  endedAt: string | null;
}

export interface ErasePersonBody {
  platformId: string;
  /** Only this deployment; default: all of the platform. */
  deploymentId?: string;
  /** As launches and rosters of the platform name the person. */
  userId: string;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface ExplainPersonBody {
  platformId: string;
  /** May be left out where the platform has one deployment. */
  deploymentId?: string;
  contextId: string;
  userId: string;
  /** Only this column; all given names must be its own. */
  lineItem?: {
    /** Its id in the LMS. */
    id?: string;
    resourceLinkId?: string;
    resourceId?: string;
    tag?: string;
  };
}

export interface ExplainedScore {
  /** A uuid of ours. */
  id: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  /** A uuid of ours. */
  context: string;
  lineItem: LineItemNames;
  userId: string;
  scoreGiven: number | null;
  scoreMaximum: number;
  activityProgress: 'Initialized' | 'Started' | 'InProgress' | 'Submitted' | 'Completed';
  gradingProgress: 'FullyGraded' | 'Pending' | 'PendingManual' | 'Failed' | 'NotReady';
  comment: string | null;
  submission: { startedAt?: string; submittedAt?: string } | null;
  changedAt: string;
  revision: number;
  state: 'due' | 'sending' | 'unknown' | 'submitted' | 'rejected' | 'held' | 'superseded' | 'erased';
  submittedRevision: number | null;
  submittedAt: string | null;
  waitingFor: Waiting | null;
  rejection: Rejection | null;
  submit: 'now' | 'nightly';
  priority: number;
  tries: number;
  /** A uuid of ours. */
  supersededBy: string | null;
  createdAt: string;
  updatedAt: string;
  attempts: Attempt[];
  explanation: { whatHappened: string; whatHappensNext: string; whatYouCanDo: string };
}

export interface ExportPersonBody {
  platformId: string;
  /** Only this deployment; default: all of the platform. */
  deploymentId?: string;
  /** As launches and rosters of the platform name the person. */
  userId: string;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface Failure {
  /** The kind of failure: `failureType` of the filters. */
  type: string;
  sentence: string;
  advice: string;
  platformId: string;
  /** The shortest first; each holds those before it. */
  windows: FailureWindow[];
}

export interface FailureWindow {
  /** What failed within so many hours before `countedAt`. */
  hours: number;
  count: number;
  /** There may be more: the window begins before `countedSince`. Shown as “10,000+”. */
  isCapped: boolean;
  /** With it `GET /v1/scores` lists what is counted, and `POST /v1/scores/retry` retries it. */
  filter: { state: 'rejected'; failureType: string; platformId: string; failedAfter: string; failedBefore: string };
}

export interface FindReferencesAnswer {
  references: WebhookReference[];
  nextCursor: null;
}

export interface Finding {
  /** Stable; branch on this. */
  type: string;
  severity: 'info' | 'warning' | 'critical';
  sentence: string;
  advice: string;
  count: number;
  subject: string | null;
  since: string | null;
  /** The list that has what it counts. */
  see: string | null;
  /** What puts it right, as far as a call can. */
  call: Call | null;
}

export interface ForgetKeysOfPlatformAnswer {
  /** Service keys that were deleted. */
  serviceKeys: number;
  /** Courses that they were of. */
  contexts: number;
  /** Data keys that were deleted. */
  dataKeys: number;
}

export interface GetAuditHeadAnswer {
  /** The id of the newest entry; `0`: there is none yet. */
  position: string;
  hash: string;
}

export interface GetHourlyCallsAnswer {
  hours:
    | {
        /** The beginning of the hour. */
        since: string;
        calls: number;
        /** Scores that got into the gradebook, or were seen there. */
        delivered: number;
        failed: number;
        /** How long a call took. Null: there was none. */
        meanMs: number | null;
        /** Nineteen of twenty took no longer; to about a third. Null as well: longer than a minute. */
        p95Ms: number | null;
      }[]
    | null;
}

export interface GetNoticeDeliveryAnswer {
  /** Its `webhook-id`, the same in all tries. */
  id: string;
  /** A uuid of ours. */
  endpoint: string;
  type: 'attention' | 'digest' | 'outcomes';
  state: 'pending' | 'delivered' | 'failed';
  /** Notices in it. */
  count: number;
  attempts: number;
  /** HTTP status of the last answer. */
  lastStatus: number | null;
  lastFailure:
    | 'EndpointUnreachable'
    | 'EndpointTooSlow'
    | 'EndpointRefused'
    | 'EndpointRedirects'
    | 'EndpointGone'
    | 'AddressNotAllowed'
    | 'SecretUnreadable'
    | null;
  lastTriedAt: string | null;
  deliveredAt: string | null;
  createdAt: string;
  notices: Notice[];
}

export interface GetPlatformAnswer {
  /** A uuid of ours. */
  id: string;
  platformId: string;
  url: string | null;
  productFamilyCode: string | null;
  family: 'canvas' | 'moodle' | 'blackboard' | 'd2l' | 'schoology' | 'sakai' | 'openedx' | 'unknown';
  familySetBy: 'guess' | 'operator';
  /** What shares limits and breaker: all deployments, or each for itself. Null: as the LMS product has it. */
  limitBy: 'platform' | 'deployment' | null;
  /** Paused by hand: nothing is sent to it or read from it meanwhile. Null when it is not. */
  paused: Pause | null;
  deployments: Deployment[];
  createdAt: string;
  /** Courses from which a launch was recorded. */
  contexts: number;
}

export type HandInScoresBody = ScoreItem | ScoreItem[] | { scores: ScoreItem[] };

export interface Health {
  /** The verdict: “All is well.”, “3 things need you.” */
  sentence: string;
  /** Nothing worse than information. */
  ok: boolean;
  lookedAt: string;
  findings: Finding[];
  backlog: Backlog[];
}

/** Something that a person can do, and the call that does it, where it is one. */
export interface Help {
  sentence: string;
  call: { method: 'GET' | 'POST'; path: string; body: Record<string, unknown> | null } | null;
}

export type ImportServiceKeysBody = ServiceKeyItem | ServiceKeyItem[];

export interface ImportedServiceKey {
  index: number;
  /** A uuid of ours. */
  serviceKeyId: string | null;
  /** A uuid of ours. */
  context: string | null;
  outcome: 'stored' | 'unchanged' | 'older' | 'invalid';
  problem: Problem | null;
}

export interface ImportedServiceKeys {
  serviceKeys: ImportedServiceKey[];
  stored: number;
  unchanged: number;
  older: number;
  invalid: number;
  /** Scores that waited for one of these keys. */
  resumed: number;
  workflows: WorkflowLink[];
}

export interface IsAliveAnswer {
  status: 'ok';
}

export interface IsReadyAnswer {
  status: 'ok' | 'failed' | 'degraded';
  database: 'ok' | 'failed' | 'degraded';
  temporal: 'ok' | 'failed' | 'degraded';
}

export interface Launch {
  /** Of this launch, within 24 hours; we fetch the id token. */
  ltik?: string;
  /** As `GET /api/idtoken` of LTIAAS answers it, not raw. */
  idToken?: Record<string, unknown>;
  /** When it happened; default: what the token says, else now. */
  launchedAt?: string;
}

export interface LineItem {
  /** A uuid of ours. */
  uuid: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  /** A uuid of ours. */
  context: string;
  /** Null: wanted, not yet found or made. */
  id: string | null;
  resourceLinkId: string | null;
  resourceId: string | null;
  tag: string | null;
  label: string | null;
  scoreMaximum: number | null;
  verifiedAt: string | null;
  /** A uuid of ours. */
  mergedInto: string | null;
  /** Null: as in its course. */
  gradePolicy: 'toolWins' | 'humanWins' | 'ask' | null;
  /** Set aside, and why; null when it is not. */
  parked: Parking | null;
}

export interface LineItemNames {
  /** A uuid of ours. */
  uuid: string;
  id: string | null;
  resourceLinkId: string | null;
  resourceId: string | null;
  tag: string | null;
  label: string | null;
}

export interface ListApiKeysAnswer {
  apiKeys: {
    /** A uuid of ours. */
    id: string;
    name: string;
    /** The last characters of the key. */
    hint: string;
    scopes: string[];
    /** Platform ids that it is limited to, beside its deployments; null: all. */
    platforms: string[] | null;
    /** Deployments that it is limited to, beside its platforms; null: all. */
    deployments: { platformId: string; deploymentId: string }[] | null;
    /** The key that it was made with; null: it came with the configuration. */
    createdBy: string | null;
    /** What that one is called; null where the caller does not see it. */
    createdByName: string | null;
    /** The key whose doing all of these are that it has made, one after the other; its own id where that is itself. Keys of one lineage approve nothing for each other. */
    lineage: string;
    createdAt: string;
    lastUsedAt: string | null;
    /** When it ends by itself; null: never. */
    expiresAt: string | null;
    /** When it got its present secret; null: it has its first. */
    rotatedAt: string | null;
    revokedAt: string | null;
  }[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListAuditEntriesAnswer {
  auditEntries: {
    /** Its place in the chain: a running number without gaps. */
    id: string;
    at: string;
    /** The key that it was done with. */
    apiKey: string | null;
    /** What it is called; null where the caller does not see the key. */
    keyName: string | null;
    action: string;
    /** Our id or name of the thing, or a count of them. */
    subject: string;
    /** In their own words. */
    reason: string | null;
    /** More of what was asked for, by name. */
    details: {
      /** When a pause ends by itself. */
      resumesAt?: string | null;
    } | null;
    /** The `x-request-id` of the request, by which the log is searched. */
    requestId: string | null;
    /** Most deeds are `done` together with their entry. What is done outside of the database has two: `asked` before, and after it one that `answers` it. Without an answer nobody knows; one that `failed` may be done all the same where nobody answered in time. */
    outcome: 'asked' | 'done' | 'failed';
    /** The id of the entry that said it was about to be done. */
    answers: string | null;
    /** SHA-256 of the entry and of the hash of the one before, in hexadecimal digits. */
    hash: string;
  }[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListBackfillChangesAnswer {
  changes: BackfillChange[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListBackfillColumnsAnswer {
  columns: BackfillColumn[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListBackfillProblemsAnswer {
  problems: BackfillProblem[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListBackfillsAnswer {
  backfills: Backfill[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListBulkOperationsAnswer {
  bulkOperations: BulkOperation[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListConsoleSessionsAnswer {
  consoleSessions: ConsoleSession[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListContextsAnswer {
  contexts: Context[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListContextsOfRunAnswer {
  contexts: RunContext[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListDriftsAnswer {
  resultsReadAt: string | null;
  results: Drift[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListDriftsOfAllAnswer {
  results: Drift[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListFailuresAnswer {
  countedAt: string;
  /** What failed before is not counted: where the longest window begins, or later when very many failed. */
  countedSince: string;
  /** Most first. */
  failures: Failure[];
}

export interface ListLineItemsAnswer {
  lineItems: LineItem[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListLineItemsOfContextAnswer {
  lineItems: LineItem[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListMembershipChangesAnswer {
  changes: MembershipChange[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListMembershipsAnswer {
  memberships: Membership[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListNoticeDeliveriesAnswer {
  noticeDeliveries: NoticeDelivery[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListNoticeEndpointsAnswer {
  noticeEndpoints: NoticeEndpoint[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListPlatformsAnswer {
  platforms: Platform[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListRunsAnswer {
  runs: Run[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListSchedulesAnswer {
  schedules: Schedule[];
  nextCursor: null;
}

export interface ListScoreRevisionsAnswer {
  scoreRevisions: {
    /** A uuid of ours. */
    scoreId: string;
    revision: number;
    /** When it came. */
    at: string;
    /** When it changed in the tool. */
    changedAt: string;
    source: 'apiKey' | 'event' | 'backfill' | 'backfillWithdrawn' | 'scoreSource' | 'unknown';
    /** Of the API key, webhook event, backfill or run. */
    originId: string | null;
    /** The `x-request-id` of the request that brought it. */
    requestId: string | null;
    platformId: string;
    deploymentId: string;
    contextId: string;
    lineItem: {
      /** A uuid of ours. */
      uuid: string;
      id: string | null;
      label: string | null;
    };
    userId: string;
    /** The value that it replaced; null: there was none. */
    before: { scoreGiven: number | null; scoreMaximum: number | null } | null;
    /** The value that came. */
    after: { scoreGiven: number | null; scoreMaximum: number | null } | null;
    /** Nothing newer has come since. */
    isCurrent: boolean;
  }[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListScoresAnswer {
  scores: Score[];
  /** Whatever changed before this has been read, with this page. Null in the order of creation. */
  readUntil: string | null;
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListServiceKeysAnswer {
  serviceKeys: ServiceKey[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListWebhookEventsAnswer {
  webhookEvents: WebhookEvent[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface ListWebhookSourcesAnswer {
  webhookSources: WebhookSource[];
  nextCursor: null;
}

export interface MakeNoticeEndpointAnswer {
  /** A uuid of ours. */
  id: string;
  /** Scheme and host of its address. */
  origin: string;
  /** `slack`: `{"text": …}`, as incoming webhooks of Slack take it. */
  format: 'standard-webhooks' | 'slack';
  kinds: (
    | 'launchNeeded'
    | 'contextParked'
    | 'lineItemParked'
    | 'breakerOpen'
    | 'nightIncomplete'
    | 'backfillUnapproved'
    | 'endpointDisabled'
    | 'scoresRejected'
    | 'scoreOutcome'
  )[];
  /** Platform ids that it hears of at most; null: all. */
  platforms: string[] | null;
  /** Of this platform only. */
  platformId: string | null;
  /** Of this course of the platform only. */
  contextId: string | null;
  digestMinutes: number;
  description: string | null;
  /** Newest first, never what they are. One that ends signs beside its successor until then. */
  secrets: {
    /** A uuid of ours. */
    id: string;
    createdAt: string;
    endsAt: string | null;
  }[];
  /** Tries in a row that failed. */
  failures: number;
  failingSince: string | null;
  disabledAt: string | null;
  disabledBy: 'operator' | 'failures' | 'gone' | null;
  createdAt: string;
  updatedAt: string;
  secret: string;
}

export interface MakeNoticeEndpointBody {
  /** Where notices go: https, and a public address when the connection is made. Kept encrypted, shown never. */
  url: string;
  /** `slack`: `{"text": …}`, as incoming webhooks of Slack take it. */
  format: 'standard-webhooks' | 'slack';
  kinds: (
    | 'launchNeeded'
    | 'contextParked'
    | 'lineItemParked'
    | 'breakerOpen'
    | 'nightIncomplete'
    | 'backfillUnapproved'
    | 'endpointDisabled'
    | 'scoresRejected'
    | 'scoreOutcome'
  )[];
  /** Of this platform only. */
  platformId?: string | null;
  /** Of this course of the platform only. */
  contextId?: string | null;
  /** Between two digests of rejected scores. */
  digestMinutes?: number;
  description?: string | null;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface Membership {
  userId: string;
  roles: string[];
  /** What the roles come to for grading. Scores of observers and test users are kept and not sent. */
  standing: 'learner' | 'staff' | 'observer' | 'testUser' | 'other';
  status: 'Active' | 'Inactive' | 'Deleted';
  /** Null where it is not kept, or the key lacks the scope `people:read`. */
  name: string | null;
  /** Null where it is not kept, or the key lacks the scope `people:read`. */
  email: string | null;
  /** Whole rosters in a row that did not list this person; with the second, the status is Inactive. */
  missedReads: number;
  updatedAt: string;
}

export interface MembershipChange {
  id: string;
  userId: string;
  change: 'joined' | 'left' | 'returned' | 'roleChanged';
  status: 'Active' | 'Inactive' | 'Deleted';
  rolesBefore: string[] | null;
  /** Null: the roster did not list the person. */
  rolesAfter: string[] | null;
  at: string;
}

export interface Notice {
  /** A uuid of ours. */
  id: string;
  kind:
    | 'launchNeeded'
    | 'contextParked'
    | 'lineItemParked'
    | 'breakerOpen'
    | 'nightIncomplete'
    | 'backfillUnapproved'
    | 'endpointDisabled'
    | 'scoresRejected'
    | 'scoreOutcome';
  status: 'needsAttention' | 'recovered' | 'told';
  /** A uuid of ours. */
  incident: string | null;
  since: string;
  at: string;
  sentence: string;
  advice: string;
  /** Ids, counts and codes. */
  facts: Record<string, unknown>;
}

/** One message to one endpoint. */
export interface NoticeDelivery {
  /** Its `webhook-id`, the same in all tries. */
  id: string;
  /** A uuid of ours. */
  endpoint: string;
  type: 'attention' | 'digest' | 'outcomes';
  state: 'pending' | 'delivered' | 'failed';
  /** Notices in it. */
  count: number;
  attempts: number;
  /** HTTP status of the last answer. */
  lastStatus: number | null;
  lastFailure:
    | 'EndpointUnreachable'
    | 'EndpointTooSlow'
    | 'EndpointRefused'
    | 'EndpointRedirects'
    | 'EndpointGone'
    | 'AddressNotAllowed'
    | 'SecretUnreadable'
    | null;
  lastTriedAt: string | null;
  deliveredAt: string | null;
  createdAt: string;
}

/** Who hears of what needs attention, and of what became of scores. */
export interface NoticeEndpoint {
  /** A uuid of ours. */
  id: string;
  /** Scheme and host of its address. */
  origin: string;
  /** `slack`: `{"text": …}`, as incoming webhooks of Slack take it. */
  format: 'standard-webhooks' | 'slack';
  kinds: (
    | 'launchNeeded'
    | 'contextParked'
    | 'lineItemParked'
    | 'breakerOpen'
    | 'nightIncomplete'
    | 'backfillUnapproved'
    | 'endpointDisabled'
    | 'scoresRejected'
    | 'scoreOutcome'
  )[];
  /** Platform ids that it hears of at most; null: all. */
  platforms: string[] | null;
  /** Of this platform only. */
  platformId: string | null;
  /** Of this course of the platform only. */
  contextId: string | null;
  digestMinutes: number;
  description: string | null;
  /** Newest first, never what they are. One that ends signs beside its successor until then. */
  secrets: {
    /** A uuid of ours. */
    id: string;
    createdAt: string;
    endsAt: string | null;
  }[];
  /** Tries in a row that failed. */
  failures: number;
  failingSince: string | null;
  disabledAt: string | null;
  disabledBy: 'operator' | 'failures' | 'gone' | null;
  createdAt: string;
  updatedAt: string;
}

export interface Parking {
  type: string;
  sentence: string;
  advice: string;
  detail: string | null;
  since: string;
  until: string | null;
}

export interface Pause {
  /** The words of whoever paused it, or a sentence of ours where they are not for this key. */
  reason: string;
  /** Of whoever paused it; null: it was not done through this API. */
  apiKeyId: string | null;
  /** Null: it was not done through this API. */
  since: string | null;
  /** When it ends by itself; null: somebody must resume it. */
  until: string | null;
}

export interface PauseContextBody {
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
  /** When it ends by itself; without it, somebody must resume it. */
  until?: string;
}

export interface PauseDeploymentBody {
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
  /** When it ends by itself; without it, somebody must resume it. */
  until?: string;
}

export interface PausePlatformBody {
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
  /** When it ends by itself; without it, somebody must resume it. */
  until?: string;
}

export interface PersonDocument {
  /** A uuid of ours. */
  request?: string;
  platformId?: string;
  deploymentId?: string | null;
  madeAt?: string;
  records?: { table?: string }[];
}

/** An export or an erasure of one person. It never says whose. */
export interface PersonRequest {
  /** A uuid of ours. */
  id: string;
  kind: 'export' | 'erase';
  platformId: string;
  /** Null: all of the platform. */
  deploymentId: string | null;
  reason: string;
  /** `failed`: something can never be done; what was done before stays done, and nothing of the person is taken. */
  state: 'running' | 'completed' | 'failed';
  /** What it does, or did last. */
  step: 'settle' | 'events' | 'references' | 'memberships' | 'backfills' | 'filters' | 'scores' | 'collect';
  /** Rows that were emptied, removed or copied, by their table. */
  counts: Record<string, number>;
  /** Scores whose call is under way, or whose last call may have arrived: they are waited for. */
  inFlight: number;
  /** Columns of the LMS with a grade of the person that we sent. Only the LMS can take it away. */
  columns: {
    /** A uuid of ours. */
    lineItem: string;
    lineItemId: string | null;
    label: string | null;
    contextId: string;
    deploymentId: string;
    /** False: whether a grade arrived there could not be found out. */
    isCertain: boolean;
  }[];
  /** Why it failed: the code of PostgreSQL. */
  failure: string | null;
  /** Until when the document of an export can be fetched. */
  documentUntil: string | null;
  createdAt: string;
  updatedAt: string;
  endedAt: string | null;
  workflow: WorkflowLink;
}

export interface PersonStory {
  /** One sentence. */
  verdict: string;
  /** Why there is less than was asked for. */
  findings: {
    kind:
      | 'unknownPlatform'
      | 'unknownDeployment'
      | 'neverLaunched'
      | 'unknownColumn'
      | 'noScore'
      | 'notInRoster'
      | 'leftRoster'
      | 'hasNoGrades'
      | 'noKey';
    sentence: string;
    help: Help[];
  }[];
  course: {
    /** A uuid of ours. */
    id: string;
    title: string | null;
    rosterReadAt: string | null;
  } | null;
  person: {
    status: 'Active' | 'Inactive' | 'Deleted' | null;
    standing: 'learner' | 'staff' | 'observer' | 'testUser' | 'other' | null;
  } | null;
  /** Newest change first, one for each column. */
  scores: {
    /** A uuid of ours. */
    id: string;
    lineItem: LineItemNames;
    state: 'due' | 'sending' | 'unknown' | 'submitted' | 'rejected' | 'held' | 'superseded' | 'erased';
    /** One sentence: whether the gradebook has it and, if not, why. */
    verdict: string;
    /** What the tool has. */
    tool: { revision: number; scoreGiven: number | null; scoreMaximum: number; changedAt: string };
    gradebook: { revision: number; scoreGiven: number | null; scoreMaximum: number; at: string | null } | null;
    shown: {
      kind: 'missing' | 'capped' | 'rescaled' | 'changed' | 'userGone';
      resultScore: number | null;
      resultMaximum: number | null;
      foundAt: string;
    } | null;
    waitingFor: {
      reason:
        | 'answer'
        | 'enrolment'
        | 'decision'
        | 'nightlyRun'
        | 'platformPaused'
        | 'deploymentPaused'
        | 'contextPaused'
        | 'contextParked'
        | 'lineItemParked'
        | 'launch'
        | 'platform'
        | 'rest'
        | 'readBack'
        | 'lineItem'
        | 'turn';
      type: string | null;
      since: string | null;
      until: string | null;
      sentence: string;
      advice: string;
    } | null;
    updatedAt: string;
    help: Help[];
    /** For the student: without figures, ids and how it works. */
    forStudent: string;
    /** For the administrator of the LMS: to be copied into a ticket. */
    forAdministrator: string;
  }[];
  /** There are more columns than are told of: name one. */
  hasMore: boolean;
}

export interface Platform {
  /** A uuid of ours. */
  id: string;
  platformId: string;
  url: string | null;
  productFamilyCode: string | null;
  family: 'canvas' | 'moodle' | 'blackboard' | 'd2l' | 'schoology' | 'sakai' | 'openedx' | 'unknown';
  familySetBy: 'guess' | 'operator';
  /** What shares limits and breaker: all deployments, or each for itself. Null: as the LMS product has it. */
  limitBy: 'platform' | 'deployment' | null;
  /** Paused by hand: nothing is sent to it or read from it meanwhile. Null when it is not. */
  paused: Pause | null;
  deployments: Deployment[];
  createdAt: string;
}

/** A problem (RFC 9457). */
export interface PlainProblem {
  /** Stable; branch on this. */
  type: string;
  title: string;
  status: number;
  /** What happened, for people. */
  detail: string;
  /** Where in the body (RFC 6901). */
  pointer?: string;
  errors?: { detail: string; pointer: string }[];
  /** Name it when you ask about a failure; our log has it. */
  requestId?: string;
}

export interface ReadmitPersonAnswer {
  readmitted: boolean;
}

export interface ReadmitPersonBody {
  platformId: string;
  /** Only this deployment; default: all of the platform. */
  deploymentId?: string;
  /** As launches and rosters of the platform name the person. */
  userId: string;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface ReasonOnly {
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface ReceiveWebhookAnswer {
  /** A uuid of ours. */
  id: string;
  /** How many the body holds: each is taken, or refused, by itself. */
  events: number;
}

export interface ReconcileContextAnswer {
  workflows: WorkflowLink[];
}

export interface ReconcileContextBody {
  resend?: boolean;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface RecordedLaunch {
  platformId: string;
  deploymentId: string;
  contextId: string;
  resourceLinkId: string | null;
  lineItemId: string | null;
  /** Our uuid of the key; null: this launch grants none. */
  serviceKeyId: string | null;
  services: { assignmentAndGrades: boolean; namesAndRoles: boolean };
  /** A uuid of ours. */
  context: string;
  /** Scores that waited for this launch, and go on now. */
  resumed: number;
  warnings?: Problem[];
  workflows: WorkflowLink[];
}

export interface RefreshRosterAnswer {
  workflows: WorkflowLink[];
}

export interface RefreshRostersOfPlatformAnswer {
  contexts: number;
  workflows: WorkflowLink[];
  /** Give it as `cursor` to read on; null on the last page. */
  nextCursor: string | null;
}

export interface RefreshRostersOfPlatformBody {
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
  /** `nextCursor` of the call before. */
  cursor?: string;
}

export interface Rejection {
  /** The kind of failure. */
  type: string;
  /** The same as a stable problem type. */
  problemType: string;
  sentence: string;
  advice: string;
  detail: string | null;
}

export interface ReplayWebhookEventsAnswer {
  /** So far: look whether the operation runs on. */
  replayed: number;
  /** Left as they are: their body is no longer kept. */
  withoutBody: number;
  workflows: WorkflowLink[];
  operation: BulkOperation;
}

export interface ReplayWebhookEventsBody {
  filter: {
    /** Stands in the address that the service calls. With a dot and an ending of its own where a limited key made it. */
    source: string;
    state?: 'stored' | 'scored' | 'ignored' | 'split' | 'unmatched' | 'expired' | 'invalid';
    reason?: string;
    eventId?: string;
    /** A uuid of ours. */
    partOf?: string;
    reference?: string;
    /** Of its score or reference, else as it says; of one that tells neither, a platform that its source may name. */
    platformId?: string;
    /** Of its score or reference, else as it says. */
    deploymentId?: string;
    contextId?: string;
    userId?: string;
    receivedAfter?: string;
    receivedBefore?: string;
  };
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface ResendNoticesAnswer {
  /** Its `webhook-id`, the same in all tries. */
  id: string;
  /** A uuid of ours. */
  endpoint: string;
  type: 'attention' | 'digest' | 'outcomes';
  state: 'pending' | 'delivered' | 'failed';
  /** Notices in it. */
  count: number;
  attempts: number;
  /** HTTP status of the last answer. */
  lastStatus: number | null;
  lastFailure:
    | 'EndpointUnreachable'
    | 'EndpointTooSlow'
    | 'EndpointRefused'
    | 'EndpointRedirects'
    | 'EndpointGone'
    | 'AddressNotAllowed'
    | 'SecretUnreadable'
    | null;
  lastTriedAt: string | null;
  deliveredAt: string | null;
  createdAt: string;
  workflow: WorkflowLink | null;
}

export interface ResumeContextAnswer {
  /** A uuid of ours. */
  id: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  title: string | null;
  /** Whose grade counts where a person changed one. */
  gradePolicy: 'toolWins' | 'humanWins' | 'ask';
  /** Set aside, and why; null when it is not. */
  parked: Parking | null;
  /** Paused by hand: nothing is sent to it or read from it meanwhile. Null when it is not. */
  paused: Pause | null;
  /** Scores that are not at their end. */
  waiting: number;
  lineItemsReadAt: string | null;
  rosterReadAt: string | null;
  resultsReadAt: string | null;
  lastAttemptedAt: string | null;
  createdAt: string;
  workflow: WorkflowLink;
  /** Scores that wait there; while the operation runs, those that it reached. */
  resumed: number;
  workflows: WorkflowLink[];
  operation: BulkOperation;
}

export interface ResumeLineItemAnswer {
  /** A uuid of ours. */
  uuid: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  /** A uuid of ours. */
  context: string;
  /** Null: wanted, not yet found or made. */
  id: string | null;
  resourceLinkId: string | null;
  resourceId: string | null;
  tag: string | null;
  label: string | null;
  scoreMaximum: number | null;
  verifiedAt: string | null;
  /** A uuid of ours. */
  mergedInto: string | null;
  /** Null: as in its course. */
  gradePolicy: 'toolWins' | 'humanWins' | 'ask' | null;
  /** Set aside, and why; null when it is not. */
  parked: Parking | null;
  /** Scores that wait in the column. */
  resumed: number;
  workflows: WorkflowLink[];
}

export interface RetryScoresAnswer {
  /** So far: look whether the operation runs on. */
  retried: number;
  unparkedContexts: number;
  unparkedLineItems: number;
  workflows: WorkflowLink[];
  operation: BulkOperation;
}

export interface RetryScoresBody {
  ids?: string[];
  filter?: {
    platformId?: string;
    deploymentId?: string;
    contextId?: string;
    lineItemId?: string;
    resourceLinkId?: string;
    resourceId?: string;
    tag?: string;
    /** A uuid of ours. */
    context?: string;
    userId?: string;
    state?: 'due' | 'sending' | 'unknown' | 'submitted' | 'rejected' | 'held' | 'superseded' | 'erased';
    failureType?: string;
    /** Scores that failed at this time or later, and still are rejected or held. */
    failedAfter?: string;
    /** Scores that failed before this time, and still are rejected or held. */
    failedBefore?: string;
  };
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface RotateApiKeyAnswer {
  /** A uuid of ours. */
  id: string;
  name: string;
  /** The last characters of the key. */
  hint: string;
  scopes: string[];
  /** Platform ids that it is limited to, beside its deployments; null: all. */
  platforms: string[] | null;
  /** Deployments that it is limited to, beside its platforms; null: all. */
  deployments: { platformId: string; deploymentId: string }[] | null;
  /** The key that it was made with; null: it came with the configuration. */
  createdBy: string | null;
  /** What that one is called; null where the caller does not see it. */
  createdByName: string | null;
  /** The key whose doing all of these are that it has made, one after the other; its own id where that is itself. Keys of one lineage approve nothing for each other. */
  lineage: string;
  createdAt: string;
  lastUsedAt: string | null;
  /** When it ends by itself; null: never. */
  expiresAt: string | null;
  /** When it got its present secret; null: it has its first. */
  rotatedAt: string | null;
  revokedAt: string | null;
  /** `pb_live_`, 40 characters of base 62, and their CRC-32 as six digits of base 62 (0-9, A-Z, a-z). */
  key: string;
}

export interface RotateApiKeyBody {
  /** So long the present secret is taken beside the new one; 0: it ends now. */
  overlapHours?: number;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface RotateNoticeSecretAnswer {
  /** A uuid of ours. */
  id: string;
  /** Scheme and host of its address. */
  origin: string;
  /** `slack`: `{"text": …}`, as incoming webhooks of Slack take it. */
  format: 'standard-webhooks' | 'slack';
  kinds: (
    | 'launchNeeded'
    | 'contextParked'
    | 'lineItemParked'
    | 'breakerOpen'
    | 'nightIncomplete'
    | 'backfillUnapproved'
    | 'endpointDisabled'
    | 'scoresRejected'
    | 'scoreOutcome'
  )[];
  /** Platform ids that it hears of at most; null: all. */
  platforms: string[] | null;
  /** Of this platform only. */
  platformId: string | null;
  /** Of this course of the platform only. */
  contextId: string | null;
  digestMinutes: number;
  description: string | null;
  /** Newest first, never what they are. One that ends signs beside its successor until then. */
  secrets: {
    /** A uuid of ours. */
    id: string;
    createdAt: string;
    endsAt: string | null;
  }[];
  /** Tries in a row that failed. */
  failures: number;
  failingSince: string | null;
  disabledAt: string | null;
  disabledBy: 'operator' | 'failures' | 'gone' | null;
  createdAt: string;
  updatedAt: string;
  secret: string;
}

export interface Run {
  /** A uuid of ours. */
  id: string;
  kind: 'nightly' | 'rosters' | 'reconcile' | 'sync';
  trigger: 'schedule' | 'operator' | 'api' | 'webhook' | 'backfill';
  reason: string | null;
  state: 'running' | 'completed' | 'incomplete' | 'failed';
  /** Why it did not end well. */
  trouble: string[];
  /** Courses that had something due, or that were read. */
  contexts: number;
  /** Of them, those where nothing moves any more. */
  settled: number;
  /** Of them, those that it no longer waits for though they are not settled; GET /v1/runs/{id}/contexts. */
  notSettled: number;
  submitted: number;
  /** What the score source answered and what was held already. */
  unchanged: number;
  rejected: number;
  waiting: number;
  /** Waiting scores, by what they wait for. */
  waitingFor: Record<string, number>;
  /** Courses that could not be read, by kind of failure. */
  failures: Record<string, number>;
  source: {
    /** Courses that the score source was asked about. */
    asked: number;
    accepted: number;
    unchanged: number;
    superseded: number;
    invalid: number;
    /** Courses for which it failed, by kind of failure. */
    failures: Record<string, number>;
    /** It failed so often, or took so long, that it was not asked any more. */
    gaveUp: boolean;
  } | null;
  startedAt: string;
  endedAt: string | null;
  /** So far, while it runs. */
  durationSeconds: number;
  workflowId: string | null;
  /** Its workflow in the Temporal UI. */
  url: string | null;
  /** All its workflows in the Temporal UI. */
  workflowsUrl: string | null;
}

export interface RunContext {
  /** A uuid of ours. */
  context: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  title: string | null;
  state: 'inLine' | 'underWay' | 'settled' | 'notSettled';
  askedAt: string | null;
  settledAt: string | null;
  submitted: number;
  rejected: number;
  waiting: number;
  /** Waiting scores, by what they wait for, when the run last counted. */
  waitingFor: Record<string, number>;
  /** Why it could not be read. */
  failure: string | null;
}

export interface Schedule {
  name: string;
  workflowType: string;
  /** Null where it runs by an interval, or has several times. */
  cron: string | null;
  everySeconds: number | null;
  timeZone: string;
  jitterSeconds: number;
  /** A time missed for no longer than this is made up for. */
  catchupSeconds: number;
  /** Paused by hand: nothing is sent to it or read from it meanwhile. Null when it is not. */
  paused: Pause | null;
  /** Who changed it last, and why; null also for a key that is limited to some platforms. */
  note: string | null;
  nextRuns: string[];
  running: WorkflowLink[];
  recent: { workflowId: string; url: string | null; startedAt: string }[];
  /** Times at which the run before was still under way. */
  skipped: number;
  /** Days of the coming year on which the clock leaps over its time, or shows it twice. */
  clockTrouble: { date: string; kind: 'skipped' | 'twice' }[];
  createdAt: string;
  url: string | null;
}

export interface Score {
  /** A uuid of ours. */
  id: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  /** A uuid of ours. */
  context: string;
  lineItem: LineItemNames;
  userId: string;
  scoreGiven: number | null;
  scoreMaximum: number;
  activityProgress: 'Initialized' | 'Started' | 'InProgress' | 'Submitted' | 'Completed';
  gradingProgress: 'FullyGraded' | 'Pending' | 'PendingManual' | 'Failed' | 'NotReady';
  comment: string | null;
  submission: { startedAt?: string; submittedAt?: string } | null;
  changedAt: string;
  revision: number;
  state: 'due' | 'sending' | 'unknown' | 'submitted' | 'rejected' | 'held' | 'superseded' | 'erased';
  submittedRevision: number | null;
  submittedAt: string | null;
  waitingFor: Waiting | null;
  rejection: Rejection | null;
  submit: 'now' | 'nightly';
  priority: number;
  tries: number;
  /** A uuid of ours. */
  supersededBy: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface ScoreCounts {
  due?: number;
  sending?: number;
  unknown?: number;
  submitted?: number;
  rejected?: number;
  held?: number;
  superseded?: number;
  erased?: number;
}

export interface ScoreItem {
  platformId: string;
  /** May be left out where the platform has one deployment. */
  deploymentId?: string;
  contextId: string;
  lineItem: ColumnName;
  userId: string;
  /** May be above scoreMaximum. */
  scoreGiven?: number;
  scoreMaximum: number;
  /** Takes the grade away; then without scoreGiven. */
  clear?: boolean;
  activityProgress?: 'Initialized' | 'Started' | 'InProgress' | 'Submitted' | 'Completed';
  gradingProgress?: 'FullyGraded' | 'Pending' | 'PendingManual' | 'Failed' | 'NotReady';
  /** Plain text that the student sees. */
  comment?: string;
  submission?: { startedAt?: string; submittedAt?: string };
  /** When it changed in the tool; default now. An older one never replaces a newer one. */
  changedAt?: string;
  submit?: 'now' | 'nightly';
  /** Send even where the gradebook holds this value. */
  force?: boolean;
}

/** A service key; never the key itself. */
export interface ServiceKey {
  /** A uuid of ours. */
  id: string;
  /** A uuid of ours. */
  context: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  resourceLinkId: string | null;
  assignmentAndGrades: boolean;
  namesAndRoles: boolean;
  scopes: string[] | null;
  launchedAt: string;
  rejectedAt: string | null;
  lastOkAt: string | null;
  createdAt: string;
}

export interface ServiceKeyCheck {
  ok: boolean;
  steps: {
    step: 'key' | 'lineItems' | 'roster';
    ok: boolean;
    sentence: string;
    advice: string | null;
    type: string | null;
  }[];
}

export interface ServiceKeyItem {
  platformId: string;
  /** May be left out where the platform is known with one. */
  deploymentId?: string;
  contextId: string;
  resourceLinkId?: string;
  serviceKey: string;
  lineItemId?: string;
  productFamilyCode?: string;
  platformUrl?: string;
  /** Of its launch. Without it, it replaces no key that works. */
  launchedAt?: string;
}

export interface SetContextGradePolicyAnswer {
  /** A uuid of ours. */
  id: string;
  gradePolicy: 'toolWins' | 'humanWins' | 'ask';
}

export interface SetContextGradePolicyBody {
  gradePolicy: 'toolWins' | 'humanWins' | 'ask';
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface SetLineItemGradePolicyAnswer {
  /** A uuid of ours. */
  id: string;
  gradePolicy: 'toolWins' | 'humanWins' | 'ask' | null;
}

export interface SetLineItemGradePolicyBody {
  gradePolicy: 'toolWins' | 'humanWins' | 'ask' | null;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface SetScheduleBody {
  /** Minute, hour, day of the month, month, day of the week; all must match. */
  cron: string;
  timeZone: string;
  /** It begins up to so much later. */
  jitterSeconds?: number;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface StartBackfillBody {
  /** Why; kept for good. No names of students: with an upload it stands in the address. */
  reason: string;
  /** Who answers for it. */
  author: string;
  filter: {
    platformId?: string;
    deploymentId?: string;
    contextId?: string;
    lineItemId?: string;
    resourceLinkId?: string;
    userId?: string;
    state?: 'due' | 'sending' | 'unknown' | 'submitted' | 'rejected' | 'held' | 'superseded' | 'erased';
    failureType?: string;
    /** At this time or later. */
    changedAfter?: string;
    changedBefore?: string;
  };
  action:
    | 'resend'
    | { recompute: { factor?: number; offset?: number; cap?: number | 'maximum' } }
    | {
        restore: {
          /** With the keys that it made, and the backfills of all of them. */
          apiKeyId: string;
          /** What came at this time or later. */
          since: string;
          /** And before this one. Default: now. */
          until?: string;
        };
      };
  dryRun?: boolean;
  /** `afterPreview` releases without a stop where the preview is under the threshold. */
  release?: 'onApproval' | 'afterPreview';
  queue?: boolean;
  checkGradebook?: boolean;
  perSecond?: number;
}

export interface Story {
  /** A uuid of ours. */
  id: string;
  /** One sentence: whether the gradebook has it and, if not, why. */
  verdict: string;
  /** Oldest first. */
  timeline: {
    at: string;
    kind: 'received' | 'sent' | 'readBack' | 'acted' | 'waiting' | 'ended' | 'differs';
    sentence: string;
    revision: number | null;
    origin: {
      source: 'apiKey' | 'event' | 'backfill' | 'backfillWithdrawn' | 'scoreSource' | 'unknown';
      /** Of the API key, webhook event, backfill or run. */
      id: string | null;
      name: string | null;
      requestId: string | null;
    } | null;
    answer: {
      outcome: string;
      status: number | null;
      failureType: string | null;
      code: string | null;
      excerpt: string | null;
    } | null;
    deed: {
      action: string;
      /** A uuid of ours. */
      apiKey: string | null;
      keyName: string | null;
      reason: string | null;
    } | null;
  }[];
  leftOut: {
    /** Older revisions than the timeline has. */
    revisions: number;
    /** Older calls than the timeline has, counted up to a thousand. */
    attempts: number;
  };
  waitingFor: {
    reason:
      | 'answer'
      | 'enrolment'
      | 'decision'
      | 'nightlyRun'
      | 'platformPaused'
      | 'deploymentPaused'
      | 'contextPaused'
      | 'contextParked'
      | 'lineItemParked'
      | 'launch'
      | 'platform'
      | 'rest'
      | 'readBack'
      | 'lineItem'
      | 'turn';
    type: string | null;
    since: string | null;
    until: string | null;
    sentence: string;
    advice: string;
  } | null;
  next: { sentence: string; at: string | null };
  help: Help[];
  /** For the student: without figures, ids and how it works. */
  forStudent: string;
  forAdministrator: {
    /** All of it, to be copied into a ticket. */
    text: string;
    platformId: string;
    deploymentId: string;
    contextId: string;
    userId: string;
    lineItem: {
      id: string | null;
      resourceLinkId: string | null;
      resourceId: string | null;
      tag: string | null;
      label: string | null;
    };
    answered: {
      at: string;
      kind: 'submit' | 'readBack';
      status: number | null;
      code: string | null;
      excerpt: string | null;
    } | null;
    /** What to look for in the LMS. */
    check: string;
  };
}

export interface SyncNowAnswer {
  /** Scores that waited for the night, so far: look whether the operation runs on. */
  released: number;
  /** Courses with something to send, of those looked at. */
  contexts: number;
  /** What becomes of it: GET /v1/runs/{id}. */
  runId: string;
  workflows: WorkflowLink[];
  operation: BulkOperation;
}

export interface SyncNowBody {
  /** Our uuid of a context. */
  context?: string;
  platformId?: string;
  deploymentId?: string;
  /** With platformId. */
  contextId?: string;
  all?: true;
  /** Why; kept in the audit trail. No names of students. */
  reason: string;
}

export interface TakenScore {
  index: number;
  /** Our uuid of the score. */
  id: string | null;
  revision: number | null;
  outcome: 'accepted' | 'unchanged' | 'superseded' | 'invalid';
  problem: Problem | null;
}

export interface TakenScores {
  scores: TakenScore[];
  accepted: number;
  unchanged: number;
  superseded: number;
  invalid: number;
  workflows: WorkflowLink[];
}

export interface TieReferenceBody {
  platformId: string;
  deploymentId?: string;
  contextId: string;
  lineItem: ColumnName;
  userId: string;
  /** Default: in 180 days. */
  expiresAt?: string;
}

export interface TiedWebhookReference {
  source: string;
  reference: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  /** A uuid of ours. */
  context: string;
  lineItem: LineItemNames;
  userId: string;
  expiresAt: string;
  createdAt: string;
  updatedAt: string;
  /** Events that waited for this reference, and are looked at now. */
  waiting: number;
}

export interface TryMappingBody {
  /** A body of the service, as JSON. */
  sample?: unknown;
  /** Or the same as text, byte for byte, with its headers. */
  rawBody?: string;
  headers?: Record<string, string>;
  /** To try, in place of that of the source. */
  mapping?: {
    /** A JSON pointer to a list of events, each taken by itself; empty where the body is the list. The other pointers are of a body with one entry in the place of the list. */
    events?: string;
    eventId?: string | { header: string };
    type?: { pointer: string; in: string[] };
    reference?: WebhookFact;
    platform?: WebhookFact;
    deployment?: WebhookFact;
    context?: WebhookFact;
    student?: WebhookFact;
    column?: {
      id?: WebhookFact;
      resourceLinkId?: WebhookFact;
      resourceId?: WebhookFact;
      tag?: WebhookFact;
      label?: WebhookFact;
      scoreMaximum?: WebhookFact;
    };
    score?: WebhookFact;
    percentage?: WebhookFact;
    maximum?: WebhookFact;
    comment?: WebhookFact;
    time?: WebhookFact;
    timeFormat?: 'iso8601' | 'unixSeconds' | 'unixMilliseconds';
  };
}

export interface UndoBackfillBody {
  /** Why; kept for good. No names of students: with an upload it stands in the address. */
  reason: string;
  author: string;
  dryRun?: boolean;
  /** `afterPreview` releases without a stop where the preview is under the threshold. */
  release?: 'onApproval' | 'afterPreview';
  perSecond?: number;
}

export interface Waiting {
  reason:
    | 'answer'
    | 'enrolment'
    | 'decision'
    | 'nightlyRun'
    | 'platformPaused'
    | 'deploymentPaused'
    | 'contextPaused'
    | 'contextParked'
    | 'lineItemParked'
    | 'launch'
    | 'platform'
    | 'rest'
    | 'readBack'
    | 'lineItem'
    | 'turn';
  type: string | null;
  sentence: string;
  advice: string;
  since: string | null;
  until: string | null;
}

export interface WebhookDryRun {
  state: 'stored' | 'scored' | 'ignored' | 'split' | 'unmatched' | 'expired' | 'invalid';
  reason: WebhookEventReason | null;
  eventId: string;
  facts: WebhookFacts;
  /** What would be handed in, as for `POST /v1/scores`. */
  item: Record<string, unknown> | null;
  outcome: string | null;
  /** How many events the body holds. */
  eventCount: number;
  /** Where the body was taken apart: what its first twenty events would become. */
  events: {
    state: 'stored' | 'scored' | 'ignored' | 'split' | 'unmatched' | 'expired' | 'invalid';
    reason: WebhookEventReason | null;
    eventId: string;
    facts: WebhookFacts;
    /** What would be handed in, as for `POST /v1/scores`. */
    item: Record<string, unknown> | null;
    outcome: string | null;
  }[];
  /** `valid`, or what is wrong with it; null: no rawBody was given. */
  signature: string | null;
}

export interface WebhookEvent {
  /** A uuid of ours. */
  id: string;
  source: string;
  eventId: string;
  /** The event whose body held this one among several. */
  partOf: string | null;
  state: 'stored' | 'scored' | 'ignored' | 'split' | 'unmatched' | 'expired' | 'invalid';
  stateSince: string;
  /** When it is looked at again by time alone. */
  lookAt: string | null;
  reason: WebhookEventReason | null;
  facts: WebhookFacts;
  score: {
    /** A uuid of ours. */
    id: string;
    revision: number;
    outcome: 'accepted' | 'unchanged' | 'superseded';
  } | null;
  /** How often it came again. */
  repeats: number;
  /** Of them, those with another body, of which nothing was taken. */
  differing: number;
  /** Its body is still kept. */
  replayable: boolean;
  receivedAt: string;
}

export interface WebhookEventReason {
  /** Stable; branch on this. */
  type: string;
  sentence: string;
  advice: string;
  /** Of the mapping. */
  fact: string | null;
  /** In the event. */
  pointer: string | null;
  detail: string | null;
}

/** A JSON pointer into the event, or a value that is the same for all. */
export type WebhookFact = string | { value: string | number };

/** What the event says, as far as it could be read. */
export interface WebhookFacts {
  type: string | null;
  reference: string | null;
  platformId: string | null;
  deploymentId: string | null;
  contextId: string | null;
  userId: string | null;
  changedAt: string | null;
}

export interface WebhookMapping {
  /** A JSON pointer to a list of events, each taken by itself; empty where the body is the list. The other pointers are of a body with one entry in the place of the list. */
  events?: string;
  eventId?: string | { header: string };
  type?: { pointer: string; in: string[] };
  reference?: WebhookFact;
  platform?: WebhookFact;
  deployment?: WebhookFact;
  context?: WebhookFact;
  student?: WebhookFact;
  column?: {
    id?: WebhookFact;
    resourceLinkId?: WebhookFact;
    resourceId?: WebhookFact;
    tag?: WebhookFact;
    label?: WebhookFact;
    scoreMaximum?: WebhookFact;
  };
  score?: WebhookFact;
  percentage?: WebhookFact;
  maximum?: WebhookFact;
  comment?: WebhookFact;
  time?: WebhookFact;
  timeFormat?: 'iso8601' | 'unixSeconds' | 'unixMilliseconds';
}

export interface WebhookReference {
  source: string;
  reference: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  /** A uuid of ours. */
  context: string;
  lineItem: LineItemNames;
  userId: string;
  expiresAt: string;
  createdAt: string;
  updatedAt: string;
}

export interface WebhookSource {
  /** A uuid of ours. */
  id: string;
  name: string;
  /** Platform ids that it is limited to, beside its deployments; null: all. */
  platforms: string[] | null;
  /** Deployments that it is limited to, beside its platforms; null: all. */
  deployments: { platformId: string; deploymentId: string }[] | null;
  disabled: boolean;
  verification: Record<string, unknown>;
  mapping: Record<string, unknown>;
  limits: Record<string, unknown>;
  secrets: {
    /** A uuid of ours. */
    id: string;
    createdAt: string;
  }[];
  /** The path that the service calls. */
  url: string;
  createdAt: string;
  updatedAt: string;
}

export type WebhookVerification =
  | {
      scheme: 'standardWebhooks';
      /** How old a timestamp may be; default 300. */
      toleranceSeconds?: number;
    }
  | {
      scheme: 'hmacSha256';
      header: string;
      encoding: 'hex' | 'base64';
      /** Stands before the signature: `sha256=`. */
      prefix?: string;
      /** The header is a list, such as `t=1,v1=abc`: the names in it. */
      parameters?: { signature: string; timestamp?: string };
      timestampHeader?: string;
      timestampFormat?: 'iso8601' | 'unixSeconds' | 'unixMilliseconds';
      /** Of `{body}` and `{timestamp}`; default `{body}`. */
      signedContent?: string;
      secretEncoding?: 'utf8' | 'base64' | 'hex';
      /** How old a timestamp may be; default 300. */
      toleranceSeconds?: number;
    };

export interface WhoamiAnswer {
  /** A uuid of ours. */
  id: string;
  name: string;
  /** The last characters of the key. */
  hint: string;
  scopes: string[];
  /** Platform ids that it is limited to, beside its deployments; null: all. */
  platforms: string[] | null;
  /** Deployments that it is limited to, beside its platforms; null: all. */
  deployments: { platformId: string; deploymentId: string }[] | null;
  /** The key that it was made with; null: it came with the configuration. */
  createdBy: string | null;
  /** What that one is called; null where the caller does not see it. */
  createdByName: string | null;
  /** The key whose doing all of these are that it has made, one after the other; its own id where that is itself. Keys of one lineage approve nothing for each other. */
  lineage: string;
  createdAt: string;
  lastUsedAt: string | null;
  /** When it ends by itself; null: never. */
  expiresAt: string | null;
  /** When it got its present secret; null: it has its first. */
  rotatedAt: string | null;
  /** When what this request came with ends: the key, or its secret where another has replaced it; null: never. */
  secretExpiresAt: string | null;
}

export interface WithdrawScoreBody {
  /** Why; shown with the score, and audited. */
  reason: string;
}

/** A workflow that this request started or touched. */
export interface WorkflowLink {
  workflowId: string;
  /** Where the Temporal UI shows it. */
  url: string | null;
}
