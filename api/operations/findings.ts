import { isWithin, reachesPlatform } from '../../domain/reach.js';
import type {
  Backlog,
  LaunchesNeeded,
  ParkedCount,
  RejectedCount,
  TroubledBreaker,
} from '../../db/platforms/operations.js';
import type { PausedCount } from '../../db/platforms/pauses.js';
import { counted, factsOf, sayBreakerOpen, sayLaunchNeeded, sayParked } from '../../domain/finding-words.js';
import { ofOpenDecision } from '../backfills/decision-findings.js';
import { failureOf, isFailureType } from '../../domain/failure.js';
import { withoutWords } from '../schedules/notes.js';
import { ofSchedules } from '../schedules/schedule-findings.js';
import { ofEndpointTrouble } from '../notices/endpoint-findings.js';
import { ofAttemptWeeks } from './attempt-findings.js';
import { ofEventTrouble } from '../webhooks/event-findings.js';
import { ofUnreadableDataKeys } from './key-findings.js';
import type { Facts } from './facts.js';
import type { Finding } from './finding.js';

/** A score that nothing holds back is sent within seconds; after this, something does not work. */
const LATE_SECONDS = 300;

type Platforms = readonly string[] | null;

/** What is to be said of the facts to somebody who may see these platforms (null: all), worst first. */
export function findingsOf(facts: Facts, platforms: Platforms, now: Date): Finding[] {
  const ofPlatform = ({ platformId }: { platformId: string }): boolean => reachesPlatform(platforms, platformId);
  const ofPlatforms = (row: { platforms: Platforms }): boolean => isWithin(row.platforms, platforms);
  const schedules = facts.temporal?.schedules ?? [];
  const isSeen = (platformId: string | null): boolean =>
    platforms === null || (platformId !== null && platforms.includes(platformId));
  const waiting = facts.backlog.filter(ofPlatform).map((row) => toWaiting(row, facts.lookedAt));
  const found = [
    ...ofTemporal(facts.temporal),
    ...ofSchedules(
      { schedules: platforms === null ? schedules : schedules.map(withoutWords), passes: facts.passes },
      now,
    ),
    ...together(waiting, ({ platformId }) => platformId).flatMap((row) => ofBacklog(row, facts.lookedAt)),
    ...together(facts.breakers.filter(ofPlatform).map(toOpen), ({ platformId }) => platformId).map(ofBreaker),
    ...facts.paused.filter(ofPlatform).map(ofPaused),
    ...together(facts.parked.filter(ofPlatform), ({ kind, type }) => `${kind} ${type}`).map(ofParked),
    ...together(facts.launches.filter(ofPlatform), () => '').map(ofNeedingLaunch),
    ...together(facts.rejected.filter(ofPlatform), ({ type }) => type).map(ofRejected),
    ...together(facts.decisions.filter(ofPlatforms), ({ kind, subject }) => `${kind} ${subject ?? ''}`).map(
      ofOpenDecision,
    ),
    ...facts.events.filter(ofPlatforms).map(ofEventTrouble),
    ...facts.notices.filter(ofPlatforms).map(ofEndpointTrouble),
    ...ofAttemptWeeks(facts.weeks),
    ...ofUnreadableDataKeys(facts.unreadableKeys.filter(({ platformId }) => isSeen(platformId))),
  ];
  const rank = { critical: 0, warning: 1, info: 2 };
  return found.toSorted((one, other) => rank[one.severity] - rank[other.severity]);
}

/** Rows of one kind as one: what they count is added, and the oldest time kept. Most first. */
function together<Row extends { count: number; waiting?: number; since?: Date }>(
  rows: readonly Row[],
  kindOf: (row: Row) => string,
): Row[] {
  const kinds = new Map<string, Row>();
  for (const row of rows) {
    const kind = kindOf(row);
    const other = kinds.get(kind);
    kinds.set(kind, other ? add(other, row) : row);
  }
  return [...kinds.values()].toSorted((one, other) => other.count - one.count);
}

function add<Row extends { count: number; waiting?: number; since?: Date }>(one: Row, other: Row): Row {
  const isOlder = one.since && other.since && other.since < one.since;
  return {
    ...one,
    count: one.count + other.count,
    ...(one.waiting !== undefined && { waiting: one.waiting + (other.waiting ?? 0) }),
    ...(isOlder && { since: other.since }),
  };
}

function ofTemporal(temporal: Facts['temporal']): Finding[] {
  const rest = { severity: 'critical', count: 1, since: null, see: null, call: null } as const;
  if (!temporal) {
    return [
      {
        type: 'temporalUnreachable',
        sentence: 'Temporal cannot be reached: scores are accepted and kept, and none is sent.',
        advice: 'Check the Temporal server and TEMPORAL_ADDRESS. What is due goes out by itself when it is back.',
        ...{ ...rest, subject: null },
      },
    ];
  }
  return temporal.queues
    .filter(({ pollers }) => pollers === 0)
    .map(({ taskQueue }) => ({
      type: 'queueWithoutWorker',
      sentence: `No worker asks for work on the task queue ${taskQueue}.`,
      advice: 'Start a worker, and look at the log of the one that should be running.',
      ...{ ...rest, subject: taskQueue },
    }));
}

/** Over the deployments of a platform: an installation by courses has hundreds. */
function ofBacklog({ platformId, count, since }: Waiting, lookedAt: Date): Finding[] {
  if (count === 0) return [];
  const age = since ? Math.round((lookedAt.getTime() - since.getTime()) / 1_000) : 0;
  const isLate = age > LATE_SECONDS;
  return [
    {
      type: isLate ? 'scoresLate' : 'scoresDue',
      severity: isLate ? 'warning' : 'info',
      sentence: `${counted(count, 'score waits', 'scores wait')} to be sent to ${platformId}${isLate ? `; the oldest is ready since ${age} s` : ''}.`,
      advice: isLate
        ? 'Look for open breakers and missing workers; else raise the limits of the platform.'
        : 'Nothing.',
      ...{ count, subject: platformId, since: since ?? null, call: null },
      see: `/v1/scores?platformId=${encodeURIComponent(platformId)}&state=due`,
    },
  ];
}

interface Waiting {
  platformId: string;
  count: number;
  since?: Date;
}

function toWaiting({ platformId, due, oldestReadySeconds }: Backlog, lookedAt: Date): Waiting {
  const since = oldestReadySeconds === null ? undefined : new Date(lookedAt.getTime() - oldestReadySeconds * 1_000);
  return { platformId, count: due, ...(since && { since }) };
}

/** What ends by itself is probed; what somebody has to put right goes on at once when they say that they did. */
function ofBreaker({ platform, platformId, type, since }: OpenBreaker): Finding {
  const kind = type ?? 'PlatformUnavailable';
  const parks = isFailureType(kind) && failureOf(kind).parks === true;
  return {
    type: 'breakerOpen',
    severity: 'critical',
    ...sayBreakerOpen({ platformId, type }),
    ...{ count: 1, subject: platformId, since: since ?? null, call: parks ? resumeOf(platform) : null },
    see: `/v1/platforms?platformId=${encodeURIComponent(platformId)}`,
  };
}

const resumeOf = (platform: string): Finding['call'] => ({
  method: 'POST',
  path: `/v1/platforms/${platform}/resume`,
  body: {},
});

interface OpenBreaker {
  platform: string;
  platformId: string;
  type: string | null;
  count: number;
  since?: Date;
}

function toOpen({ platform, platformId, type, openedAt }: TroubledBreaker): OpenBreaker {
  return { platform, platformId, type, count: 1, ...(openedAt && { since: openedAt }) };
}

const PAUSED = {
  platform: { type: 'platformPaused', one: 'The platform', many: 'platforms' },
  deployment: { type: 'deploymentsPaused', one: 'A deployment of the platform', many: 'deployments of the platform' },
  context: { type: 'contextsPaused', one: 'A course of the platform', many: 'courses of the platform' },
} as const;

/** A warning: somebody wanted it, and may have forgotten it since. */
function ofPaused({ kind, platform, platformId, count, since, reason }: PausedCount): Finding {
  const { type, one, many } = PAUSED[kind];
  const subject = count === 1 ? `${one} ${platformId} is` : `${count} ${many} ${platformId} are`;
  return {
    ...{ type, severity: 'warning', count, subject: platformId, since },
    sentence: `${subject} paused by hand: “${reason}”.`,
    advice: `Resume when the reason is gone: POST /v1/${kind}s/{id}/resume.`,
    see: `/v1/${kind === 'context' ? 'contexts?paused=true&' : 'platforms?'}platformId=${encodeURIComponent(platformId)}`,
    call: kind === 'platform' ? resumeOf(platform) : null,
  };
}

function ofParked({ kind, type, count, since, waiting }: ParkedCount): Finding {
  return {
    type: kind === 'context' ? 'contextsParked' : 'lineItemsParked',
    severity: waiting > 0 ? 'warning' : 'info',
    ...sayParked({ kind, type, count, waiting }),
    ...{ count, subject: type, since, call: null },
    see: kind === 'context' ? '/v1/contexts?parked=true' : `/v1/line-items?parked=true`,
  };
}

function ofNeedingLaunch({ count }: LaunchesNeeded): Finding {
  const rest = { subject: null, since: null, see: '/v1/contexts?launchNeeded=true', call: null };
  return { type: 'launchNeeded', severity: 'warning', ...sayLaunchNeeded(count), count, ...rest };
}

function ofRejected({ type, count, since }: RejectedCount): Finding {
  const { sentence, advice } = factsOf(type);
  return {
    type: 'scoresRejected',
    severity: 'warning',
    sentence: `${counted(count, 'score was', 'scores were')} rejected within a day. ${sentence}`,
    advice,
    ...{ count, subject: type, since },
    see: `/v1/scores?state=rejected&failureType=${type}`,
    call: { method: 'POST', path: '/v1/scores/retry', body: { filter: { state: 'rejected', failureType: type } } },
  };
}
