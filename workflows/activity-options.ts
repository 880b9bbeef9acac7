/** How long our activities may take and how they are retried; every number with its reason. */
import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import { TASK_QUEUES } from './names.js';

/**
 * Sending. A killed worker is noticed by its heartbeats: they come and go out every second and a half, so four
 * seconds mean that it is gone, and work resumes within about that. An attempt ends after ten minutes, so that deploys
 * drain quickly and one platform does not keep a slot all night. A worker's shutdown uses up an attempt, so attempts are
 * not counted: only the whole is bounded, by the longest night.
 */
const SENDING = {
  startToCloseTimeout: '10 minutes',
  scheduleToCloseTimeout: '20 hours',
  heartbeatTimeout: '4 seconds',
  retry: { initialInterval: '100 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
} as const;

export const sendingToPlatform = proxyActivities<Activities>({ ...SENDING, taskQueue: TASK_QUEUES.submit });

/**
 * Reading of a course, its columns, roster or gradebook: twenty thousand members in pages of fifty take minutes, and after
 * an hour the next pass is as good. Scores wait for columns that are looked up: it beats every five seconds however long a
 * page takes, so fifteen of silence mean that its worker is gone. What cannot be read is tried eight times in that hour; a
 * platform that allows no calls says itself when to come again.
 */
export const readingFromPlatform = proxyActivities<Activities>({
  ...SENDING,
  startToCloseTimeout: '20 minutes',
  scheduleToCloseTimeout: '1 hour',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 4, maximumInterval: '20 minutes' },
  taskQueue: TASK_QUEUES.submit,
});

/** Our own database and Temporal: seconds when all is well, and worth repeating for as long as it is not. */
export const ourOwn = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  taskQueue: TASK_QUEUES.workflows,
});

/**
 * Changes of tables, which give way within a second to whoever holds one for long, such as a backup, and are tried again
 * later rather than at once. Moving a whole week may take minutes; after a day the next one does the same.
 */
export const tidyingUp = proxyActivities<Activities>({
  startToCloseTimeout: '15 minutes',
  scheduleToCloseTimeout: '20 hours',
  retry: { initialInterval: '10 seconds', backoffCoefficient: 2, maximumInterval: '10 minutes' },
  taskQueue: TASK_QUEUES.workflows,
});

/**
 * One context's progress from the tool: minutes for many pages. What fails for longer is left to the next night, so that
 * a tool that is down costs each of its contexts minutes and not hours. It beats every five seconds however long a page
 * takes, so half a minute of silence means that its worker is gone, and leaves time to ask again.
 */
export const askingTheSource = proxyActivities<Activities>({
  startToCloseTimeout: '3 minutes',
  scheduleToCloseTimeout: '5 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  taskQueue: TASK_QUEUES.submit,
});

/**
 * Long work on our own database, for a backfill or a bulk operation. It keeps its place there and beats all the time, so
 * ten seconds of silence mean that its worker is gone.
 */
export const longWork = proxyActivities<Activities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  taskQueue: TASK_QUEUES.workflows,
});

/**
 * Calls to endpoints that operators configured, some seconds each. It beats every two seconds, so ten of silence mean that
 * its worker is gone. Failures of an endpoint are results, and rest in the workflow; what fails here is our own.
 */
export const sendingNotices = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  taskQueue: TASK_QUEUES.submit,
});
