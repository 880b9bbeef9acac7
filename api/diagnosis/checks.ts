import { counted } from '../../domain/finding-words.js';
import { failureOf } from '../../domain/failure.js';
import { ofUnreadableDataKeys } from '../operations/key-findings.js';
import { WATCHED } from '../schedules/schedule-findings.js';
import type { Looked } from './look.js';

export const CHECK_NAMES = [
  ...(['versions', 'database', 'schema', 'clock', 'keyRing'] as const),
  ...(['temporal', 'queues', 'searchAttributes', 'schedules', 'ltiaas'] as const),
] as const;

export interface Check {
  name: (typeof CHECK_NAMES)[number];
  /** `unknown`: what it would ask cannot be asked. */
  state: 'ok' | 'warning' | 'failed' | 'unknown';
  /** One sentence. */
  says: string;
  /** What to do about it; null where nothing is to be done. */
  helps: string | null;
}

type Verdict = Omit<Check, 'name'>;

const ok = (says: string): Verdict => ({ state: 'ok', says, helps: null });
const warning = (says: string, helps: string): Verdict => ({ state: 'warning', says, helps });
const failed = (says: string, helps: string): Verdict => ({ state: 'failed', says, helps });
const unknown = (says: string, helps: string): Verdict => ({ state: 'unknown', says, helps });

const NO_DATABASE = unknown('The database cannot be asked.', 'Put the database right first.');
const NO_TEMPORAL = unknown('Temporal cannot be asked.', 'Put Temporal right first.');
/** Leases and signatures bear some; more is a clock that nobody sets. */
const CLOCK_WARNING_MS = 2_000;
const CLOCK_FAILED_MS = 30_000;

/** What is to be said of an installation, to somebody who may see these platforms; null: all. */
export function toChecks(looked: Looked, platforms: readonly string[] | null): Check[] {
  const verdicts: Record<Check['name'], Verdict> = {
    versions: ofVersions(looked),
    database: ofDatabase(looked),
    schema: ofSchema(looked),
    clock: ofClock(looked),
    keyRing: ofKeyRing(looked, platforms),
    temporal: ofTemporal(looked),
    queues: ofQueues(looked),
    searchAttributes: ofSearchAttributes(looked),
    schedules: ofSchedules(looked),
    ltiaas: ofLtiaas(looked),
  };
  return CHECK_NAMES.map((name) => ({ name, ...verdicts[name] }));
}

function ofVersions({ version, queues }: Looked): Verdict {
  const builds = [...new Set((queues ?? []).flatMap((queue) => queue.builds))].toSorted();
  const ofWorkers =
    builds.length > 0 ? ` Workers are of ${counted(builds.length, 'build', 'builds')}: ${builds.join(', ')}.` : '';
  return ok(`The API is Passback ${version}, on Node ${process.versions.node}.${ofWorkers}`);
}

function ofDatabase({ database }: Looked): Verdict {
  if (database) return ok(`PostgreSQL ${database.version} answers.`);
  return failed('The database does not answer.', 'Check PostgreSQL and DATABASE_URL, and the log of the API.');
}

function ofSchema({ database }: Looked): Verdict {
  if (!database) return NO_DATABASE;
  const { missing, unknown: others } = database;
  if (missing.length > 0) {
    return failed(
      `The database lacks ${counted(missing.length, 'migration', 'migrations')} of this release, from ${missing[0]} on.`,
      'Run the migrations: npm run migrate, or the image with dist/worker/migrate.js.',
    );
  }
  if (others.length > 0) {
    return warning(
      `The database has ${counted(others.length, 'migration', 'migrations')} of a newer release: ${others.at(-1)}.`,
      'During an upgrade that is as it should be; else this API is an old one.',
    );
  }
  return ok('The database has all migrations of this release.');
}

function ofClock({ database }: Looked): Verdict {
  if (!database) return NO_DATABASE;
  const { aheadMs, tookMs } = database;
  const apartMs = Math.max(0, Math.abs(aheadMs) - tookMs / 2);
  if (apartMs < CLOCK_WARNING_MS) return ok('The clocks of the API and of the database agree.');
  const says = `The clock of the API is ${Math.round(apartMs / 1_000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the database's.`;
  const helps = 'Have NTP set the clocks of both hosts: signatures and times of scores are judged by them.';
  return apartMs < CLOCK_FAILED_MS ? warning(says, helps) : failed(says, helps);
}

function ofKeyRing({ unreadableKeys }: Looked, platforms: readonly string[] | null): Verdict {
  if (!unreadableKeys) return NO_DATABASE;
  const seen = unreadableKeys.filter(
    ({ platformId }) => platforms === null || (platformId !== null && platforms.includes(platformId)),
  );
  const [first, ...others] = ofUnreadableDataKeys(seen);
  if (!first) return ok('ENCRYPTION_KEYS of the API opens all that is stored.');
  const more = others.length > 0 ? ` So it is with ${counted(others.length, 'other', 'others')}.` : '';
  return failed(`${first.sentence}${more}`, first.advice);
}

function ofTemporal({ hasTemporal }: Looked): Verdict {
  if (hasTemporal) return ok('Temporal answers.');
  return failed(
    'Temporal cannot be reached: scores are accepted and kept, and none is sent.',
    'Check the Temporal server, TEMPORAL_ADDRESS and the network between. What is due goes out by itself when it is back.',
  );
}

function ofQueues({ queues, hasTemporal }: Looked): Verdict {
  if (!hasTemporal) return NO_TEMPORAL;
  if (!queues) {
    return failed(
      'The task queues cannot be read.',
      'Check TEMPORAL_NAMESPACE, and what its key or certificate allows.',
    );
  }
  const idle = queues.filter(({ pollers }) => pollers === 0).map(({ taskQueue }) => taskQueue);
  if (idle.length > 0) {
    return failed(
      `No worker asks for work on the task ${idle.length === 1 ? 'queue' : 'queues'} ${idle.join(', ')}.`,
      'Start a worker, with the same TEMPORAL_NAMESPACE and TEMPORAL_PREFIX, and look at its log.',
    );
  }
  return ok(`Workers ask for work on ${queues.map(({ taskQueue }) => taskQueue).join(', ')}.`);
}

function ofSearchAttributes({ missingAttributes, hasTemporal }: Looked): Verdict {
  if (!hasTemporal) return NO_TEMPORAL;
  if (!missingAttributes) {
    return unknown('The search attributes cannot be listed.', 'Check what the key or certificate for Temporal allows.');
  }
  if (missingAttributes.length === 0) return ok('The namespace has all search attributes.');
  return failed(
    `The namespace lacks search attributes, so workflows do not start: ${missingAttributes.join(', ')}.`,
    'Restart a worker, which makes them; on Temporal Cloud run deploy/temporal/create-search-attributes.sh.',
  );
}

function ofSchedules({ schedules, hasTemporal }: Looked): Verdict {
  if (!hasTemporal) return NO_TEMPORAL;
  if (!schedules) return failed('The schedules cannot be read.', 'Check TEMPORAL_NAMESPACE, and what its key allows.');
  const gone = WATCHED.filter(({ name }) => !schedules.some((record) => record.name === name)).map(({ name }) => name);
  if (gone.length > 0) {
    return failed(
      `${gone.length === 1 ? 'A schedule is' : 'Schedules are'} not in Temporal, so nothing begins by the clock there: ${gone.join(', ')}.`,
      'Restart a worker: it makes them.',
    );
  }
  const paused = WATCHED.filter(
    ({ name, paused: severity }) => severity === 'warning' && schedules.some((one) => one.name === name && one.paused),
  ).map(({ name }) => name);
  if (paused.length > 0) {
    const says = `${paused.length === 1 ? 'A schedule is' : 'Schedules are'} paused: ${paused.join(', ')}.`;
    return warning(says, `Let it go when the reason is gone: POST /v1/schedules/${paused[0]}/unpause.`);
  }
  return ok('All schedules are there.');
}

function ofLtiaas({ ltiaas }: Looked): Verdict {
  if (ltiaas === null) return ok('LTIAAS answers, and takes our API key.');
  const helps = 'Check LTIAAS_URL, the network from here to there, and the status page of LTIAAS.';
  if (ltiaas === 'late') return failed('LTIAAS does not answer within a second.', helps);
  const { type, status } = ltiaas;
  if (type === 'ApiKeyRejected' || type === 'ServiceInactive') {
    const { sentence, advice } = failureOf(type);
    return failed(sentence, advice);
  }
  if (status !== undefined)
    return warning(`LTIAAS answers with ${status}, which is not what it says to a stranger.`, helps);
  return failed('LTIAAS cannot be reached.', helps);
}
