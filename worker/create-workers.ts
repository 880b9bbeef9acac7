import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  Worker,
  type ActivityInterceptorsFactory,
  type NativeConnection,
  type WorkerOptions,
} from '@temporalio/worker';
import type { DataConverter, WorkerDeploymentVersion } from '@temporalio/common';
import type { Activities } from '../activities/index.js';
import { taskQueuesOf } from '../workflows/names.js';

export type WorkerRole = 'all' | 'workflows' | 'submit';

export interface CreateWorkersOptions {
  connection: NativeConnection;
  namespace: string;
  activities: Activities;
  /** Of activities; workflows have none. */
  interceptors?: ActivityInterceptorsFactory[];
  dataConverter: DataConverter;
  role: WorkerRole;
  /** Of the installation's queues. Default: none. */
  prefix?: string;
  /** Default: unversioned. */
  version?: WorkerDeploymentVersion | undefined;
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
  const { connection, namespace, activities, interceptors = [], dataConverter, role, prefix = '', version } = options;
  const { maxConcurrentBatches, shutdownGraceMs } = options;
  const workflowsFrom = workflowSource(options);
  const common = {
    connection,
    namespace,
    activities,
    dataConverter,
    interceptors: {
      activity: interceptors,
      ...(!('workflowBundle' in workflowsFrom) && { workflowModules: [own('../workflows/interceptors')] }),
    },
    shutdownGraceTime: shutdownGraceMs,
    shutdownForceTime: shutdownGraceMs + 10_000,
    maxHeartbeatThrottleInterval: '1500 milliseconds',
    defaultHeartbeatThrottleInterval: '1500 milliseconds',
    ...(version && {
      workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' },
    }),
  } satisfies Partial<WorkerOptions>;
  const workflows = { maxCachedWorkflows: 300, maxConcurrentActivityTaskExecutions: 20, ...workflowsFrom };
  const taskQueues = taskQueuesOf(prefix);
  const queues: Record<Exclude<WorkerRole, 'all'>, WorkerOptions> = {
    workflows: { ...common, ...workflows, taskQueue: taskQueues.workflows },
    submit: { ...common, taskQueue: taskQueues.submit, maxConcurrentActivityTaskExecutions: maxConcurrentBatches },
  };
  const wanted = role === 'all' ? Object.values(queues) : [queues[role]];
  return Promise.all(wanted.map((queue) => Worker.create(queue)));
}

function workflowSource({ bundlePath = ownBundle() }: CreateWorkersOptions): Partial<WorkerOptions> {
  if (bundlePath !== undefined) return { workflowBundle: { codePath: bundlePath } };
  return { workflowsPath: own('../workflows/index') };
}

/** A module of ours, which is compiled or not as this one is. */
function own(module: string): string {
  return fileURLToPath(new URL(`${module}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url));
}

/** What the build puts beside the compiled file (scripts/build.mjs). */
function ownBundle(): string | undefined {
  const file = fileURLToPath(new URL('./workflow-bundle.cjs', import.meta.url));
  return existsSync(file) ? file : undefined;
}
