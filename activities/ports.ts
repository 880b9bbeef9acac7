/** What the activities need of the world, no more. Adapters fit these shapes; worker/main.ts puts them together. */
import type { Failure } from '../domain/failure.js';
import type { GradePolicy } from '../domain/grade-policy.js';
import type { LmsFamily } from '../domain/platform.js';
import type { ReadBackResult, ScoreValue } from '../domain/score.js';

export interface Clock {
  /** Milliseconds since 1970. */
  wallMs(): number;
  /** On the scale of `performance.now()`; goes on while a process is stopped, stands still while the machine sleeps. */
  monotonicMs(): number;
}

/** The last instant at which a call may begin, on both clocks. */
export interface BeginBy {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export type Operation = 'submitScore' | 'listLineItems' | 'createLineItem' | 'listResults' | 'listMemberships';

interface Call {
  serviceKey: string;
  signal?: AbortSignal;
}

export interface ListedLineItem {
  id: string;
  label?: string | null | undefined;
  scoreMaximum?: number | null | undefined;
  resourceId?: string | null | undefined;
  resourceLinkId?: string | null | undefined;
  tag?: string | null | undefined;
}

export interface ListedMember {
  userId: string;
  roles: readonly string[];
  status: 'Active' | 'Inactive' | 'Deleted';
  name?: string | null | undefined;
  email?: string | null | undefined;
}

export interface ListedResult extends ReadBackResult {
  userId: string;
}

/** The LTIAAS calls; each rejects with an error that `toFailure` can name. */
export interface LtiaasPort {
  submitScore(
    call: Call & {
      lineItemId: string;
      score: ScoreValue & { userId: string };
      /** The gradebook has a score of ours already: on Canvas that must not use up one more attempt. */
      reGrade: boolean;
      family: LmsFamily;
      beginBy: BeginBy;
    },
  ): Promise<{ status: number; durationMs: number }>;
  listLineItems(call: Call): Promise<ListedLineItem[]>;
  createLineItem(
    call: Call & {
      lineItem: { label: string; scoreMaximum: number; resourceId?: string; resourceLinkId?: string; tag?: string };
      family: LmsFamily;
      beginBy: BeginBy;
    },
  ): Promise<ListedLineItem>;
  /** All pages. */
  listResults(call: Call & { lineItemId: string; userId?: string; limit?: number }): Promise<ListedResult[]>;
  /** Throws unless the last page was reached. */
  resultPages(
    call: Call & { lineItemId: string; limit?: number },
  ): AsyncIterable<{ results: ListedResult[]; skipped: number }>;
  /** Throws unless the last page was reached. */
  membershipPages(call: Call): AsyncIterable<{ members: ListedMember[]; skipped: number }>;
  /** Names the failure behind an error of these calls; undefined for any other error, which is ours. */
  toFailure(error: unknown, facts: { family: LmsFamily; operation: Operation }): Failure | undefined;
}

export interface SyncablePort {
  id: string;
  deployment: string;
  family: LmsFamily;
  parkedType: string | null;
  parkedForMs: number | null;
}

export interface WorkPort {
  ready: number;
  unsettled: number;
  nextInMs: number | null;
  onWantedColumns: number;
  onParkedColumns: number;
  isBulkOnly: boolean;
}

interface Parking {
  type: string;
  detail: string | null;
  probeAfterMs: number | null;
}

export interface ContextsPort {
  findSyncable(context: string): Promise<SyncablePort | undefined>;
  getWork(context: string): Promise<WorkPort>;
  park(input: Parking & { context: string }): Promise<void>;
  unpark(context: string): Promise<void>;
  parkColumn(input: Parking & { lineItem: string }): Promise<void>;
  unparkColumns(lineItems: readonly string[]): Promise<void>;
  promoteColumn(input: Parking & { lineItem: string; from: string; failed: number }): Promise<boolean>;
  listUntended(
    limit: number,
  ): Promise<{ contextId: string; deploymentId: string; isBulkOnly: boolean; run: string | null }[]>;
}

export interface LanesPort {
  take(input: { context: string; holder: number; laneMs: number }): Promise<{ token: number } | { busyForMs: number }>;
  extend(input: { context: string; token: number; laneMs: number }): Promise<boolean>;
  release(input: { context: string; token: number; tendedForMs: number | null }): Promise<void>;
}

export interface ClaimedScore {
  id: string;
  revision: number;
  lineItem: string;
  lineItemId: string;
  userId: string;
  value: ScoreValue;
  submitted: ScoreValue | null;
  tries: number;
  isProbe: boolean;
  failsAlone: boolean;
  gradePolicy: GradePolicy;
  isDecided: boolean;
  keptBackBy: string | null;
}

export interface SendOutcome {
  id: string;
  outcome: 'submitted' | 'rejected' | 'retryable' | 'unknown' | 'notBegun' | 'confirmed' | 'held';
  failureType?: string | undefined;
  excerpt?: string | undefined;
  code?: string | undefined;
  status?: number | undefined;
  startedAt: Date;
  durationMs: number;
  restMs: number;
  serviceKey: string | null;
}

interface LaneInput {
  context: string;
  token: number;
  laneMs: number;
}

export interface ClaimsPort {
  claim(input: LaneInput & { limit: number }): Promise<ClaimedScore[] | null>;
  record(input: LaneInput & { outcomes: readonly SendOutcome[]; workflowRun: string }): Promise<boolean>;
}

export interface UnknownScore {
  id: string;
  lineItem: string;
  lineItemId: string;
  userId: string;
  sending: ScoreValue;
  submitted: ScoreValue | null;
  tries: number;
}

export interface Settlement {
  id: string;
  outcome: 'confirmed' | 'absent';
  failureType?: string | undefined;
  startedAt: Date;
  durationMs: number;
  serviceKey: string | null;
}

export interface UnknownScoresPort {
  listReady(input: { context: string; limit: number }): Promise<UnknownScore[]>;
  postpone(input: { ids: readonly string[]; restMs: number }): Promise<void>;
  settle(input: LaneInput & { settlements: readonly Settlement[]; workflowRun: string }): Promise<boolean>;
}

export interface UsableKey {
  id: string;
  serviceKey: string;
  assignmentAndGrades: boolean;
  namesAndRoles: boolean;
}

export interface KeysPort {
  listUsable(context: string): Promise<UsableKey[]>;
  markRejected(id: string): Promise<void>;
  markOk(id: string): Promise<void>;
}

export interface PlatformLimitsPort {
  takePermits(input: {
    deployment: string;
    holder: number;
    want: number;
    inFlight: number;
    starts: number;
    ttlMs: number;
  }): Promise<{ granted: number; starts: number; waitMs: number; reason: string | null }>;
  noteSuccess(deployment: string): Promise<void>;
  noteFailures(deployment: string, type: string, count: number): Promise<void>;
  open(deployment: string, type: string, restMs?: number): Promise<void>;
  noteThrottled(deployment: string, retryAfterMs: number): Promise<void>;
}

export interface WantedLineItem {
  id: string;
  resourceLinkId: string | null;
  resourceId: string | null;
  tag: string | null;
  label: string | null;
  scoreMaximum: number | null;
}

export interface LineItemsPort {
  listWanted(context: string): Promise<WantedLineItem[]>;
  storeListed(context: string, items: readonly ListedLineItem[]): Promise<{ ambiguous: string[] }>;
  reserveCreate(lineItem: string): Promise<void>;
}

export interface SyncStarterPort {
  /** Starts or wakes the actor of a course. */
  requestSync(input: {
    contextId: string;
    deploymentId: string;
    trigger: 'sweep' | 'nightly' | 'backfill';
    scores?: boolean;
    roster?: boolean;
    reconcile?: boolean;
    resend?: boolean;
    bulk?: boolean;
    run?: string;
  }): Promise<unknown>;
}
