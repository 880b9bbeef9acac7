/** What the API needs from outside. The root (server.ts) hands in adapters that fit; tests hand in fakes for two of them. */
import type { Failure } from '../domain/failure.js';
import type { LmsFamily } from '../domain/platform.js';
import type { ApiKeyStore, AuditTrail, IdempotencyKeyStore } from './ports/access.js';
import type { DriftReader } from './ports/drifts.js';
import type { BackfillDecision } from '../domain/backfill.js';
import type { BackfillStore } from './ports/backfills.js';
import type { LaunchRecorder, LtiaasPort, ReadIdToken, ServiceKeyReader } from './ports/launches.js';
import type { MembershipReader } from './ports/memberships.js';
import type { OperationsReader, PlatformStore } from './ports/operations.js';
import type { RunStore } from './ports/runs.js';
import type { Schedules } from './ports/schedules.js';
import type { ContextReader, GradePolicies, Releases, ScoreIntake, ScoreReader } from './ports/scores.js';
import type { WebhookStore } from './ports/webhooks.js';
import type { WorkflowLink } from './temporal/workflow-link.js';

/** Everything in Postgres. Reads take the caller's platforms and give only what it may see. */
export interface Store {
  apiKeys: ApiKeyStore;
  idempotencyKeys: IdempotencyKeyStore;
  audit: AuditTrail;
  launches: LaunchRecorder;
  serviceKeys: ServiceKeyReader;
  intake: ScoreIntake;
  scores: ScoreReader;
  releases: Releases;
  contexts: ContextReader;
  memberships: MembershipReader;
  drifts: DriftReader;
  platforms: PlatformStore;
  gradePolicies: GradePolicies;
  operations: OperationsReader;
  runs: RunStore;
  webhooks: WebhookStore;
  backfills: BackfillStore;
}

export type SyncTrigger = 'api' | 'launch' | 'operator' | 'webhook';

export interface RequestSyncInput {
  /** Our uuids. */
  context: string;
  deployment: string;
  trigger: SyncTrigger;
  roster?: boolean;
  lineItems?: boolean;
  /** The run that asks. */
  run?: string;
  reconcile?: boolean;
  resend?: boolean;
}

export interface QueueHealth {
  taskQueue: string;
  /** Workers that asked for work in the last minutes. */
  pollers: number;
}

/** Temporal. Every method has a deadline of its own and rejects when it passes. */
export interface Workflows {
  /** Starts the actor of a context, or signals the one that runs. Repeating is safe: requests coalesce. */
  requestSync(input: RequestSyncInput): Promise<WorkflowLink>;
  /** Where the UI shows the actor of a context, and the run of it that made an attempt. No call. */
  linkOfRun(context: string, runId: string): WorkflowLink;
  linkOfContext(context: string): WorkflowLink;
  linkOf(workflowId: string): WorkflowLink;
  /** Where the UI lists all workflows of a run of ours. No call. */
  urlOfRun(run: string): string | null;
  /** Starts a backfill, or leaves alone the one that runs. */
  startBackfill(backfill: string): Promise<WorkflowLink>;
  linkOfBackfill(backfill: string): WorkflowLink;
  /** Lets its workflow carry out a decision. `refused`: it does not fit where the backfill stands. */
  decideBackfill(input: {
    backfill: string;
    decision: BackfillDecision;
    apiKey: string;
  }): Promise<'done' | 'refused' | 'byAuthor'>;
  checkHealth(): Promise<void>;
  listQueues(): Promise<QueueHealth[]>;
}

export interface Deps {
  store: Store;
  workflows: Workflows;
  schedules: Schedules;
  ltiaas: LtiaasPort;
  readIdToken: ReadIdToken;
  /** The kind of failure behind a call to LTIAAS that went wrong; throws what is no such error. */
  classify: (error: unknown, operation: 'getIdToken' | 'listLineItems' | 'listMemberships') => Failure;
  familyOf: (hints: { productFamilyCode?: string | undefined; urls?: readonly (string | undefined)[] }) => LmsFamily;
  now: () => Date;
}

export interface ApiSettings {
  /** Of bodies that are not streams. */
  bodyLimitBytes: number;
  /** Whether, and how far, forwarded headers are believed. */
  trustProxy?: boolean | number | string;
  /** Requests per minute and API key; null: no limit. */
  requestsPerMinute: number | null;
  /** Contexts that one request pokes; the sweep finds the others. Default 200. */
  pokesPerRequest?: number;
  /** A backfill of more scores, or with a sharper drop in percent of the maximum, is approved by somebody else. */
  approval?: { scores: number; drop: number };
  /** How long a caller's key is remembered, in milliseconds. Default 10,000. */
  callerCacheMs?: number;
  /** How often events are looked for that a process left behind, in milliseconds. Default 15,000. */
  webhookIntervalMs?: number;
  /** How long webhook sources are remembered, in milliseconds. Default 5,000. */
  webhookSourceCacheMs?: number;
}
