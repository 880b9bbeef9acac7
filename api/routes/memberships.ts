import Type from 'typebox';
import { hasScope } from '../callers.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { IdParamsSchema, LtiIdSchema, pageQueryProperties, pageSchema } from '../schemas/building-blocks.js';
import {
  ChangeNameSchema,
  MembershipChangeSchema,
  MembershipSchema,
  StandingSchema,
  StatusSchema,
} from '../schemas/membership.js';
import { commonProblems, notFoundProblem } from '../schemas/problem.js';
import { getContext } from './contexts.js';
import type { Api, RouteOptions } from '../route.js';

const problems = { ...commonProblems, ...notFoundProblem };

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags: ['contexts'],
    summary: 'List memberships',
    description:
      'The roster as it was last read whole, those who left included. Names and e-mails are kept only with ' +
      'STORE_NAMES=true, and are null for a key without the scope `people:read`. All given filters must hold.',
    params: IdParamsSchema,
    querystring: Type.Object({
      userId: Type.Optional(LtiIdSchema),
      role: Type.Optional({ ...LtiIdSchema, description: 'A whole role, or its last part: `Learner`.' }),
      standing: Type.Optional(StandingSchema),
      status: Type.Optional(StatusSchema),
      active: Type.Optional(Type.Boolean({ description: 'Only those whose status is Active, or only the others.' })),
      ...pageQueryProperties,
    }),
    response: { 200: pageSchema({ memberships: Type.Array(MembershipSchema) }), ...problems },
  },
} as const;

const LIST_CHANGES = {
  config: { scope: 'read' },
  schema: {
    tags: ['contexts'],
    summary: 'List membership changes',
    description: 'Who joined, left, returned or changed roles since the first roster was read, newest first.',
    params: IdParamsSchema,
    querystring: Type.Object({
      userId: Type.Optional(LtiIdSchema),
      change: Type.Optional(ChangeNameSchema),
      ...pageQueryProperties,
    }),
    response: { 200: pageSchema({ changes: Type.Array(MembershipChangeSchema) }), ...problems },
  },
} as const;

export async function membershipRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { memberships } = options.deps.store;

  app.get('/contexts/:id/memberships', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, ...filter } = request.query;
    const { id: context } = await getContext(request, options, request.params.id);
    const after = decodeCursor(cursor, 'text');
    const showsNames = hasScope(callerOf(request), 'people:read');
    const records = await memberships.list({ ...filter, context, showsNames, after, limit: limit + 1 });
    const { rows, nextCursor } = toPage(records, limit, ({ userId }) => userId);
    return { memberships: [...rows], nextCursor };
  });

  app.get('/contexts/:id/membership-changes', LIST_CHANGES, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, ...filter } = request.query;
    const { id: context } = await getContext(request, options, request.params.id);
    const before = decodeCursor(cursor, 'number');
    const records = await memberships.listChanges({ ...filter, context, before, limit: limit + 1 });
    const { rows, nextCursor } = toPage(records, limit, ({ id }) => id);
    return { changes: [...rows], nextCursor };
  });
}
