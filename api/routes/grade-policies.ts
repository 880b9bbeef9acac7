import Type from 'typebox';
import { GRADE_POLICIES, type GradePolicy } from '../../domain/grade-policy.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import { notFound, ProblemError } from '../problems.js';
import { IdParamsSchema, ReasonSchema, UuidSchema, WorkflowLinkSchema } from '../schemas/building-blocks.js';
import { commonProblems, conflictProblem, notFoundProblem } from '../schemas/problem.js';
import { wakerOf, type Api, type RouteOptions } from '../route.js';

const problems = { ...commonProblems, ...notFoundProblem };
const description =
  '`toolWins`: the score replaces what stands there. `humanWins`: the gradebook is read before each call, and a value ' +
  'that a person gave or changed is left; the score is `held`. `ask`: the same, and somebody decides.';

const SET_OF_CONTEXT = {
  config: { scope: 'operate' },
  schema: {
    tags: ['contexts'],
    summary: 'Say whose grades count in a course',
    description,
    params: IdParamsSchema,
    body: Type.Object({ gradePolicy: Type.Enum([...GRADE_POLICIES]), reason: ReasonSchema }),
    response: { 200: Type.Object({ id: UuidSchema, gradePolicy: Type.Enum([...GRADE_POLICIES]) }), ...problems },
  },
} as const;

const NullablePolicy = Type.Unsafe<GradePolicy | null>({ enum: [...GRADE_POLICIES, null] });

const SET_OF_LINE_ITEM = {
  config: { scope: 'operate' },
  schema: {
    tags: ['contexts'],
    summary: 'Say whose grades count in a column',
    description: `${description} Null: as in its course.`,
    params: IdParamsSchema,
    body: Type.Object({ gradePolicy: NullablePolicy, reason: ReasonSchema }),
    response: { 200: Type.Object({ id: UuidSchema, gradePolicy: NullablePolicy }), ...problems },
  },
} as const;

const DECIDE = {
  config: { scope: 'operate' },
  schema: {
    tags: ['scores'],
    summary: 'Decide on a held score',
    description:
      '`send`: it goes out over what a person put there, once. `keep`: what stands there is kept, and the score ends.',
    params: IdParamsSchema,
    body: Type.Object({ decision: Type.Enum(['send', 'keep']), reason: ReasonSchema }),
    response: {
      202: Type.Object({ id: UuidSchema, workflows: Type.Array(WorkflowLinkSchema) }),
      ...conflictProblem,
      ...problems,
    },
  },
} as const;

/** Whose grade counts, and decisions on scores that a person's grade holds back. */
export async function gradePolicyRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { gradePolicies, transact } = options.deps.store;

  app.put('/contexts/:id/grade-policy', SET_OF_CONTEXT, async (request) => {
    const { gradePolicy, reason } = request.body;
    const { platforms } = callerOf(request);
    const set = await transact(async (store) => {
      const done = await store.gradePolicies.setOfContext({ id: request.params.id, platforms, policy: gradePolicy });
      if (!done) throw notFound('context');
      await store.audit.insert(entryOf(request, { how: gradePolicy, subject: done.id, reason }));
      return done;
    });
    return { ...set, gradePolicy };
  });

  app.put('/line-items/:id/grade-policy', SET_OF_LINE_ITEM, async (request) => {
    const { gradePolicy, reason } = request.body;
    const { platforms } = callerOf(request);
    const set = await transact(async (store) => {
      const done = await store.gradePolicies.setOfLineItem({ id: request.params.id, platforms, policy: gradePolicy });
      if (!done) throw notFound('line item');
      await store.audit.insert(entryOf(request, { how: gradePolicy ?? 'inherit', subject: done.id, reason }));
      return done;
    });
    return { ...set, gradePolicy };
  });

  app.post('/scores/:id/decide', DECIDE, async (request, reply) => {
    const { decision, reason } = request.body;
    const { id } = request.params;
    const { platforms } = callerOf(request);
    const deed = entryOf(request, { how: decision, subject: id, reason });
    const decided = await gradePolicies.decide({ id, platforms, decision, audit: deed });
    if (!decided) throw notFound('score');
    if (!decided.wasHeld) throw new ProblemError('score-not-held', 'No decision is wanted on this score.');
    const waker = wakerOf(request, options);
    const { context, deployment, gate } = decided;
    if (decision === 'send') await waker.wake([{ context, deployment, gate, trigger: 'operator' }]);
    return reply.code(202).send({ id, workflows: waker.links() });
  });
}
