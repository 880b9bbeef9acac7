import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  Worker,
  type ActivityInterceptorsFactory,
  type NativeConnection,
  type WorkerOptions,
} from '@temporalio/worker';
import type { DataConverter } from '@temporalio/common';
import type { Activities } from '../activities/index.js';
import { TASK_QUEUES } from '../workflows/names.js';

export type WorkerRole = 'all' | 'workflows' | 'submit';

export interface CreateWorkersOptions {
  connection: NativeConnection;
  namespace: string;
  activities: Activities;
  /** Of activities; workflows have none. */
  interceptors?: ActivityInterceptorsFactory[];
  dataConverter: DataConverter;
  role: WorkerRole;
  /** A bundle built beforehand. Default: the one of `npm run build`, if this is compiled; else they are bundled now. */
  bundlePath: string | undefined;
  /** Batches, and readings of courses, at once. */
  maxConcurrentBatches: number;
  /** How long activities may go on after a shutdown was asked for, in milliseconds. */
  shutdownGraceMs: number;
}

/**
 * One worker for each queue of the role. Slots are fixed numbers: what is scarce is the platform's patience, not our
 * processor. Heartbeats go out every second and a half, since Temporal Cloud bills each, which lets four seconds of silence
 * mean death.
 */
export async function createWorkers(options: CreateWorkersOptions): Promise<Worker[]> {
  const { connection, namespace, activities, interceptors = [], dataConverter, role } = options;
  const { maxConcurrentBatches, shutdownGraceMs } = options;
  const common = {
    connection,
    namespace,
    activities,
    dataConverter,
    interceptors: { activity: interceptors },
    shutdownGraceTime: shutdownGraceMs,
    shutdownForceTime: shutdownGraceMs + 10_000,
    maxHeartbeatThrottleInterval: '1500 milliseconds',
    defaultHeartbeatThrottleInterval: '1500 milliseconds',
  } satisfies Partial<WorkerOptions>;
  const workflows = { maxCachedWorkflows: 300, maxConcurrentActivityTaskExecutions: 20, ...workflowSource(options) };
  const queues: Record<Exclude<WorkerRole, 'all'>, WorkerOptions> = {
    workflows: { ...common, ...workflows, taskQueue: TASK_QUEUES.workflows },
    submit: { ...common, taskQueue: TASK_QUEUES.submit, maxConcurrentActivityTaskExecutions: maxConcurrentBatches },
  };
  const wanted = role === 'all' ? Object.values(queues) : [queues[role]];
  return Promise.all(wanted.map((queue) => Worker.create(queue)));
}

function workflowSource({ bundlePath = ownBundle() }: CreateWorkersOptions): Partial<WorkerOptions> {
  if (bundlePath !== undefined) return { workflowBundle: { codePath: bundlePath } };
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return { workflowsPath: fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url)) };
}

/** What the build puts beside the compiled file (scripts/build.mjs). */
function ownBundle(): string | undefined {
  const file = fileURLToPath(new URL('./workflow-bundle.cjs', import.meta.url));
  return existsSync(file) ? file : undefined;
}
