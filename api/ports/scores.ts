/** Scores on their way in, as they stand, and the courses that they belong to. */
import type { GradePolicy } from '../../domain/grade-policy.js';
import type { ScoreTarget } from '../../domain/parse-score.js';
import type { Priority, ScoreState, ScoreValue } from '../../domain/score.js';

type Platforms = readonly string[] | null;

export type TargetProblem = 'unknownPlatform' | 'unknownDeployment' | 'ambiguousDeployment' | 'unknownContext';
export type ResolvedTarget = { context: string; deployment: string; lineItem: string } | { problem: TargetProblem };

export interface TargetResolver {
  resolve(targets: readonly ScoreTarget[]): Promise<ResolvedTarget[]>;
}

export interface ScoreToAccept {
  context: string;
  lineItem: string;
  userId: string;
  value: ScoreValue;
  changedAt: Date;
  priority: Priority;
  awaitsNightly: boolean;
  force: boolean;
}

export interface AcceptedScore {
  id: string;
  revision: number;
  outcome: 'accepted' | 'unchanged' | 'superseded' | 'wouldClear';
  needsSync: boolean;
}

export interface ScoreIntake {
  /** Remembers what it found: make one per request. */
  createResolver(caller: { platforms: Platforms }): TargetResolver;
  /** In the order given; all are committed when it resolves. */
  accept(scores: readonly ScoreToAccept[]): Promise<AcceptedScore[]>;
}

export interface Parked {
  type: string;
  detail: string | null;
  at: string;
  until: string | null;
}

export interface WaitFacts {
  contextParked: Parked | null;
  lineItemParked: Parked | null;
  breaker: { type: string | null; openedAt: string | null } | null;
  blockedUntil: string | null;
  hasUsableKey: boolean;
  restsUntil: string | null;
}

export interface LineItemName {
  id: string;
  lineItemId: string | null;
  resourceLinkId: string | null;
  resourceId: string | null;
  tag: string | null;
  label: string | null;
}

export interface ScoreRecord {
  id: string;
  seq: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  context: string;
  lineItem: LineItemName;
  userId: string;
  value: ScoreValue;
  changedAt: Date;
  revision: number;
  state: ScoreState;
  priority: Priority;
  awaitsNightly: boolean;
  tries: number;
  submittedRevision: number | null;
  submittedAt: Date | null;
  failureType: string | null;
  failureDetail: string | null;
  supersededBy: string | null;
  createdAt: Date;
  updatedAt: Date;
  wait: WaitFacts;
}

export interface AttemptRecord {
  id: string;
  revision: number;
  kind: 'submit' | 'readBack';
  outcome: string;
  status: number | null;
  failureType: string | null;
  code: string | null;
  excerpt: string | null;
  startedAt: Date;
  durationMs: number;
  serviceKeyId: string | null;
  workflowRun: string | null;
}

export interface ScoreFilter {
  platformId?: string | undefined;
  deploymentId?: string | undefined;
  contextId?: string | undefined;
  lineItemId?: string | undefined;
  resourceLinkId?: string | undefined;
  userId?: string | undefined;
  state?: ScoreState | undefined;
  failureType?: string | undefined;
}

export interface ScoreReader {
  list(page: ScoreFilter & { platforms: Platforms; before: string | null; limit: number }): Promise<ScoreRecord[]>;
  find(visible: { id: string; platforms: Platforms }): Promise<ScoreRecord | undefined>;
  listAttempts(score: string, limit: number): Promise<AttemptRecord[]>;
}

export interface PokableContext {
  context: string;
  deployment: string;
}

export interface Releases {
  retry(scope: { platforms: Platforms } & ({ ids: readonly string[] } | { filter: ScoreFilter })): Promise<{
    retried: number;
    unparkedLineItems: number;
    unparkedContexts: number;
    contexts: PokableContext[];
  }>;
  releaseNightly(scope: ScoreFilter & { platforms: Platforms }): Promise<number>;
  listReady(scope: ScoreFilter & { platforms: Platforms }, limit: number): Promise<PokableContext[]>;
  resumeContext(context: string): Promise<number>;
}

export interface GradePolicies {
  setOfContext(input: { id: string; platforms: Platforms; policy: GradePolicy }): Promise<{ id: string } | undefined>;
  setOfLineItem(input: {
    id: string;
    platforms: Platforms;
    policy: GradePolicy | null;
  }): Promise<{ id: string } | undefined>;
  decide(input: {
    id: string;
    platforms: Platforms;
    decision: 'send' | 'keep';
  }): Promise<({ wasHeld: boolean } & PokableContext) | undefined>;
}

export interface ContextRecord {
  id: string;
  deployment: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  title: string | null;
  gradePolicy: GradePolicy;
  parked: Parked | null;
  lineItemsReadAt: Date | null;
  rosterReadAt: Date | null;
  resultsReadAt: Date | null;
  lastAttemptedAt: Date | null;
  waiting: number;
  createdAt: Date;
}

export interface LineItemRecord extends LineItemName {
  scoreMaximum: number | null;
  verifiedAt: Date | null;
  mergedInto: string | null;
  /** Null: as in its course. */
  gradePolicy: GradePolicy | null;
  parked: Parked | null;
}

interface PageOfContext {
  context: string;
  after: string | null;
  limit: number;
}

export interface ContextReader {
  list(filter: {
    platforms: Platforms;
    platformId?: string | undefined;
    deploymentId?: string | undefined;
    contextId?: string | undefined;
    parked?: boolean | undefined;
    hasRoster?: boolean | undefined;
    after: string | null;
    limit: number;
  }): Promise<ContextRecord[]>;
  find(visible: { id: string; platforms: Platforms }): Promise<ContextRecord | undefined>;
  listLineItems(page: PageOfContext): Promise<LineItemRecord[]>;
}
