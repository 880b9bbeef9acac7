import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Knex } from 'knex';
import type { ActivityDeps } from '../activities/deps.js';
import { toLaneTimes, WAITS, type Waits } from '../activities/times.js';
import { createBackfills } from '../db/backfills/backfills.js';
import { createAttemptWeeks } from '../db/scores/attempt-weeks.js';
import { createClaims } from '../db/scores/claims.js';
import { createBulkOperations } from '../db/bulk/bulk-operations.js';
import { createContextWork } from '../db/courses/context-work.js';
import { createDrifts } from '../db/courses/drifts.js';
import { isRefusalOfData, refusalCode } from '../db/server/refusal-code.js';
import type { Queryable } from '../db/server/knex.js';
import type { KeyWrap } from '../db/vault/key-wrap.js';
import { createVault } from '../db/vault/vault.js';
import { createNoticeFinder } from '../db/notices/notice-finder.js';
import { createNoticeOutbox } from '../db/notices/notice-outbox.js';
import { createGateWakes } from '../db/platforms/gate-wakes.js';
import { createLanes } from '../db/platforms/lanes.js';
import { createQueue } from '../db/scores/queue.js';
import { createLineItems } from '../db/courses/line-items.js';
import { createRosters } from '../db/courses/rosters.js';
import { createErasedPeople } from '../db/privacy/erased-people.js';
import { createRetention } from '../db/privacy/retention.js';
import { createPersonRequests } from '../db/privacy/person-requests.js';
import { createGateLimits } from '../db/platforms/gate-limits.js';
import { createPauses } from '../db/platforms/pauses.js';
import { createRunContexts } from '../db/runs/run-contexts.js';
import { createPasses } from '../db/runs/runs.js';
import { createScorePulls } from '../db/runs/score-pulls.js';
import { takeScores } from '../db/scores/take-scores.js';
import { createSyncRuns } from '../db/runs/sync-runs.js';
import { createUnknownScores } from '../db/scores/unknown-scores.js';
import { createUsableKeys } from '../db/courses/usable-keys.js';
import { toFailure } from '../ltiaas/classify.js';
import type { Retention } from '../domain/retention.js';
import type { LtiaasClient } from '../ltiaas/client.js';
import { createRewaker } from '../waking/rewaker.js';
import { createWorkflowWaker, wakeAll } from '../waking/workflow-waker.js';
import type { NoticeSender } from '../tool/notice-sender.js';
import type { ScoreSource } from '../tool/score-source.js';
import type { Logger } from '../config/logger.js';
import type { WorkerMetrics } from './metrics.js';
import { tellLimits, tellParking } from './tell-stores.js';

export interface ActivityDepsInput {
  db: Knex;
  /** For claims and records. */
  hotPool: Queryable;
  keyRing: KeyWrap;
  ltiaas: LtiaasClient;
  client: Client;
  isDraining: () => boolean;
  laneMs: number;
  callTimeoutMs: number;
  /** Default: {@link WAITS}. */
  waits?: Waits;
  lingerMs: number;
  /** The least time between two beginnings of the same task of a course, in milliseconds. Default: the workflow's. */
  floorMs?: number;
  /** Of the installation's queues. Default: none. */
  prefix?: string;
  /** Calls of one sender that may be under way at once, whatever its platform bears. */
  concurrency: number;
  storeNames: boolean;
  /** Whether the schedule `reconcile` sends again what gradebooks lost or show otherwise. */
  resendsDrift: boolean;
  /** How long the evidence of calls is kept. */
  attemptsKeptMs: number;
  /** And all else that has its time. Default: domain/retention.ts. */
  retention?: Retention;
  /** Null: the tool has none. */
  scoreSource: ScoreSource | null;
  /** Is told of what is set aside, and of breakers. */
  logger: Logger;
  noticeSender: NoticeSender;
  /** Undefined: nobody watches. */
  metrics?: Pick<WorkerMetrics, 'watchClaims' | 'watchUnknownScores'> | undefined;
}

/** Makes what the activities are handed. */
export function createActivityDeps(input: ActivityDepsInput): ActivityDeps {
  const { db, keyRing, ltiaas, client, isDraining, laneMs, callTimeoutMs, lingerMs, floorMs, metrics } = input;
  const vault = createVault(keyRing);
  const erased = createErasedPeople(vault);
  const limits = tellLimits(createGateLimits(db), input.logger);
  const claims = createClaims(input.hotPool);
  const unknownScores = createUnknownScores(db);
  const gateWakes = createGateWakes(db);
  const waker = createWorkflowWaker(client.workflow, {
    ...{ lingerMs, gateWakes, prefix: input.prefix ?? '' },
    ...(floorMs !== undefined && { floorMs }),
  });
  return {
    clock: { wallMs: () => Date.now(), monotonicMs: () => performance.now() },
    random: () => Math.random(),
    times: { ...toLaneTimes({ laneMs, callTimeoutMs }), ...(input.waits ?? WAITS) },
    concurrency: input.concurrency,
    isDraining,
    contexts: tellParking(createContextWork(db), input.logger),
    lanes: createLanes(db),
    gateWakes,
    claims: metrics?.watchClaims(claims) ?? claims,
    unknownScores: metrics?.watchUnknownScores(unknownScores) ?? unknownScores,
    keys: createUsableKeys(db, vault),
    limits,
    pauses: createPauses(db),
    queue: createQueue(db),
    lineItems: createLineItems(db),
    drifts: createDrifts(db),
    rosters: createRosters(db, { storeNames: input.storeNames, erased }),
    takeScores: (scores, options) => takeScores(db, scores, { ...options, erased }),
    scoreSource: input.scoreSource,
    resendsDrift: input.resendsDrift,
    ltiaas,
    toFailure,
    refusalCode,
    isRefusalOfData,
    attemptWeeks: createAttemptWeeks(db),
    attemptsKeptMs: input.attemptsKeptMs,
    retention: createRetention(db, input.retention),
    backfills: createBackfills(db, { erased }),
    wakeBackfill: (backfill) => waker.wakeBackfill(backfill),
    bulkOperations: createBulkOperations(db),
    carryOnBulk: (operation) => waker.carryOnBulk(operation),
    personRequests: createPersonRequests(db, { vault }),
    carryOnPerson: (request) => waker.carryOnPerson(request),
    noticeFinder: createNoticeFinder(db),
    noticeOutbox: createNoticeOutbox(db, vault),
    noticeSender: input.noticeSender,
    deliverNotices: (endpoint) => waker.deliverNotices(endpoint),
    rewaker: createRewaker(client.workflow, waker),
    wakeAll: (requests) => wakeAll(requests, waker),
    isWorkflowOpen: (workflowId) => isWorkflowOpen(client, workflowId),
    passes: createPasses(db),
    runContexts: createRunContexts(db),
    syncRuns: createSyncRuns(db),
    scorePulls: createScorePulls(db),
  };
}

async function isWorkflowOpen(client: Client, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
