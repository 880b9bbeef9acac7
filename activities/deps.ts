/** What the activities are handed. Of `db/`, `ltiaas/` and `tool/` they know the types only; the worker makes the things. */
import type { Backfills } from '../db/backfills/backfills.js';
import type { BulkOperations } from '../db/bulk/bulk-operations.js';
import type { ContextWorkStore } from '../db/courses/context-work.js';
import type { DriftStore } from '../db/courses/drifts.js';
import type { NoticeFinder } from '../db/notices/notice-finder.js';
import type { NoticeOutbox } from '../db/notices/notice-outbox.js';
import type { GateWakes } from '../db/platforms/gate-wakes.js';
import type { LaneStore } from '../db/platforms/lanes.js';
import type { LineItemStore } from '../db/courses/line-items.js';
import type { RosterStore } from '../db/courses/rosters.js';
import type { UsableKeyStore } from '../db/courses/usable-keys.js';
import type { GateLimits } from '../db/platforms/gate-limits.js';
import type { Pauses } from '../db/platforms/pauses.js';
import type { RetentionStore } from '../db/privacy/retention.js';
import type { PersonRequests } from '../db/privacy/person-requests.js';
import type { RunContexts } from '../db/runs/run-contexts.js';
import type { Passes } from '../db/runs/runs.js';
import type { ScorePulls } from '../db/runs/score-pulls.js';
import type { SyncRuns } from '../db/runs/sync-runs.js';
import type { isRefusalOfData, refusalCode } from '../db/server/refusal-code.js';
import type { AttemptWeeks } from '../db/scores/attempt-weeks.js';
import type { ClaimStore } from '../db/scores/claims.js';
import type { Queue } from '../db/scores/queue.js';
import type { TakeScores } from '../db/scores/take-scores.js';
import type { UnknownScoreStore } from '../db/scores/unknown-scores.js';
import type { toFailure } from '../ltiaas/classify.js';
import type { LtiaasClient } from '../ltiaas/client.js';
import type { Rewaker } from '../waking/rewaker.js';
import type { Wake, WorkflowWaker } from '../waking/workflow-waker.js';
import type { NoticeSender } from '../tool/notice-sender.js';
import type { ScoreSource } from '../tool/score-source.js';
import type { ActivityTimes } from './times.js';

export interface Clock {
  /** Milliseconds since 1970. */
  wallMs(): number;
  /** On the scale of `performance.now()`; goes on while a process is stopped, stands still while the machine sleeps. */
  monotonicMs(): number;
}

export interface ActivityDeps {
  clock: Clock;
  /** From 0 to 1. */
  random: () => number;
  times: ActivityTimes;
  /** Calls of one sender that may be under way at once, whatever its platform bears. */
  concurrency: number;
  /** This process is to end: begin nothing new. */
  isDraining: () => boolean;

  contexts: ContextWorkStore;
  lanes: LaneStore;
  gateWakes: GateWakes;
  keys: UsableKeyStore;
  queue: Queue;
  claims: ClaimStore;
  unknownScores: UnknownScoreStore;
  lineItems: LineItemStore;
  drifts: DriftStore;
  rosters: RosterStore;
  limits: GateLimits;
  pauses: Pick<Pauses, 'tidyUp'>;

  ltiaas: LtiaasClient;
  /** Names the failure behind an error of `ltiaas`; undefined for any other error, which is ours. */
  toFailure: typeof toFailure;
  /** Whether an error of `db` says that what was to be stored never can be. */
  refusalCode: typeof refusalCode;
  isRefusalOfData: typeof isRefusalOfData;

  takeScores: TakeScores;
  /** Null: the tool has none, and nothing is asked. */
  scoreSource: ScoreSource | null;
  scorePulls: ScorePulls;

  passes: Passes;
  runContexts: RunContexts;
  syncRuns: SyncRuns;
  /** Whether the schedule that compares gradebooks also sends again what they lost or show otherwise. */
  resendsDrift: boolean;
  /** Wakes senders, and the actors of courses for what is a course's; rejects with the first that could not be told. */
  wakeAll: (requests: readonly Wake[]) => Promise<void>;
  /** Whether a workflow is still open. */
  isWorkflowOpen: (workflowId: string) => Promise<boolean>;

  attemptWeeks: AttemptWeeks;
  /** How long the evidence of calls is kept. */
  attemptsKeptMs: number;
  /** All else that has its time. */
  retention: RetentionStore;

  backfills: Backfills;
  rewaker: Rewaker;
  wakeBackfill: WorkflowWaker['wakeBackfill'];
  bulkOperations: BulkOperations;
  carryOnBulk: WorkflowWaker['carryOnBulk'];

  personRequests: Pick<PersonRequests, 'advance' | 'fail' | 'listForgotten'>;
  carryOnPerson: WorkflowWaker['carryOnPerson'];

  noticeFinder: NoticeFinder;
  noticeOutbox: NoticeOutbox;
  noticeSender: NoticeSender;
  deliverNotices: WorkflowWaker['deliverNotices'];
}
