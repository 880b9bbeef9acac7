import type { Backlog, ParkedCount, RejectedCount, TroubledBreaker } from '../../db/platforms/operations.js';
import type { PausedCount } from '../../db/platforms/pauses.js';
import { ofOpenDecision } from '../backfills/decision-findings.js';
import { findScheduleFindings } from '../schedules/schedule-findings.js';
import { factsOf } from '../scores/waiting.js';
import { ofAttemptWeeks } from './attempt-findings.js';
import { ofEventTrouble } from '../webhooks/event-findings.js';
import type { Deps } from '../app.js';
import type { QueueHealth } from '../temporal/workflow-client.js';
import { counted, type Finding } from './finding.js';

/** A score that nothing holds back is sent within seconds; after this, something does not work. */
const LATE_SECONDS = 300;

/** Looks at everything that can be wrong; worst first. `platforms`: what the caller may see. */
export async function findFindings(
  deps: Pick<Deps, 'store' | 'workflows' | 'schedules' | 'now'>,
  platforms: readonly string[] | null,
): Promise<Finding[]> {
  const { operations } = deps.store;
  const found = [
    ...(await findTemporal(deps.workflows)),
    ...(await findScheduleFindings(deps)),
    ...(await operations.listBacklog(platforms)).flatMap(ofBacklog),
    ...(await operations.listTroubledBreakers(platforms)).map(ofBreaker),
    ...(await deps.store.pauses.count(platforms)).map(ofPaused),
    ...(await operations.listParked(platforms)).map(ofParked),
    ...ofNeedingLaunch(await operations.countNeedingLaunch(platforms)),
    ...(await operations.listRejected(platforms)).map(ofRejected),
    ...(await operations.listOpenDecisions(platforms)).map(ofOpenDecision),
    ...(await deps.store.webhooks.events.listTroubles(platforms)).map(ofEventTrouble),
    ...ofAttemptWeeks(await deps.store.attemptWeeks.look()),
  ];
  const rank = { critical: 0, warning: 1, info: 2 };
  return found.toSorted((one, other) => rank[one.severity] - rank[other.severity]);
}

async function findTemporal(workflows: Deps['workflows']): Promise<Finding[]> {
  let queues: QueueHealth[];
  try {
    await workflows.checkHealth();
    queues = await workflows.listQueues();
  } catch {
    return [
      {
        type: 'temporalUnreachable',
        severity: 'critical',
        sentence: 'Temporal cannot be reached: scores are accepted and kept, and none is sent.',
        advice: 'Check the Temporal server and TEMPORAL_ADDRESS. What is due goes out by itself when it is back.',
        ...{ count: 1, subject: null, since: null },
      },
    ];
  }
  return queues
    .filter(({ pollers }) => pollers === 0)
    .map(({ taskQueue }) => ({
      type: 'queueWithoutWorker',
      severity: 'critical',
      sentence: `No worker asks for work on the task queue ${taskQueue}.`,
      advice: 'Start a worker, and look at the log of the one that should be running.',
      ...{ count: 1, subject: taskQueue, since: null },
    }));
}

function ofBacklog({ platformId, due, oldestReadySeconds }: Backlog): Finding[] {
  if (due === 0) return [];
  const age = Math.round(oldestReadySeconds ?? 0);
  const isLate = age > LATE_SECONDS;
  return [
    {
      type: isLate ? 'scoresLate' : 'scoresDue',
      severity: isLate ? 'warning' : 'info',
      sentence: `${counted(due, 'score waits', 'scores wait')} to be sent to ${platformId}${isLate ? `; the oldest is ready since ${age} s` : ''}.`,
      advice: isLate
        ? 'Look for open breakers and missing workers; else raise the limits of the platform.'
        : 'Nothing.',
      ...{ count: due, subject: platformId, since: null },
    },
  ];
}

function ofBreaker({ platformId, type, openedAt }: TroubledBreaker): Finding {
  const { sentence, advice } = factsOf(type ?? 'PlatformUnavailable');
  return {
    type: 'breakerOpen',
    severity: 'critical',
    sentence: `Calls to ${platformId} are held back. ${sentence}`,
    advice,
    ...{ count: 1, subject: platformId, since: openedAt },
  };
}

const PAUSED = {
  platform: { type: 'platformPaused', one: 'The platform', many: 'platforms' },
  deployment: { type: 'deploymentsPaused', one: 'A deployment of the platform', many: 'deployments of the platform' },
  context: { type: 'contextsPaused', one: 'A course of the platform', many: 'courses of the platform' },
} as const;

/** A warning: somebody wanted it, and may have forgotten it since. */
function ofPaused({ kind, platformId, count, since, reason }: PausedCount): Finding {
  const { type, one, many } = PAUSED[kind];
  const subject = count === 1 ? `${one} ${platformId} is` : `${count} ${many} ${platformId} are`;
  return {
    ...{ type, severity: 'warning', count, subject: platformId, since },
    sentence: `${subject} paused by hand: “${reason}”.`,
    advice: `Resume when the reason is gone: POST /v1/${kind}s/{id}/resume.`,
  };
}

function ofParked({ kind, type, count, since, waiting }: ParkedCount): Finding {
  const { sentence, advice } = factsOf(type);
  const [one, many] =
    kind === 'context' ? ['course is', 'courses are'] : ['gradebook column is', 'gradebook columns are'];
  const there = counted(waiting, 'score waits', 'scores wait');
  return {
    type: kind === 'context' ? 'contextsParked' : 'lineItemsParked',
    severity: waiting > 0 ? 'warning' : 'info',
    sentence: `${counted(count, one, many)} set aside, and ${there} there. ${sentence}`,
    advice,
    ...{ count, subject: type, since },
  };
}

function ofNeedingLaunch(count: number): Finding[] {
  if (count === 0) return [];
  const courses = counted(
    count,
    'course has no service key that works, and waits',
    'courses have no service key that works, and wait',
  );
  const sentence = `${courses} for somebody to launch an activity.`;
  const advice = 'Ask a teacher or student of the course to open an activity of the tool.';
  return [{ type: 'launchNeeded', severity: 'warning', sentence, advice, count, subject: null, since: null }];
}

function ofRejected({ type, count }: RejectedCount): Finding {
  const { sentence, advice } = factsOf(type);
  return {
    type: 'scoresRejected',
    severity: 'warning',
    sentence: `${counted(count, 'score was', 'scores were')} rejected within a day. ${sentence}`,
    advice,
    ...{ count, subject: type, since: null },
  };
}
