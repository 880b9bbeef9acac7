import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { findClockTrouble, isTimeZone, parseCron, toTimeZone } from '../../domain/schedule-spec.js';
import { callerOf } from '../plugins/auth.js';
import { doOutside } from '../plugins/deeds.js';
import type { ScheduleChange, ScheduleRecord } from '../temporal/schedule-client.js';
import { ScheduleRefusedError } from '../temporal/schedule-refused-error.js';
import { notFound, ProblemError } from '../problems.js';
import { noteOf, tellSchedules, withoutWords, type ToldSchedule } from '../schedules/notes.js';
import { ReasonOnlySchema } from '../schemas/building-blocks.js';
import { commonProblems, notFoundProblem, unprocessableProblem } from '../schemas/problem.js';
import { ChangeScheduleSchema, NameParamsSchema, ScheduleSchema, SetScheduleSchema } from '../schemas/schedule.js';
import type { Api, RouteOptions } from '../route.js';

const tags = ['schedules'];
const problems = { ...commonProblems, ...notFoundProblem };

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags,
    summary: 'List schedules',
    description:
      'What begins by the clock: the sweep, the nightly run, rosters, reconciliation, upkeep. A key that is limited to some ' +
      'platforms is not told what operators wrote.',
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

const SET = {
  config: { scope: 'operate' },
  schema: {
    tags,
    summary: 'Set the time of a schedule',
    description:
      'The whole of it; without `jitterSeconds` it begins at the time itself. It outlives restarts and releases, until ' +
      'another time is configured. A time that cannot be is refused, and the old one stays.',
    params: NameParamsSchema,
    body: SetScheduleSchema,
    response: { 200: ScheduleSchema, ...problems, ...unprocessableProblem },
  },
} as const;

const CHANGE = {
  config: { scope: 'operate' },
  schema: {
    tags,
    summary: 'Change the time of a schedule in part',
    description: 'What is left out stays. Else as PUT.',
    params: NameParamsSchema,
    body: ChangeScheduleSchema,
    response: { 200: ScheduleSchema, ...problems, ...unprocessableProblem },
  },
} as const;

const TRIGGER = {
  summary: 'Run a schedule now',
  description: 'Nothing is started while a run is under way: `running` then names that one.',
};
const PAUSE = {
  summary: 'Pause a schedule',
  description: 'What runs goes on; nothing new begins until it is unpaused. Once more: another reason.',
};
const UNPAUSE = { summary: 'Unpause a schedule', description: 'Times that passed meanwhile are not made up for.' };

const toOptions = <Answer extends object>(words: { summary: string; description: string }, answer: Answer) =>
  ({
    config: { scope: 'operate' },
    schema: {
      tags,
      ...words,
      params: NameParamsSchema,
      body: ReasonOnlySchema,
      response: { ...answer, ...problems },
    },
  }) as const;

export async function scheduleRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  const { schedules, store, now } = deps;

  app.get('/schedules', LIST, async (request) => ({
    schedules: await toAnswers(request, await reach(() => schedules.list())),
    nextCursor: null,
  }));

  app.get('/schedules/:name', LOOK_AT_ONE, async (request) => answer(request, await getSchedule(request.params.name)));

  app.put('/schedules/:name', SET, async (request) => {
    const { reason, jitterSeconds = 0, ...wanted } = request.body;
    return change(request, request.params.name, { ...wanted, jitterSeconds }, reason);
  });

  app.patch('/schedules/:name', CHANGE, async (request) => {
    const { reason, ...wanted } = request.body;
    return change(request, request.params.name, wanted, reason);
  });

  async function change(request: FastifyRequest, name: string, wanted: Partial<ScheduleChange>, reason: string) {
    const deed = begin(request, 'changed', reason);
    const time = toChange(await getSchedule(name), wanted);
    await act(request, name, { ...deed, time }, (note) => schedules.change(name, time, note));
    return answer(request, await getSchedule(name, DONE));
  }

  app.post('/schedules/:name/trigger', toOptions(TRIGGER, { 202: ScheduleSchema }), async (request, reply) => {
    const { name } = request.params;
    const deed = begin(request, 'triggered', request.body.reason);
    await getSchedule(name);
    // The run that it begins looks for the entry.
    await act(request, name, deed, (note) => schedules.trigger(name, note));
    return reply.code(202).send(await answer(request, await getSchedule(name, DONE)));
  });

  app.post('/schedules/:name/pause', toOptions(PAUSE, { 200: ScheduleSchema }), async (request) => {
    const { name } = request.params;
    assertReachesAll(request);
    // Once more: another reason, the same beginning.
    const [before] = await tellSchedules(store.scheduleWords, [await getSchedule(name)]);
    const deed = begin(request, 'paused', request.body.reason, before?.paused?.since ?? undefined);
    await act(request, name, deed, (note) => schedules.pause(name, note));
    return answer(request, await getSchedule(name, DONE));
  });

  app.post('/schedules/:name/unpause', toOptions(UNPAUSE, { 200: ScheduleSchema }), async (request) => {
    const { name } = request.params;
    const deed = begin(request, 'unpaused', request.body.reason);
    await getSchedule(name);
    await act(request, name, deed, (note) => schedules.unpause(name, note));
    return answer(request, await getSchedule(name, DONE));
  });

  async function getSchedule(name: string, detail?: string): Promise<ScheduleRecord> {
    const found = await reach(() => schedules.find(name), detail);
    if (!found) throw notFound('schedule');
    return found;
  }

  /** The reason stays in the audit trail: Temporal is shown to others than its readers. */
  function begin(request: FastifyRequest, what: string, reason: string, at = now().toISOString()): Deed {
    assertReachesAll(request);
    const id = randomUUID();
    return { id, reason, note: noteOf(what, { apiKeyId: callerOf(request).apiKeyId, at, id }) };
  }

  function act(
    request: FastifyRequest,
    subject: string,
    { id, reason, note, time }: Deed & { time?: ScheduleChange },
    tell: (note: string) => Promise<void>,
  ): Promise<void> {
    const entry = { subject, reason, details: { ...time, note: id } };
    return doOutside(request, store.audit, { entry, work: async () => reach(() => tell(note), MAYBE_DONE) });
  }

  async function toAnswers(request: FastifyRequest, records: readonly ScheduleRecord[]) {
    const told = await tellSchedules(store.scheduleWords, records);
    const isLimited = callerOf(request).platforms !== null;
    return told.map((schedule) => show(isLimited ? withoutWords(schedule) : schedule, now()));
  }

  async function answer(request: FastifyRequest, record: ScheduleRecord): Promise<Static<typeof ScheduleSchema>> {
    const [shown] = await toAnswers(request, [record]);
    if (!shown) throw notFound('schedule');
    return shown;
  }
}

/** What an operator does to a schedule, and why. */
interface Deed {
  /** Of the note, for which Temporal keeps it in place of the reason. */
  id: string;
  reason: string;
  note: string;
}

function show(schedule: ToldSchedule, now: Date): Static<typeof ScheduleSchema> {
  const { cron, timeZone } = schedule;
  const isOurs = cron !== null && parseCron(cron).ok && isTimeZone(timeZone);
  const clockTrouble = isOurs ? findClockTrouble({ cron, timeZone }, now) : [];
  return { ...schedule, clockTrouble };
}

/** A key that is limited to some platforms must not stop the night of the others. */
function assertReachesAll(request: FastifyRequest): void {
  if (callerOf(request).platforms === null) return;
  throw new ProblemError('forbidden', 'Schedules serve all platforms, and this API key is limited to some.');
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

/** An act that got no answer may have been carried out all the same. */
const MAYBE_DONE = 'It may have been done, or not: look at the schedule before you try again.';
const DONE = 'It was done; how the schedule is now cannot be told.';

/** What only Temporal knows cannot be answered without it. */
async function reach<T>(call: () => Promise<T>, detail = 'Nothing was changed: try again later.'): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof ScheduleRefusedError) throw new ProblemError('invalid-schedule', cause.message);
    throw new ProblemError('temporal-unavailable', detail, {
      headers: { 'retry-after': '10' },
      cause,
    });
  }
}
