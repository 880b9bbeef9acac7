/** Backfills as the API stores and reads them. */
import type { BackfillDecision, BackfillFailure, BackfillState, ChangeKind } from '../../domain/backfill.js';
import type { Correction } from '../../domain/parse-correction.js';

type Platforms = readonly string[] | null;

export interface NewBackfill {
  apiKey: string;
  author: string;
  reason: string;
  source: 'upload' | 'filter' | 'undo';
  action: 'correct' | 'resend' | 'recompute' | 'restore';
  parameters: Readonly<Record<string, unknown>>;
  undoOf: string | null;
  dryRun: boolean;
  releaseBy: 'approval' | 'preview';
  queueBehind: boolean;
  readsBack: boolean;
  perSecond: number | null;
  approvalScores: number;
  approvalDrop: number;
  idempotencyKey: string | null;
  requestHash: Buffer | null;
}

export interface BackfillPreview {
  kinds: Record<string, number>;
  reasons: Record<string, number>;
  toSend: number;
  largestDrop: number;
  histogram: { from: number; to: number; count: number }[];
  unreadable: number;
  contexts: number;
  columns: number;
  /** Whose grades were read from the LMS. */
  checkedColumns: number;
  samples: number[];
  estimate: { calls: number; seconds: number; platforms: Record<string, unknown>[] };
}

export interface BackfillRecord {
  id: string;
  seq: string;
  source: 'upload' | 'filter' | 'undo';
  action: 'correct' | 'resend' | 'recompute' | 'restore';
  state: BackfillState;
  author: string;
  reason: string;
  apiKey: string;
  parameters: Record<string, unknown>;
  undoOf: string | null;
  dryRun: boolean;
  queueBehind: boolean;
  failureType: string | null;
  failureDetail: string | null;
  blockedBy: string | null;
  upload: Record<string, unknown> | null;
  preview: BackfillPreview | null;
  needsApproval: boolean | null;
  approvedBy: string | null;
  approvedAt: Date | null;
  perSecond: number | null;
  lines: number;
  toSend: number;
  sent: number;
  rejected: number;
  overtaken: number;
  unsent: number;
  ratePerSecond: number;
  requestHash: Buffer | null;
  createdAt: Date;
  releasedAt: Date | null;
  finishedAt: Date | null;
  updatedAt: Date;
}

export interface ChangeRecord {
  line: number;
  platformId: string;
  deploymentId: string | null;
  contextId: string;
  lineItemId: string | null;
  resourceLinkId: string | null;
  resourceId: string | null;
  tag: string | null;
  userId: string;
  score: string | null;
  kind: ChangeKind | null;
  outcome: string;
  reason: string | null;
  otherLine: number | null;
  beforeGiven: number | null;
  beforeMaximum: number | null;
  afterGiven: number | null;
  afterMaximum: number | null;
  seenInGradebook: number | null;
  at: Date | null;
}

export interface BackfillColumnRecord {
  target: number;
  platformId: string;
  contextId: string;
  lineItemId: string | null;
  resourceLinkId: string | null;
  resourceId: string | null;
  tag: string | null;
  label: string | null;
  problem: string | null;
  blocked: string | null;
  counts: Record<string, number> | null;
}

export interface BackfillProblemRecord {
  line: number;
  type: string;
  detail: string | null;
  otherLine: number | null;
}

interface LinePage {
  backfill: string;
  after: number;
  limit: number;
}

interface Caller {
  apiKey: string;
  platforms: Platforms;
}

export interface StagedPage {
  corrections: readonly (Correction & { line: number })[];
  problems: readonly { line: number; type: string; detail: string }[];
}

export interface BackfillStore {
  insert(backfill: NewBackfill): Promise<string | undefined>;
  createStager(backfill: string): { stage(page: StagedPage): Promise<boolean> };
  complete(backfill: string, upload: Readonly<Record<string, unknown>>, requestHash: Buffer | null): Promise<boolean>;
  fail(backfill: string, type: BackfillFailure, detail: string | null, blockedBy?: string): Promise<void>;
  /** Another backfill that has some of these scores in hand. */
  findOverlap(backfill: string): Promise<string | undefined>;
  find(visible: Caller & { id: string }): Promise<BackfillRecord | undefined>;
  findByKey(key: { apiKey: string; key: string }): Promise<BackfillRecord | undefined>;
  list(page: Caller & { state: string | null; before: string | null; limit: number }): Promise<BackfillRecord[]>;
  listColumns(page: LinePage): Promise<BackfillColumnRecord[]>;
  listChanges(page: LinePage & { outcomes?: readonly string[] | undefined }): Promise<ChangeRecord[]>;
  findChanges(backfill: string, lines: readonly number[]): Promise<ChangeRecord[]>;
  listProblems(page: LinePage): Promise<BackfillProblemRecord[]>;
  decide(input: { backfill: string; decision: BackfillDecision; apiKey: string }): Promise<{
    isDone: boolean;
    state: BackfillState;
    isByAuthor: boolean;
  }>;
  withdraw(backfill: string): Promise<number>;
}
