import Type, { type Static } from 'typebox';
import { RUN_CONTEXT_STATES, RUN_KINDS, RUN_STATES } from '../../domain/run.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import type { RunRecord } from '../../db/runs/runs.js';
import { notFound } from '../problems.js';
import { IdParamsSchema, LtiIdSchema, pageQueryProperties, pageSchema } from '../schemas/building-blocks.js';
import { commonProblems, notFoundProblem } from '../schemas/problem.js';
import { RunContextSchema, RunSchema } from '../schemas/run.js';
import type { Api, RouteOptions } from '../route.js';

const tags = ['runs'];

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags,
    summary: 'List runs',
    description:
      'Passes over many courses, newest first: nights, rosters, reconciliations, and what POST /v1/syncs began. A key ' +
      'that is limited to some platforms sees the counts of those.',
    querystring: Type.Object({
      kind: Type.Optional(Type.Enum([...RUN_KINDS])),
      state: Type.Optional(Type.Enum([...RUN_STATES])),
      platformId: Type.Optional({ ...LtiIdSchema, description: 'Runs with a course there, with all their counts.' }),
      deploymentId: Type.Optional({ ...LtiIdSchema, description: 'The same, of a deployment.' }),
      ...pageQueryProperties,
    }),
    response: { 200: pageSchema({ runs: Type.Array(RunSchema) }), ...commonProblems },
  },
} as const;

const LOOK_AT_ONE = {
  config: { scope: 'read' },
  schema: {
    tags,
    summary: 'Look at one run',
    description: 'Its counts so far, or as it ended, and where its workflows are shown.',
    params: IdParamsSchema,
    response: { 200: RunSchema, ...commonProblems, ...notFoundProblem },
  },
} as const;

const LIST_CONTEXTS = {
  config: { scope: 'read' },
  schema: {
    tags,
    summary: 'List the courses of a run',
    description:
      'Each with what the run knows of it. `notSettled`: nothing moved there for long, or the run came to its end before; ' +
      'the scores there go on by themselves.',
    params: IdParamsSchema,
    querystring: Type.Object({
      platformId: Type.Optional(LtiIdSchema),
      deploymentId: Type.Optional(LtiIdSchema),
      state: Type.Optional(Type.Enum([...RUN_CONTEXT_STATES])),
      ...pageQueryProperties,
    }),
    response: {
      200: pageSchema({ contexts: Type.Array(RunContextSchema) }),
      ...commonProblems,
      ...notFoundProblem,
    },
  },
} as const;

export async function runRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  const { store, workflows, now } = deps;

  app.get('/runs', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, ...filter } = request.query;
    const { platforms } = callerOf(request);
    const before = decodeCursor(cursor, 'number');
    const found = await store.runs.list({ ...filter, platforms, before, limit: limit + 1 });
    const { rows, nextCursor } = toPage(found, limit, ({ seq }) => seq);
    return { runs: rows.map(toAnswer), nextCursor };
  });

  app.get('/runs/:id', LOOK_AT_ONE, async (request) => {
    const { platforms } = callerOf(request);
    const found = await store.runs.find({ id: request.params.id, platforms });
    if (!found) throw notFound('run');
    return toAnswer(found);
  });

  app.get('/runs/:id/contexts', LIST_CONTEXTS, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, ...filter } = request.query;
    const { platforms } = callerOf(request);
    const run = request.params.id;
    if (!(await store.runs.find({ id: run, platforms }))) throw notFound('run');
    const after = decodeCursor(cursor, 'uuid');
    const found = await store.runs.listContexts({ ...filter, run, platforms, after, limit: limit + 1 });
    const { rows, nextCursor } = toPage(found, limit, ({ context }) => context);
    return { contexts: [...rows], nextCursor };
  });

  function toAnswer(run: RunRecord): Static<typeof RunSchema> {
    const { workflowId, startedAt, endedAt, source } = run;
    return {
      ...run,
      unchanged: source?.unchanged ?? 0,
      durationSeconds: ((endedAt ?? now()).getTime() - startedAt.getTime()) / 1_000,
      url: workflowId === null ? null : workflows.linkOf(workflowId).url,
      workflowsUrl: workflows.urlOfRun(run.id),
    };
  }
}
