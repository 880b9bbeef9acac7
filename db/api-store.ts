import type { Knex } from 'knex';
import type { GradePolicy } from '../domain/grade-policy.js';
import { createApiKeys, type ApiKeys } from './access/api-keys.js';
import { createAuditTrail, type AuditTrail } from './access/audit-entries.js';
import { createConsoleSessions, type ConsoleSessions } from './access/console-sessions.js';
import { createScheduleWords, type ScheduleWords } from './access/schedule-words.js';
import { createBulkOperations, type BulkOperations } from './bulk/bulk-operations.js';
import { createBackfills, type Backfills } from './backfills/backfills.js';
import { retryDeadlock } from './server/retry-deadlock.js';
import { createGradePolicies, type GradePolicies } from './courses/grade-policies.js';
import { createIdempotencyKeys, type IdempotencyKeys } from './access/idempotency-keys.js';
import type { LimitsByFamily } from './courses/store-places.js';
import { createLaunches, type Launches } from './courses/launches.js';
import { createForgetKeys, type ForgetKeys } from './platforms/forget-keys.js';
import { createGaugeReader, type GaugeReader } from './platforms/gauges.js';
import { createDatabaseLook, type DatabaseFacts } from './server/database-look.js';
import { createOperations, type Operations } from './platforms/operations.js';
import { createPauses, type Pauses } from './platforms/pauses.js';
import { createNoticeStore, type NoticeStore } from './notices/notice-store.js';
import { createPersonRequests, type PersonRequests } from './privacy/person-requests.js';
import { createErasedPeople } from './privacy/erased-people.js';
import { createPlatforms, type Platforms } from './platforms/platforms.js';
import { createContextReader, type ContextReader } from './courses/context-reader.js';
import { createDriftReader, type DriftReader } from './courses/drift-reader.js';
import { createLineItemReader, type LineItemReader } from './courses/line-item-reader.js';
import { createMembershipReader, type MembershipReader } from './courses/membership-reader.js';
import { createAttemptWeeks, type AttemptWeeks } from './scores/attempt-weeks.js';
import { createHourlyCalls, type HourlyCalls } from './scores/hourly-calls.js';
import { createScoreChanges, type ScoreChanges } from './scores/changed-scores.js';
import { createFailureReader, type FailureReader } from './scores/failures.js';
import { createRevisionReader, type RevisionReader } from './scores/revisions-of-key.js';
import { createScoreReader, type ScoreReader } from './scores/score-reader.js';
import { createStoryReader, type StoryReader } from './scores/story-reader.js';
import { createServiceKeyReader, type ServiceKeyReader } from './courses/service-key-reader.js';
import { createResumptions, type Resumptions } from './scores/resumptions.js';
import { createRunReader, type RunReader } from './runs/runs.js';
import { createWithdrawals, type Withdrawals } from './scores/withdrawals.js';
import { takeScores, type TakeScores } from './scores/take-scores.js';
import type { KeyWrap } from './vault/key-wrap.js';
import { createUnreadableDataKeys, type UnreadableDataKey } from './vault/unreadable-data-keys.js';
import { createVault } from './vault/vault.js';
import { createWebhookStore, type WebhookStore } from './webhooks/webhook-store.js';

/** Everything that the API asks of Postgres. Reads take the caller's reach, as `platforms`, and give only what it may see. */
export interface ApiStore {
  apiKeys: ApiKeys;
  consoleSessions: ConsoleSessions;
  idempotencyKeys: IdempotencyKeys;
  audit: AuditTrail;
  scheduleWords: ScheduleWords;
  launches: Launches;
  serviceKeys: ServiceKeyReader;
  takeScores: TakeScores;
  scores: ScoreReader;
  revisions: RevisionReader;
  failures: FailureReader;
  stories: StoryReader;
  scoreChanges: ScoreChanges;
  resumptions: Resumptions;
  withdrawals: Withdrawals;
  contexts: ContextReader;
  lineItems: LineItemReader;
  memberships: MembershipReader;
  drifts: DriftReader;
  platforms: Platforms;
  forgetKeys: ForgetKeys;
  listUnreadableDataKeys: () => Promise<UnreadableDataKey[]>;
  lookAtDatabase: () => Promise<DatabaseFacts>;
  pauses: Pauses;
  gradePolicies: GradePolicies;
  operations: Operations;
  gauges: GaugeReader;
  attemptWeeks: Pick<AttemptWeeks, 'look'>;
  hourlyCalls: HourlyCalls;
  runs: RunReader;
  bulkOperations: BulkOperations;
  webhooks: WebhookStore;
  notices: NoticeStore;
  backfills: Backfills;
  personRequests: PersonRequests;
  /**
   * Does all of it in one transaction, and once more after a deadlock: `work` asks only the store that it is handed, and
   * writes its audit entry last.
   */
  transact: <T>(work: (store: ApiStore) => Promise<T>) => Promise<T>;
}

export interface ApiStoreOptions {
  /** What data keys are wrapped under. */
  keyRing: KeyWrap;
  /** What a new deployment starts with; default: domain/platform.ts. */
  limits?: LimitsByFamily;
  /** And a new course; default: the tool wins. */
  gradePolicy?: GradePolicy;
  /** Rows that a request changes at most before the rest is done in the background; default: db/bulk/. */
  bulkPageSize?: number;
}

/** Binds all of it to one database. */
export function createApiStore(db: Knex, options: ApiStoreOptions): ApiStore {
  const vault = createVault(options.keyRing);
  const erased = createErasedPeople(vault);
  return {
    apiKeys: createApiKeys(db),
    consoleSessions: createConsoleSessions(db),
    idempotencyKeys: createIdempotencyKeys(db, vault),
    audit: createAuditTrail(db),
    scheduleWords: createScheduleWords(db),
    launches: createLaunches(db, { ...options, vault }),
    serviceKeys: createServiceKeyReader(db, vault),
    takeScores: (scores, options) => takeScores(db, scores, { ...options, erased }),
    scores: createScoreReader(db),
    revisions: createRevisionReader(db),
    failures: createFailureReader(db),
    stories: createStoryReader(db),
    scoreChanges: createScoreChanges(db),
    resumptions: createResumptions(db),
    withdrawals: createWithdrawals(db),
    contexts: createContextReader(db),
    lineItems: createLineItemReader(db),
    memberships: createMembershipReader(db),
    drifts: createDriftReader(db),
    platforms: createPlatforms(db),
    forgetKeys: createForgetKeys(db),
    listUnreadableDataKeys: createUnreadableDataKeys(db, options.keyRing),
    lookAtDatabase: createDatabaseLook(db),
    pauses: createPauses(db),
    gradePolicies: createGradePolicies(db),
    operations: createOperations(db),
    gauges: createGaugeReader(db),
    attemptWeeks: createAttemptWeeks(db),
    hourlyCalls: createHourlyCalls(db),
    runs: createRunReader(db),
    bulkOperations: createBulkOperations(db, { pageSize: options.bulkPageSize }),
    webhooks: createWebhookStore(db, vault),
    notices: createNoticeStore(db, vault),
    backfills: createBackfills(db, { erased }),
    personRequests: createPersonRequests(db, { vault }),
    transact: (work) => retryDeadlock(() => db.transaction((trx) => work(createApiStore(trx, options)))),
  };
}
