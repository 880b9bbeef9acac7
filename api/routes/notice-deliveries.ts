import Type from 'typebox';
import type { NoticeDelivery } from '../../db/notices/notice-deliveries.js';
import { DELIVERY_STATES } from '../../domain/notice.js';
import { sayNotice, type Notice } from '../../domain/notice-words.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import { notFound } from '../problems.js';
import type { Api, RouteOptions } from '../route.js';
import {
  IdParamsSchema,
  pageQueryProperties,
  pageSchema,
  ReasonOnlySchema,
  UuidSchema,
  WorkflowLinkSchema,
} from '../schemas/building-blocks.js';
import { NoticeDeliverySchema, NoticeSchema } from '../schemas/notice.js';
import { commonProblems, notFoundProblem } from '../schemas/problem.js';

const problems = { ...commonProblems, ...notFoundProblem };
const tags = ['notices'];

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags,
    summary: 'List deliveries of notices',
    description: 'Newest first: each message to each endpoint, and how far it came. Kept for thirty days.',
    querystring: Type.Object({
      endpoint: Type.Optional(UuidSchema),
      state: Type.Optional(Type.Enum([...DELIVERY_STATES])),
      ...pageQueryProperties,
    }),
    response: { 200: pageSchema({ noticeDeliveries: Type.Array(NoticeDeliverySchema) }), ...commonProblems },
  },
} as const;

const LOOK = {
  config: { scope: 'read' },
  schema: {
    tags,
    summary: 'Look at a delivery of notices',
    description: 'With what it says.',
    params: IdParamsSchema,
    response: {
      200: Type.Object({ ...NoticeDeliverySchema.properties, notices: Type.Array(NoticeSchema) }),
      ...problems,
    },
  },
} as const;

const RESEND = {
  config: { scope: 'operate' },
  schema: {
    tags,
    summary: 'Send a delivery again',
    description:
      'Under the same `webhook-id`, by which a receiver knows what it has. While the endpoint is switched off it waits.',
    params: IdParamsSchema,
    body: ReasonOnlySchema,
    response: {
      202: Type.Object({ ...NoticeDeliverySchema.properties, workflow: Type.Union([WorkflowLinkSchema, Type.Null()]) }),
      ...problems,
    },
  },
} as const;

/** What each endpoint was told, and whether it took it. */
export async function noticeDeliveryRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  const { deliveries } = deps.store.notices;

  app.get('/notice-deliveries', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, endpoint, state } = request.query;
    const before = decodeCursor(cursor, 'number');
    const { platforms } = callerOf(request);
    const found = await deliveries.list({ platforms, endpoint, state, before, limit: limit + 1 });
    const { rows, nextCursor } = toPage(found, limit, ({ seq }) => seq);
    return { noticeDeliveries: [...rows], nextCursor };
  });

  app.get('/notice-deliveries/:id', LOOK, async (request) => {
    const delivery = await get(request.params.id, callerOf(request).platforms);
    return { ...delivery, notices: (await deliveries.listNotices(delivery.id)).map(toNotice) };
  });

  app.post('/notice-deliveries/:id/resend', RESEND, async (request, reply) => {
    const { platforms } = callerOf(request);
    const { id, endpoint } = await get(request.params.id, platforms);
    await deps.store.transact(async ({ notices, audit }) => {
      await notices.deliveries.resend(id);
      await audit.insert(entryOf(request, { subject: id, reason: request.body.reason }));
    });
    // The sweep finds what nobody could be told of.
    const workflow = await deps.workflows.deliverNotices(endpoint).catch(() => null);
    return reply.code(202).send({ ...(await get(id, platforms)), workflow });
  });

  async function get(id: string, platforms: readonly string[] | null): Promise<NoticeDelivery> {
    const found = await deliveries.find({ id, platforms });
    if (!found) throw notFound('delivery of notices');
    return found;
  }
}

function toNotice(notice: Notice): Omit<Notice, 'createdAt'> & { at: Date; sentence: string; advice: string } {
  const { createdAt: at, ...rest } = notice;
  const { sentence, advice } = sayNotice(notice);
  return { ...rest, at, sentence, advice };
}
