import { reachesPlatform } from '../../domain/reach.js';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { BulkAct } from '../../db/bulk/acts.js';
import type { BulkOperation } from '../../db/bulk/bulk-operations.js';
import { beginBulk } from '../bulk/begin-bulk.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import { notFound, ProblemError } from '../problems.js';
import type { ContextToWake } from '../../db/bulk/page.js';
import { LtiIdSchema, ReasonSchema, UuidSchema, WorkflowLinkSchema } from '../schemas/building-blocks.js';
import { BulkOperationSchema } from '../schemas/bulk-operation.js';
import { commonProblems, notFoundProblem } from '../schemas/problem.js';
import { scoreFilterProperties } from '../schemas/score.js';
import { withFailureWindow } from '../scores/failure-window.js';
import type { WorkflowLink } from '../temporal/workflow-link.js';
import { wakerOf, type Api, type RouteOptions } from '../route.js';

const MOST_IDS = 10_000;
/** What one call looks up to wake; the sweep finds the others. */
const MOST_WOKEN = 200;

const WorkflowsSchema = Type.Array(WorkflowLinkSchema);

const RETRY = {
  config: { scope: 'operate' },
  schema: {
    tags: ['scores'],
    summary: 'Retry scores',
    description:
      'Makes rejected or resting scores due now, by ids or by a filter (whose state is `rejected` unless it says ' +
      '`due`; an empty one is refused), and lets go the columns and courses that were set aside above them. Others stay as they are. ' +
      'What was taken back before it was sent is skipped, unless its id or its `failureType` is named.',
    body: Type.Object({
      ids: Type.Optional(Type.Array(UuidSchema, { maxItems: MOST_IDS })),
      filter: Type.Optional(Type.Object(scoreFilterProperties)),
      reason: ReasonSchema,
    }),
    response: {
      202: Type.Object({
        retried: Type.Integer({ description: 'So far: look whether the operation runs on.' }),
        unparkedContexts: Type.Integer(),
        unparkedLineItems: Type.Integer(),
        workflows: WorkflowsSchema,
        operation: BulkOperationSchema,
      }),
      ...commonProblems,
    },
  },
} as const;

const SYNC = {
  config: { scope: 'operate' },
  schema: {
    tags: ['syncs'],
    summary: 'Sync now',
    description:
      'By context (our uuid, or the LTI ids), by platform, or all. Scores that wait for the next nightly run are ' +
      'let go. At most 200 courses are woken by the call itself; the others follow within about a minute.',
    body: Type.Object({
      context: Type.Optional({ ...UuidSchema, description: 'Our uuid of a context.' }),
      platformId: Type.Optional(LtiIdSchema),
      deploymentId: Type.Optional(LtiIdSchema),
      contextId: Type.Optional({ ...LtiIdSchema, description: 'With platformId.' }),
      all: Type.Optional(Type.Literal(true)),
      reason: ReasonSchema,
    }),
    response: {
      202: Type.Object({
        released: Type.Integer({
          description: 'Scores that waited for the night, so far: look whether the operation runs on.',
        }),
        contexts: Type.Integer({ description: 'Courses with something to send, of those looked at.' }),
        runId: { ...UuidSchema, description: 'What becomes of it: GET /v1/runs/{id}.' },
        workflows: WorkflowsSchema,
        operation: BulkOperationSchema,
      }),
      ...commonProblems,
      ...notFoundProblem,
    },
  },
} as const;

/** Lets go scores that failed, or that wait for the night. */
export async function scoreReleaseRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { store } = options.deps;

  app.post('/scores/retry', RETRY, async (request, reply) => {
    const { ids, filter, reason } = request.body;
    const { platforms } = callerOf(request);
    assertSomeScores(ids, filter);
    const act: BulkAct = {
      kind: 'retryScores',
      ...(ids ? { ids } : { filter: withFailureWindow(filter ?? {}, '/filter') }),
    };
    const [id] = ids ?? [];
    const begun = await beginBulk(request, options, {
      ...{ act, reason },
      note(operation) {
        const counts = countsOf(operation);
        const isOne = id !== undefined && ids?.length === 1 && counts.retried === 1;
        return entryOf(request, {
          details: { ...counts, operation: operation.id, by: ids ? 'ids' : Object.keys(filter ?? {}) },
          ...{ reason, subject: isOne ? id : `${counts.retried} scores` },
          platforms: concernedBy(filter?.platformId, platforms),
        });
      },
    });
    const { operation, view, contexts, links } = begun;
    const counts = countsOf(operation);
    const workflows = [...links, ...(await wakeAll(request, contexts))];
    return reply.code(202).send({ ...counts, workflows, operation: view });
  });

  app.post('/syncs', SYNC, async (request, reply) => {
    const { context: uuid, reason, all, ...names } = request.body;
    assertOneScope({ ...names, context: uuid, all });
    const { platforms } = callerOf(request);
    const one = uuid === undefined ? undefined : await findContext(uuid, platforms);
    const scope = one ?? names;
    const { platformId, deploymentId, contextId } = scope;
    const act: BulkAct = {
      ...{ kind: 'sync', filter: { platformId, deploymentId, contextId } },
      ...(one && { context: one.id }),
    };
    const { operation, view, links } = await beginBulk(request, options, {
      ...{ act, reason },
      note: ({ id, acted }) =>
        entryOf(request, {
          ...{ reason, subject: one ? one.id : JSON.stringify(names.platformId ?? 'all') },
          details: { released: acted, runId: id },
          platforms: concernedBy(platformId, platforms),
        }),
    });
    const { id: runId, acted: released } = operation;
    const ready = one
      ? [{ context: one.id, deployment: one.deployment, gate: one.gate }]
      : await store.resumptions.listReady({ ...scope, platforms }, MOST_WOKEN);
    const workflows = [...links, ...(await wakeAll(request, ready, runId))];
    return reply.code(202).send({ released, contexts: ready.length, runId, workflows, operation: view });
  });

  async function findContext(id: string, platforms: readonly string[] | null) {
    const found = await store.contexts.find({ id, platforms });
    if (!found) throw notFound('context');
    const { platformId, deploymentId, contextId, deployment, gate } = found;
    return { id: found.id, deployment, gate, platformId, deploymentId, contextId };
  }

  async function wakeAll(
    request: FastifyRequest,
    contexts: readonly ContextToWake[],
    run?: string,
  ): Promise<WorkflowLink[]> {
    const waker = wakerOf(request, options);
    const more = run === undefined ? {} : { run };
    await waker.wake(contexts.map((context) => ({ ...context, trigger: 'operator', ...more })));
    return waker.links();
  }
}

function countsOf({ acted, details }: BulkOperation) {
  const { unparkedContexts = 0, unparkedLineItems = 0 } = details;
  return { retried: acted, unparkedContexts, unparkedLineItems };
}

function assertSomeScores(ids: readonly string[] | undefined, filter: object | undefined): void {
  if ((ids === undefined) === (filter === undefined)) {
    throw new ProblemError('invalid-request', 'Send either ids or a filter.', { pointer: '' });
  }
  if (filter === undefined || Object.keys(filter).length > 0) return;
  throw new ProblemError('invalid-request', 'An empty filter means all scores: name at least a state.', {
    pointer: '/filter',
  });
}

type SyncScope = Partial<Record<'context' | 'platformId' | 'deploymentId' | 'contextId' | 'all', unknown>>;

/** Of two scopes one would be passed over in silence. */
function assertOneScope({ context, platformId, deploymentId, contextId, all }: SyncScope): void {
  const isOfPlatform = platformId !== undefined;
  const scopes = [context !== undefined, isOfPlatform, all === true];
  const isLost = (deploymentId !== undefined || contextId !== undefined) && !isOfPlatform;
  if (scopes.filter(Boolean).length === 1 && !isLost) return;
  const detail = 'Name a context, or a platformId (with deploymentId and contextId, if you like), or send "all": true.';
  throw new ProblemError('invalid-request', detail, { pointer: '' });
}

/** A platform that a caller names without seeing it is not told of the deed. */
function concernedBy(platformId: string | undefined, platforms: readonly string[] | null): string[] | null {
  if (platformId === undefined) return null;
  return reachesPlatform(platforms, platformId) ? [platformId] : null;
}
