import { Readable } from 'node:stream';
import Type from 'typebox';
import { CHANGE_OUTCOMES } from '../../domain/backfill.js';
import { unknownName } from '../../domain/nearest-name.js';
import { createProgressEvents } from '../backfills/progress-events.js';
import { toChange, toColumn, toLineProblem } from '../backfills/to-backfill.js';
import { CHANGE_HEAD, PROBLEM_HEAD, toChangeRow, toProblemRow } from '../backfills/write-csv.js';
import { ProblemError } from '../problems.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { BackfillColumnSchema, BackfillEventSchema, BackfillProblemSchema } from '../schemas/backfill.js';
import { ChangeSchema } from '../schemas/backfill-preview.js';
import { IdParamsSchema, pageQueryProperties, pageSchema } from '../schemas/building-blocks.js';
import { commonProblems, notFoundProblem, problemAnswer } from '../schemas/problem.js';
import { getBackfill } from './backfills.js';
import type { Api, RouteOptions } from '../route.js';

const DOWNLOAD_PAGE = 2_000;
const problems = { ...commonProblems, ...notFoundProblem };
const FormatSchema = Type.Optional(
  Type.Unsafe<'json' | 'csv'>({ type: 'string', enum: ['json', 'csv'], description: '`csv` gives all as one file.' }),
);
const StreamSchema = Type.Unsafe<Readable>({ type: 'string' });
const ofOne = { tags: ['backfills'], params: IdParamsSchema };

const COLUMNS = {
  config: { scope: 'read' },
  schema: {
    ...ofOne,
    summary: 'List the columns of a backfill',
    description: 'How many scores of each course and column would be raised, lowered, given and so on.',
    querystring: Type.Object({ ...pageQueryProperties }),
    response: { 200: pageSchema({ columns: Type.Array(BackfillColumnSchema) }), ...problems },
  },
} as const;

const CHANGES = {
  config: { scope: 'read' },
  schema: {
    ...ofOne,
    summary: 'List the changes of a backfill',
    description: 'Before and after for each line, with its outcome and time. `outcome=sent` is the undo list.',
    querystring: Type.Object({
      ...pageQueryProperties,
      format: FormatSchema,
      outcome: Type.Optional(
        Type.String({
          maxLength: 200,
          description: `One or more, with commas between: ${CHANGE_OUTCOMES.join(', ')}.`,
        }),
      ),
    }),
    response: {
      200: {
        description: 'A page, or the whole as CSV.',
        content: {
          'application/json': { schema: pageSchema({ changes: Type.Array(ChangeSchema) }) },
          'text/csv': { schema: StreamSchema },
        },
      },
      ...problems,
    },
  },
} as const;

const PROBLEMS = {
  config: { scope: 'read' },
  schema: {
    ...ofOne,
    summary: 'List the problems of a backfill',
    description:
      'Lines that cannot be read, are refused, or are blocked, each with its number and the reason in words.',
    querystring: Type.Object({ ...pageQueryProperties, format: FormatSchema }),
    response: {
      200: {
        description: 'A page, or the whole as CSV.',
        content: {
          'application/json': { schema: pageSchema({ problems: Type.Array(BackfillProblemSchema) }) },
          'text/csv': { schema: StreamSchema },
        },
      },
      ...problems,
    },
  },
} as const;

const EVENTS = {
  config: { scope: 'read' },
  schema: {
    ...ofOne,
    summary: 'Follow a backfill',
    description:
      'Server-sent events: `progress` with state and counts whenever they change, and `end` at the end; ' +
      '`stopping` when this process ends: open it again. A process has 64 open at once, 16 of them for one API key.',
    response: {
      200: {
        description: 'Events, each as described.',
        content: { 'text/event-stream': { schema: BackfillEventSchema } },
      },
      ...problems,
      429: problemAnswer('Too many are open; Retry-After says when to come again.'),
    },
  },
} as const;

/** What a backfill would do, does and did. */
export async function backfillReportRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { backfills } = options.deps.store;
  const progress = createProgressEvents((watcher) => backfills.find(watcher));
  app.addHook('preClose', async () => progress.stop());

  app.get('/backfills/:id/columns', COLUMNS, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor } = request.query;
    const { id: backfill } = await getBackfill(request, options, request.params.id);
    const records = await backfills.listColumns({ backfill, after: toLine(cursor), limit: limit + 1 });
    const { rows, nextCursor } = toPage(records, limit, ({ target }) => String(target));
    return { columns: rows.map(toColumn), nextCursor };
  });

  app.get('/backfills/:id/changes', CHANGES, async (request, reply) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, format, outcome } = request.query;
    const { id: backfill } = await getBackfill(request, options, request.params.id);
    const outcomes = readOutcomes(outcome);
    if (format === 'csv') {
      const read = (after: number) => backfills.listChanges({ backfill, outcomes, after, limit: DOWNLOAD_PAGE });
      return reply
        .header('content-disposition', `attachment; filename="changes-${backfill}.csv"`)
        .type('text/csv; charset=utf-8')
        .send(download(CHANGE_HEAD, read, toChangeRow));
    }
    const records = await backfills.listChanges({ backfill, outcomes, after: toLine(cursor), limit: limit + 1 });
    const { rows, nextCursor } = toPage(records, limit, ({ line }) => String(line));
    return reply.send({ changes: rows.map(toChange), nextCursor });
  });

  app.get('/backfills/:id/problems', PROBLEMS, async (request, reply) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, format } = request.query;
    const { id: backfill } = await getBackfill(request, options, request.params.id);
    if (format === 'csv') {
      const read = (after: number) => backfills.listProblems({ backfill, after, limit: DOWNLOAD_PAGE });
      return reply
        .header('content-disposition', `attachment; filename="problems-${backfill}.csv"`)
        .type('text/csv; charset=utf-8')
        .send(download(PROBLEM_HEAD, read, (record) => toProblemRow(toLineProblem(record))));
    }
    const records = await backfills.listProblems({ backfill, after: toLine(cursor), limit: limit + 1 });
    const { rows, nextCursor } = toPage(records, limit, ({ line }) => String(line));
    return reply.send({ problems: rows.map(toLineProblem), nextCursor });
  });

  app.get('/backfills/:id/events', EVENTS, async (request, reply) => {
    const { id } = request.params;
    const { platforms, apiKeyId: apiKey } = callerOf(request);
    const events = await progress.open({ id, platforms, apiKey }, () => getBackfill(request, options, id));
    return reply.type('text/event-stream').header('x-accel-buffering', 'no').send(events);
  });
}

/** @throws {ProblemError} for a word that is no outcome: it would find nothing, which looks like good news. */
function readOutcomes(list: string | undefined): string[] | undefined {
  const outcomes = list?.split(',').map((word) => word.trim());
  const known: readonly string[] = CHANGE_OUTCOMES;
  const unknown = outcomes?.find((word) => !known.includes(word));
  if (unknown === undefined) return outcomes;
  throw new ProblemError('invalid-request', unknownName('outcome', unknown, known), { pointer: '/outcome' });
}

function toLine(cursor: string | undefined): number {
  return Number(decodeCursor(cursor, 'number') ?? 0);
}

/** A file of any length, read page by page as the caller takes it. */
function download<Row extends { line: number }>(
  head: string,
  read: (after: number) => Promise<Row[]>,
  toRow: (row: Row) => string,
): Readable {
  const parts = async function* (): AsyncGenerator<string, void, void> {
    yield head;
    for (let after = 0; ;) {
      const rows = await read(after);
      const last = rows.at(-1);
      if (!last) return;
      yield rows.map(toRow).join('');
      after = last.line;
    }
  };
  return Readable.from(parts(), { objectMode: false });
}
