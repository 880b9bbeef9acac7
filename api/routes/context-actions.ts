import Type from 'typebox';
import { beginBulk } from '../bulk/begin-bulk.js';
import { doOutside, entryOf } from '../plugins/deeds.js';
import { assertNotPaused } from '../operations/assert-not-paused.js';
import { IdParamsSchema, ReasonOnlySchema, WorkflowLinkSchema } from '../schemas/building-blocks.js';
import { BulkOperationSchema } from '../schemas/bulk-operation.js';
import { contextProperties } from '../schemas/context.js';
import { commonProblems, conflictProblem, notFoundProblem } from '../schemas/problem.js';
import { wakeCourseSurely } from '../temporal/tell-workflow.js';
import { getContext, toContext } from './contexts.js';
import { wakerOf, type Api, type RouteOptions } from '../route.js';

const problems = { ...commonProblems, ...notFoundProblem };

const REFRESH_ROSTER = {
  config: { scope: 'operate' },
  schema: {
    tags: ['contexts'],
    summary: 'Read the roster again',
    description: 'Now, even when it is fresh.',
    params: IdParamsSchema,
    body: ReasonOnlySchema,
    response: { 202: Type.Object({ workflows: Type.Array(WorkflowLinkSchema) }), ...problems, ...conflictProblem },
  },
} as const;

const RESUME = {
  config: { scope: 'operate' },
  schema: {
    tags: ['contexts'],
    summary: 'Resume a context',
    description: 'Ends its pause, the setting aside of the course and of its columns, and the rests of its scores.',
    params: IdParamsSchema,
    body: ReasonOnlySchema,
    response: {
      202: Type.Object({
        ...contextProperties,
        resumed: Type.Integer({
          description: 'Scores that wait there; while the operation runs, those that it reached.',
        }),
        workflows: Type.Array(WorkflowLinkSchema),
        operation: BulkOperationSchema,
      }),
      ...problems,
    },
  },
} as const;

/** What operators do to one course. */
export async function contextActionRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { store, workflows } = options.deps;

  app.post('/contexts/:id/roster-refresh', REFRESH_ROSTER, async (request, reply) => {
    const { id: context, deployment } = await getContext(request, options, request.params.id);
    await assertNotPaused(store.pauses, context);
    const asked = { context, deployment, trigger: 'operator', roster: true } as const;
    const link = await doOutside(request, store.audit, {
      entry: { subject: context, reason: request.body.reason },
      work: () => wakeCourseSurely(request, workflows, asked),
    });
    return reply.code(202).send({ workflows: [link] });
  });

  app.post('/contexts/:id/resume', RESUME, async (request, reply) => {
    const { id: context, deployment, gate } = await getContext(request, options, request.params.id);
    const { reason } = request.body;
    const act = { kind: 'resumeContext', context } as const;
    await store.pauses.resume({ kind: 'context', id: context, audit: entryOf(request, { subject: context, reason }) });
    const { operation, view, links } = await beginBulk(request, options, { act, reason });
    const waker = wakerOf(request, options);
    await waker.wake([{ context, deployment, gate, trigger: 'operator', lineItems: true }]);
    const now = toContext(await getContext(request, options, context), workflows);
    const resumed = operation.details['resumed'] ?? operation.acted;
    return reply.code(202).send({ ...now, resumed, workflows: [...links, ...waker.links()], operation: view });
  });
}
