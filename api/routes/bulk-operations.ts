import Type from 'typebox';
import { BULK_STATES } from '../../domain/bulk-operation.js';
import { toBulkOperation } from '../bulk/begin-bulk.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import { notFound, ProblemError } from '../problems.js';
import type { Api, RouteOptions } from '../route.js';
import { IdParamsSchema, pageQueryProperties, pageSchema, ReasonOnlySchema } from '../schemas/building-blocks.js';
import { BulkOperationSchema } from '../schemas/bulk-operation.js';
import { commonProblems, conflictProblem, notFoundProblem } from '../schemas/problem.js';

const problems = { ...commonProblems, ...notFoundProblem };

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags: ['bulk operations'],
    summary: 'List bulk operations',
    description: 'Newest first: retries, syncs, resumptions and replays, each with what it has done.',
    querystring: Type.Object({ state: Type.Optional(Type.Enum([...BULK_STATES])), ...pageQueryProperties }),
    response: { 200: pageSchema({ bulkOperations: Type.Array(BulkOperationSchema) }), ...commonProblems },
  },
} as const;

const LOOK = {
  config: { scope: 'read' },
  schema: {
    tags: ['bulk operations'],
    summary: 'Look at one bulk operation',
    description: 'What it has done so far, and whether there is more to do.',
    params: IdParamsSchema,
    response: { 200: BulkOperationSchema, ...problems },
  },
} as const;

const CANCEL = {
  config: { scope: 'operate' },
  schema: {
    tags: ['bulk operations'],
    summary: 'Cancel a bulk operation',
    description: 'Ends it after the page that is under way. What was done stays done.',
    params: IdParamsSchema,
    body: ReasonOnlySchema,
    response: { 200: BulkOperationSchema, ...conflictProblem, ...problems },
  },
} as const;

/** What operators began to do to many rows. */
export async function bulkOperationRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  const { bulkOperations, transact } = deps.store;

  app.get('/bulk-operations', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, state } = request.query;
    const { platforms } = callerOf(request);
    const before = decodeCursor(cursor, 'number');
    const found = await bulkOperations.list({ platforms, state, before, limit: limit + 1 });
    const { rows, nextCursor } = toPage(found, limit, ({ seq }) => seq);
    return { bulkOperations: rows.map((operation) => toBulkOperation(operation, deps.workflows)), nextCursor };
  });

  app.get('/bulk-operations/:id', LOOK, async (request) => get(request.params.id, callerOf(request).platforms));

  app.post('/bulk-operations/:id/cancel', CANCEL, async (request) => {
    const { id } = request.params;
    const { platforms } = callerOf(request);
    await get(id, platforms);
    await transact(async (store) => {
      if (!(await store.bulkOperations.cancel({ id, platforms }))) {
        throw new ProblemError('bulk-operation-ended', 'What it has done stays done.');
      }
      await store.audit.insert(entryOf(request, { subject: id, reason: request.body.reason }));
    });
    return get(id, platforms);
  });

  async function get(id: string, platforms: readonly string[] | null) {
    const found = await bulkOperations.find({ id, platforms });
    if (!found) throw notFound('bulk operation');
    return toBulkOperation(found, deps.workflows);
  }
}
