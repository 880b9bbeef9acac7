import { PassThrough, Readable } from 'node:stream';
import Type from 'typebox';
import { pointerTo } from '../../domain/json-pointer.js';
import { unknownName } from '../../domain/nearest-name.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { notFound, ProblemError } from '../problems.js';
import { IdParamsSchema, pageQueryProperties, pageSchema } from '../schemas/building-blocks.js';
import { commonProblems, noneTakenAnswer, notFoundProblem } from '../schemas/problem.js';
import {
  ExplainedScoreSchema,
  IntakeAnswerSchema,
  ItemAnswerSchema,
  ScoreItemSchema,
  ScoreSchema,
  ReadUntilSchema,
  scoreFilterProperties,
  scoreListProperties,
  UpdatedAfterSchema,
} from '../schemas/score.js';
import { findPosition, toChangeCursor } from '../scores/change-cursor.js';
import { explainScore } from '../scores/explain.js';
import { CHUNK_SIZE, createIntake, type ItemAnswer } from '../scores/intake.js';
import { withFailureWindow } from '../scores/failure-window.js';
import { createStreamTurns } from '../scores/stream-turns.js';
import { takeStream } from '../scores/take-stream.js';
import { toScore } from '../scores/to-score.js';
import type { Wake } from '../../waking/workflow-waker.js';
import { areTooSmall, tooSmall } from '../too-small.js';
import { wakerOf, type Api, type RouteOptions } from '../route.js';

export const NDJSON_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];
const MOST_ATTEMPTS = 100;

const ManySchema = Type.Union([
  ScoreItemSchema,
  Type.Array(ScoreItemSchema),
  Type.Object({ scores: Type.Array(ScoreItemSchema) }),
]);
/** On the wire, lines of item answers; here, the stream of them. */
const AnswerStreamSchema = Type.Unsafe<Readable>({ ...ItemAnswerSchema });
const StreamLineSchema = Type.String({ description: 'One score a line; any number of lines.' });

const HAND_IN = {
  config: { scope: 'scores:write', bodyIsItems: true },
  // Items are judged one by one, so that a bad one never stops the others.
  validatorCompiler: () => () => true,
  schema: {
    tags: ['scores'],
    summary: 'Hand in scores',
    description:
      'One score, a list, or a stream of NDJSON without a size limit. Whatever is answered `accepted` is stored: it ' +
      'reaches the gradebook, or shows why not. Items are independent of each other. Repeating a request is safe. ' +
      '202 means that at least one item was taken: look at `invalid`, which counts the others. 422 means that none ' +
      'was, with the same answer for each item: a single score that is not good, or a list without a good one. ' +
      'NDJSON is answered by NDJSON, and always with 202, which is sent before the items are known: one line per ' +
      'item, while you are still sending or after it, as you read; the last line has the counts, or a `problem` if ' +
      'the stream was given up. It takes no Idempotency-Key. ' +
      'A process reads 32 streams at once; beyond them, 429 says when to come again. ' +
      'More than 20 items with less than 40 bytes each, on average, are refused together.',
    consumes: ['application/json', ...NDJSON_TYPES],
    body: {
      content: {
        'application/json': { schema: ManySchema },
        'application/x-ndjson': { schema: StreamLineSchema },
        'application/ndjson': { schema: StreamLineSchema },
        'application/jsonl': { schema: StreamLineSchema },
      },
    },
    response: {
      202: {
        description: 'Each item has its answer, in order.',
        content: {
          'application/json': { schema: IntakeAnswerSchema },
          'application/x-ndjson': { schema: AnswerStreamSchema },
        },
      },
      422: noneTakenAnswer(IntakeAnswerSchema),
      ...commonProblems,
    },
  },
} as const;

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags: ['scores'],
    summary: 'List scores',
    description:
      'Newest first. All given filters must hold. With `updatedAfter` by change, oldest first, for a tool that polls: ' +
      'first `?updatedAfter=2026-11-27T02:00:00Z`, then always `?cursor=<the last nextCursor>` with the same filters. ' +
      '`nextCursor` is never null then, also when a page is empty: a page that is not full means that all is read for ' +
      'now. Each score is met in its newest state at least once; one that changes again is met again. Changes show ' +
      'some two seconds after they were made, later while a long transaction is open; `readUntil` says how far it is. ' +
      'What a score waits for (`waitingFor`) may change with its course or platform, without a change of the score.',
    querystring: Type.Object({
      ...scoreFilterProperties,
      ...scoreListProperties,
      updatedAfter: Type.Optional(UpdatedAfterSchema),
      ...pageQueryProperties,
    }),
    response: {
      200: pageSchema({ scores: Type.Array(ScoreSchema), readUntil: ReadUntilSchema }),
      ...commonProblems,
    },
  },
} as const;

const LOOK_AT_ONE = {
  config: { scope: 'read' },
  schema: {
    tags: ['scores'],
    summary: 'Look at one score',
    description: 'With its attempts (the newest hundred, oldest first) and an explanation in plain words.',
    params: IdParamsSchema,
    response: { 200: ExplainedScoreSchema, ...commonProblems, ...notFoundProblem },
  },
} as const;

export async function scoreRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { deps } = options;
  const turns = createStreamTurns();
  app.addContentTypeParser(NDJSON_TYPES, async (_request: unknown, payload: unknown) => payload);

  app.post('/scores', HAND_IN, async (request, reply) => {
    const intake = createIntake(deps, { ...callerOf(request), requestId: request.id });
    const waker = wakerOf(request, options);
    const { body } = request;
    if (body instanceof Readable) {
      const leave = turns.enter();
      if (!leave) {
        const headers = { 'retry-after': '5' };
        throw new ProblemError('too-many-streams', 'Send it again when others have ended.', { headers });
      }
      const output = new PassThrough();
      const onFailure = (error: unknown): void =>
        request.log.error(
          { failure: error instanceof Error ? error.name : 'unknown' },
          'a stream of scores was given up',
        );
      takeStream({ input: body, output }, { intake, waker, turns, onFailure, space: options.space })
        .catch((error: unknown) => output.destroy(error instanceof Error ? error : new Error(String(error))))
        .finally(leave);
      return reply.code(202).type('application/x-ndjson').send(output);
    }
    const items = toItems(body);
    if (areTooSmall({ items: items.length, bytes: request.jsonBytes })) throw tooSmall();
    const scores: ItemAnswer[] = [];
    const wakes: Wake[] = [];
    for (let from = 0; from < items.length; from += CHUNK_SIZE) {
      const taken = await intake.store(intake.read(items.slice(from, from + CHUNK_SIZE).map((value) => ({ value }))));
      scores.push(...taken.answers);
      wakes.push(...taken.wakes);
    }
    await waker.wake(wakes);
    const isTaken = scores.some(({ outcome }) => outcome !== 'invalid');
    return reply.code(isTaken ? 202 : 422).send({ scores, ...intake.counts(), workflows: waker.links() });
  });

  app.get('/scores', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, updatedAfter, ...asked } = request.query;
    const filter = withFailureWindow(asked);
    const { platforms } = callerOf(request);
    const after = findPosition({ updatedAfter, cursor });
    if (after) {
      const { scores, next } = await deps.store.scoreChanges.list({ ...filter, platforms, after, limit });
      // To the millisecond, as all times: not later than it is.
      const readUntil = new Date(next.at);
      return { scores: scores.map(toScore), readUntil, nextCursor: toChangeCursor(next) };
    }
    const before = decodeCursor(cursor, 'number');
    const records = await deps.store.scores.list({ ...filter, platforms, before, limit: limit + 1 });
    const { rows, nextCursor } = toPage(records, limit, ({ seq }) => seq);
    return { scores: rows.map(toScore), readUntil: null, nextCursor };
  });

  app.get('/scores/:id', LOOK_AT_ONE, async (request) => {
    const { id } = request.params;
    const record = await deps.store.scores.find({ id, platforms: callerOf(request).platforms });
    if (!record) throw notFound('score');
    const attempts = await deps.store.scores.listAttempts(id, MOST_ATTEMPTS);
    return {
      ...toScore(record),
      attempts: attempts.map(({ workflowRun, ...attempt }) => ({
        ...attempt,
        workflow: workflowRun ? deps.workflows.linkOfRun(record.gate, workflowRun) : null,
      })),
      explanation: explainScore(record, attempts),
    };
  });
}

/** One object, a list, or `{ scores: [ … ] }`. */
function toItems(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body;
  if (typeof body === 'object' && body !== null) {
    if (!('scores' in body)) return [body];
    const [other] = Object.keys(body).filter((name) => name !== 'scores');
    if (other !== undefined) {
      throw new ProblemError('invalid-request', unknownName('The body', other, ['scores']), {
        pointer: pointerTo('', other),
      });
    }
    if (Array.isArray(body.scores)) return body.scores;
  }
  const detail = 'Send one score, a list of scores, or { "scores": [ … ] }.';
  throw new ProblemError('invalid-request', detail, { pointer: '' });
}
