/** The whole of Passback without its API: database, Temporal, sandbox and workers, all real, in one process. */
import { after } from 'node:test';
import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { createActivities, type Activities } from '../../activities/index.js';
import { createLaunches } from '../../db/courses/launches.js';
import { createReadDeliveryTimes } from '../../db/scores/delivery-times.js';
import { takeScores, type TakenScore } from '../../db/scores/take-scores.js';
import { createPgPool } from '../../db/server/knex.js';
import { createLogger } from '../../config/logger.js';
import type { ColumnName } from '../../domain/parse-column.js';
import { PRIORITY, type ScoreValue } from '../../domain/score.js';
import { createLtiaasClient } from '../../ltiaas/client.js';
import { familyOf } from '../../ltiaas/family.js';
import { buildSandbox } from '../../sandbox/app.js';
import { createSandboxControl, type SandboxControl } from '../../sandbox/control-client.js';
import { SANDBOX_SCORE_SOURCE_SECRET, SCORE_SOURCE_PATH } from '../../sandbox/tool/score-source.js';
import type { ContextSetup, FamilyName, LaunchView, PlatformPatch } from '../../sandbox/types.js';
import { createActivityDeps } from '../../worker/activity-deps.js';
import { createNoticeSender } from '../../tool/notice-sender.js';
import { createScoreSource, type ScoreSourceOptions } from '../../tool/score-source.js';
import { createWorkerMetrics, type WorkerMetrics } from '../../worker/metrics.js';
import { tellActivities } from '../../worker/tell-activities.js';
import { asApp, createTestDatabase } from './database.js';
import { anyErased } from './any-erased.js';
import { anyOrigin, createTestVault, testKeyRing } from './factories.js';
import { createRigWaking, FLOOR_MS, LINGER_MS, type RigWaking } from './rig-waking.js';
import { runWorkers } from './rig-workers.js';
import { createTestNamespace } from './temporal.js';

const API_KEY = 'test-key';
/** Those of the real thing prove nothing more: test/activities/times.test.ts says what they are. */
const WAITS = { settleMs: 300, askAgainMs: [50, 100], noticeRestMs: 20 };

export interface RigCourse {
  platformId: string;
  contextId: string;
  /** Our uuids. */
  context: string;
  deployment: string;
  gate: string;
  /** Ids of the columns in the LMS. */
  columns: string[];
  students: string[];
  /** One more launch of the course's own activity: a fresh key in place of the last one. */
  launch(): Promise<void>;
  /** Makes a launch known to us, as `POST /v1/launches` would. */
  addKey(launch: LaunchView): Promise<void>;
}

export interface Rig extends RigWaking {
  db: Knex;
  dbUrl: string;
  client: Client;
  temporal: { address: string; namespace: string };
  sandboxUrl: string;
  control: SandboxControl;
  activities: Activities;
  metrics: WorkerMetrics;
  /** What the worker has logged, line by line. */
  logs: string[];
  /** A platform, a course and a launch, known to both sides. */
  createCourse(options?: CourseOptions): Promise<RigCourse>;
  accept(course: RigCourse, scores: readonly RigScore[]): Promise<TakenScore[]>;
}

export interface CourseOptions {
  /** A course whose platform it shares; default: one of its own. */
  beside?: RigCourse;
  family?: FamilyName;
  students?: number;
  context?: Partial<ContextSetup>;
  settings?: PlatformPatch;
  /** Calls in flight that we allow ourselves. Default 16. */
  inFlightMax?: number;
}

export interface RigScore {
  column: ColumnName;
  userId: string;
  scoreGiven: number;
  changedAt?: Date;
  value?: Partial<ScoreValue>;
  /** It waits for the night. */
  awaitsNightly?: boolean;
}

export interface RigOptions {
  laneMs?: number;
  callTimeoutMs?: number;
  concurrency?: number;
  /** Default false. */
  storeNames?: boolean;
  /** Default true; false leaves the work to a process that the test starts itself. */
  withWorkers?: boolean;
  /** Asks the sandbox's score source, or stands for all that pulling progress does. */
  scoreSource?: Omit<ScoreSourceOptions, 'url' | 'secret'> | { pull: Activities['pullProgress'] };
}

/** Builds a rig for a test file and takes it down at the file's end. */
export async function createRig(options: RigOptions = {}): Promise<Rig> {
  const { laneMs = 8_000, callTimeoutMs = 3_000, concurrency = 16, storeNames = false, withWorkers = true } = options;
  const { db, appUrl: dbUrl } = await createTestDatabase();
  const appDb = asApp(db);
  const temporal = await createTestNamespace();
  const sandbox = buildSandbox({ apiKey: API_KEY });
  const sandboxUrl = await sandbox.listen({ host: '127.0.0.1', port: 0 });
  const control = createSandboxControl(sandboxUrl);
  const metrics = createWorkerMetrics(createReadDeliveryTimes(appDb));
  const { observeCall: onCall } = metrics;
  const ltiaas = createLtiaasClient({ baseUrl: sandboxUrl, apiKey: API_KEY, timeoutMs: callTimeoutMs, onCall });
  const hotPool = createPgPool({ url: dbUrl, poolMax: 10 });
  const { scoreSource: source } = options;
  const secret = Buffer.from(SANDBOX_SCORE_SOURCE_SECRET.replace('whsec_', ''), 'base64');
  const scoreSource = source
    ? createScoreSource({ ...('pull' in source ? {} : source), secret, url: `${sandboxUrl}${SCORE_SOURCE_PATH}` })
    : null;
  const noticeSender = createNoticeSender({ mayBePrivate: true, timeoutMs: 2_000 });
  let isDraining = false;
  const logs: string[] = [];
  const logger = createLogger({
    level: 'info',
    name: 'worker',
    destination: { write: (line) => void logs.push(line) },
  });
  const own = createActivities(
    createActivityDeps({
      ...{
        db: appDb,
        hotPool,
        keyRing: testKeyRing,
        ltiaas,
        client: temporal.client,
        isDraining: () => isDraining,
        laneMs,
      },
      ...{
        callTimeoutMs,
        lingerMs: LINGER_MS,
        floorMs: FLOOR_MS,
        concurrency,
        storeNames,
        resendsDrift: false,
        scoreSource,
        noticeSender,
      },
      attemptsKeptMs: 400 * 86_400_000,
      waits: WAITS,
      ...{ logger, metrics },
    }),
  );
  const activities = source && 'pull' in source ? { ...own, pullProgress: source.pull } : own;
  const told = tellActivities(activities, logger);
  const stopWorkers = withWorkers ? await runWorkers(temporal, told) : () => Promise.resolve();
  after(async () => {
    isDraining = true;
    await stopWorkers();
    metrics.stop();
    await Promise.all([hotPool.end(), ltiaas.close(), scoreSource?.close(), noticeSender.close(), sandbox.close()]);
  });
  const { client } = temporal;
  return {
    ...{ db, dbUrl, client, temporal, sandboxUrl, control, activities, metrics, logs },
    createCourse: (courseOptions) => createCourse(db, control, courseOptions),
    accept: (course, scores) => accept(appDb, course, scores),
    ...createRigWaking(client, db),
  };
}

async function createCourse(db: Knex, control: SandboxControl, options: CourseOptions = {}): Promise<RigCourse> {
  const { family = 'canvas', students = 3, context = {}, settings = {}, inFlightMax = 16 } = options;
  const platform = options.beside ?? (await control.createPlatform({ family, settings }));
  const view = await control.createContext({
    platformId: platform.platformId,
    students,
    lineItems: [{ label: 'Quiz', scoreMaximum: 10, resourceId: 'quiz' }],
    ...context,
  });
  const { contextId } = view;
  let known = { context: '', deployment: '' };
  const addKey = async ({ idToken }: LaunchView): Promise<void> => {
    const { platform: lms, services, launch: launched } = idToken;
    const { productFamilyCode, url: platformUrl, deploymentId } = lms;
    const guess = familyOf({ ...(productFamilyCode !== undefined && { productFamilyCode }), urls: [platformUrl] });
    known = await createLaunches(db, { vault: createTestVault() }).record({
      ...{ platformId: lms.id, platformUrl, productFamilyCode, deploymentId, contextId, launchedAt: new Date() },
      family: guess,
      resourceLinkId: launched.resourceLink.id,
      ...(services.serviceKey !== undefined && {
        serviceKey: {
          secret: services.serviceKey,
          assignmentAndGrades: services.assignmentAndGrades.available,
          namesAndRoles: services.namesAndRoles.available,
        },
      }),
    });
  };
  const launch = async (): Promise<void> => addKey(await control.createLaunch({ contextId }));
  await launch();
  const [gate = ''] = await db('deployments').where({ id: known.deployment }).pluck<string[]>('gate');
  await db.raw('update gates set in_flight_cap = ?, in_flight_max = ? where id = ?', [inFlightMax, inFlightMax, gate]);
  return {
    platformId: platform.platformId,
    contextId,
    context: known.context,
    deployment: known.deployment,
    gate,
    columns: view.lineItems.map(({ id }) => id),
    students: view.members
      .filter(({ roles }) => roles.some((role) => role.endsWith('#Learner')))
      .map(({ userId }) => userId),
    ...{ launch, addKey },
  };
}

async function accept(db: Knex, course: RigCourse, scores: readonly RigScore[]): Promise<TakenScore[]> {
  const { platformId, contextId } = course;
  const taken = await takeScores(
    db,
    scores.map(({ column, userId, scoreGiven, changedAt = new Date(), value = {}, awaitsNightly = false }) => ({
      ...{ target: { platformId, contextId, lineItem: column }, userId, changedAt, force: false },
      ...{ priority: awaitsNightly ? PRIORITY.nightly : PRIORITY.interactive, awaitsNightly },
      value: {
        scoreGiven,
        scoreMaximum: 10,
        activityProgress: 'Completed',
        gradingProgress: 'FullyGraded',
        ...value,
      },
    })),
    { platforms: null, origin: anyOrigin, erased: anyErased() },
  );
  return taken.map((score) => {
    if ('problem' in score) throw new Error(`no such target: ${score.problem}`);
    return score;
  });
}
