import type { FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { doOutside } from '../plugins/deeds.js';
import type { DriftRecord } from '../../db/courses/drift-reader.js';
import { assertNotPaused } from '../operations/assert-not-paused.js';
import { wakeCourseSurely } from '../temporal/tell-workflow.js';
import {
  IdParamsSchema,
  LtiIdSchema,
  NullableInstantSchema,
  pageQueryProperties,
  pageSchema,
  ReasonSchema,
  UuidSchema,
  WorkflowLinkSchema,
} from '../schemas/building-blocks.js';
import { DriftKindSchema, DriftSchema } from '../schemas/drift.js';
import { commonProblems, conflictProblem, notFoundProblem } from '../schemas/problem.js';
import { getContext } from './contexts.js';
import type { Api, RouteOptions } from '../route.js';

const problems = { ...commonProblems, ...notFoundProblem };

const filterProperties = {
  kind: Type.Optional(DriftKindSchema),
  lineItem: Type.Optional({ ...UuidSchema, description: 'Our uuid of the column.' }),
  lineItemId: Type.Optional({ ...LtiIdSchema, description: 'The id of the column in the LMS.' }),
  userId: Type.Optional(LtiIdSchema),
  ended: Type.Optional(
    Type.Boolean({ default: false, description: 'Findings that a later comparison did not make again.' }),
  ),
  ...pageQueryProperties,
};

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags: ['contexts'],
    summary: 'List what the gradebook shows otherwise',
    description:
      'Cells that did not show what they took from us when the gradebook was last compared, newest finding first. ' +
      'Cells that agree are not listed.',
    params: IdParamsSchema,
    querystring: Type.Object(filterProperties),
    response: {
      200: pageSchema({ resultsReadAt: NullableInstantSchema, results: Type.Array(DriftSchema) }),
      ...problems,
    },
  },
} as const;

const LIST_ALL = {
  config: { scope: 'read' },
  schema: {
    tags: ['contexts'],
    summary: 'List what the gradebooks of all courses show otherwise',
    description: 'As for one course: cells that did not show what they took from us, newest finding first.',
    querystring: Type.Object({
      platformId: Type.Optional(LtiIdSchema),
      deploymentId: Type.Optional(LtiIdSchema),
      context: Type.Optional(UuidSchema),
      ...filterProperties,
    }),
    response: { 200: pageSchema({ results: Type.Array(DriftSchema) }), ...commonProblems },
  },
} as const;

type DriftQuery = Static<(typeof LIST_ALL)['schema']['querystring']>;

const RECONCILE = {
  config: { scope: 'operate' },
  schema: {
    tags: ['contexts'],
    summary: 'Compare the gradebook with what was sent',
    description:
      'With `resend`, grades that are missing, changed or rescaled are sent again, once for each finding, as far as ' +
      'the grade policy of the column lets them be.',
    params: IdParamsSchema,
    body: Type.Object({ resend: Type.Optional(Type.Boolean({ default: false })), reason: ReasonSchema }),
    response: { 202: Type.Object({ workflows: Type.Array(WorkflowLinkSchema) }), ...problems, ...conflictProblem },
  },
} as const;

/** The gradebook held against what was sent. */
export async function resultRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { store, workflows } = options.deps;

  app.get('/contexts/:id/results', LIST, async (request) => {
    const { id: context, resultsReadAt } = await getContext(request, options, request.params.id);
    return { resultsReadAt, ...(await listPage(request, { ...request.query, context })) };
  });

  app.get('/results', LIST_ALL, async (request) => listPage(request, request.query));

  async function listPage(request: FastifyRequest, query: DriftQuery) {
    const { limit = DEFAULT_PAGE_SIZE, cursor, ended = false, ...filter } = query;
    const { platforms } = callerOf(request);
    const before = decodeCursor(cursor, 'number');
    const records = await store.drifts.list({ ...filter, platforms, ended, before, limit: limit + 1 });
    const { rows, nextCursor } = toPage(records, limit, ({ id }) => id);
    return { results: rows.map(toDrift), nextCursor };
  }

  app.post('/contexts/:id/reconcile', RECONCILE, async (request, reply) => {
    const { id: context, deployment } = await getContext(request, options, request.params.id);
    const { resend = false, reason } = request.body;
    await assertNotPaused(store.pauses, context);
    const asked = { context, deployment, trigger: 'operator', reconcile: true, resend } as const;
    const link = await doOutside(request, store.audit, {
      entry: { subject: context, reason, details: { resend } },
      work: () => wakeCourseSurely(request, workflows, asked),
    });
    return reply.code(202).send({ workflows: [link] });
  });
}

function toDrift({
  score: scoreId,
  lineItem: uuid,
  lineItemId,
  label,
  ...row
}: DriftRecord): Static<typeof DriftSchema> {
  return {
    ...{ id: row.id, platformId: row.platformId, deploymentId: row.deploymentId, contextId: row.contextId },
    ...{ context: row.context, scoreId, lineItem: { uuid, id: lineItemId, label }, userId: row.userId, kind: row.kind },
    sent: { revision: row.revision, scoreGiven: row.scoreGiven, scoreMaximum: row.scoreMaximum },
    shown: { resultScore: row.resultScore, resultMaximum: row.resultMaximum },
    ...{ foundAt: row.foundAt, seenAt: row.seenAt, resentAt: row.resentAt, endedAt: row.endedAt },
  };
}
