import type { FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { findClockTrouble, isTimeZone, parseCron, toTimeZone } from '../../domain/schedule-spec.js';
import { callerOf } from '../plugins/auth.js';
import type { ScheduleChange, ScheduleRecord } from '../temporal/schedule-client.js';
import { ScheduleRefusedError } from '../temporal/schedule-refused-error.js';
import { notFound, ProblemError } from '../problems.js';
import { ReasonOnlySchema } from '../schemas/building-blocks.js';
import { commonProblems, notFoundProblem, unprocessableProblem } from '../schemas/problem.js';
import { ChangeScheduleSchema, NameParamsSchema, ScheduleSchema } from '../schemas/schedule.js';
import type { Api, RouteOptions } from '../route.js';

const tags = ['schedules'];
const problems = { ...commonProblems, ...notFoundProblem };

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags,
    summary: 'List schedules',
    description: 'What begins by the clock: the sweep, the nightly run, rosters, reconciliation, upkeep.',
    response: {
      200: Type.Object({ schedules: Type.Array(ScheduleSchema), nextCursor: Type.Null() }),
      ...commonProblems,
    },
  },
} as const;

const LOOK_AT_ONE = {
  config: { scope: 'read' },
  schema: {
    tags,
    summary: 'Look at one schedule',
    description: 'With its next times, its last runs, and the changes of the clock that it meets.',
    params: NameParamsSchema,
    response: { 200: ScheduleSchema, ...problems },
  },
} as const;

const CHANGE = {
  config: { scope: 'operate' },
  schema: {
    tags,
    summary: 'Change the time of a schedule',
    description:
      'What is left out stays. It outlives restarts and releases, until another time is configured. A time that cannot ' +
      'be is refused, and the old one stays.',
    params: NameParamsSchema,
    body: ChangeScheduleSchema,
    response: { 200: ScheduleSchema, ...problems, ...unprocessableProblem },
  },
} as const;

/** The three that take a reason and nothing else. */
const ACTIONS = {
  trigger: {
    summary: 'Run a schedule now',
    description: 'Nothing is started while a run is under way: `running` then names that one.',
  },
  pause: { summary: 'Pause a schedule', description: 'What runs goes on; nothing new begins until it is unpaused.' },
  unpause: { summary: 'Unpause a schedule', description: 'Times that passed meanwhile are not made up for.' },
} as const;

export async function scheduleRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  const { schedules, store, now } = deps;

  app.get('/schedules', LIST, async () => ({
    schedules: (await reach(() => schedules.list())).map(toAnswer),
    nextCursor: null,
  }));

  app.get('/schedules/:name', LOOK_AT_ONE, async (request) => toAnswer(await getSchedule(request.params.name)));

  app.put('/schedules/:name', CHANGE, async (request) => {
    const { reason, ...wanted } = request.body;
    const { name } = request.params;
    const note = noteOf(request, 'changed', reason);
    const change = toChange(await getSchedule(name), wanted);
    await reach(() => schedules.change(name, change, note));
    await audit(request, 'change', name, reason, change);
    return toAnswer(await getSchedule(name));
  });

  for (const [action, words] of Object.entries(ACTIONS)) {
    if (action !== 'trigger' && action !== 'pause' && action !== 'unpause') continue;
    const options = {
      config: { scope: 'operate' },
      schema: {
        tags,
        ...words,
        params: NameParamsSchema,
        body: ReasonOnlySchema,
        response: { 202: ScheduleSchema, ...problems },
      },
    } as const;
    app.post(`/schedules/:name/${action}`, options, async (request, reply) => {
      const { name } = request.params;
      const { reason } = request.body;
      const note = noteOf(request, action === 'trigger' ? 'triggered' : `${action}d`, reason);
      await getSchedule(name);
      // The run that a trigger begins looks for the entry; of all else only what was done is told.
      if (action === 'trigger') await audit(request, action, name, reason);
      await reach(() => schedules[action](name, note));
      if (action !== 'trigger') await audit(request, action, name, reason);
      return reply.code(202).send(toAnswer(await getSchedule(name)));
    });
  }

  async function getSchedule(name: string): Promise<ScheduleRecord> {
    const found = await reach(() => schedules.find(name));
    if (!found) throw notFound('schedule');
    return found;
  }

  /** A key that is limited to some platforms must not stop the night of the others. */
  function noteOf(request: FastifyRequest, what: string, reason: string): string {
    const { apiKeyId, platforms } = callerOf(request);
    if (platforms !== null) {
      throw new ProblemError('forbidden', 'Schedules serve all platforms, and this API key is limited to some.');
    }
    return `${what} by API key ${apiKeyId} at ${now().toISOString()}: ${reason}`;
  }

  async function audit(
    request: FastifyRequest,
    action: string,
    subject: string,
    reason: string,
    change?: ScheduleChange,
  ): Promise<void> {
    const { apiKeyId: apiKey } = callerOf(request);
    await store.audit.insert({
      ...{ apiKey, action: `schedules.${action}`, subject, reason },
      ...(change && { details: { ...change } }),
    });
  }

  function toAnswer(record: ScheduleRecord): Static<typeof ScheduleSchema> {
    const { cron, timeZone } = record;
    const isOurs = cron !== null && parseCron(cron).ok && isTimeZone(timeZone);
    return { ...record, clockTrouble: isOurs ? findClockTrouble({ cron, timeZone }, now()) : [] };
  }
}

/** @throws {ProblemError} that says what is wrong with the time */
function toChange(record: ScheduleRecord, wanted: Partial<ScheduleChange>): ScheduleChange {
  const { cron = record.cron, jitterSeconds = record.jitterSeconds } = wanted;
  if (cron === null) {
    throw new ProblemError('invalid-schedule', 'It runs by an interval, so name a cron line.', { pointer: '/cron' });
  }
  const read = parseCron(cron);
  if (!read.ok) throw new ProblemError('invalid-schedule', `cron ${read.problem}.`, { pointer: '/cron' });
  const timeZone = toTimeZone(wanted.timeZone ?? record.timeZone);
  if (timeZone === undefined) {
    const detail = 'timeZone must be the name of a time zone, such as "Europe/Brussels" or "UTC".';
    throw new ProblemError('invalid-schedule', detail, { pointer: '/timeZone' });
  }
  return { cron, timeZone, jitterSeconds };
}

/** What only Temporal knows cannot be answered without it. */
async function reach<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof ScheduleRefusedError) throw new ProblemError('invalid-schedule', cause.message);
    throw new ProblemError('temporal-unavailable', 'Nothing was changed: try again later.', {
      headers: { 'retry-after': '10' },
      cause,
    });
  }
}
