import { overlap } from '../../domain/reach.js';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { createFields } from '../../domain/fields.js';
import { ItemFault } from '../../domain/item-fault.js';
import { parseColumn } from '../../domain/parse-column.js';
import type { ScoreTarget } from '../../domain/parse-score.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import type { WebhookReference } from '../../db/webhooks/webhook-references.js';
import type { WebhookSource } from '../../db/webhooks/webhook-sources.js';
import { notFound, ProblemError } from '../problems.js';
import { commonProblems, notFoundProblem, unprocessableProblem } from '../schemas/problem.js';
import {
  EventNameSchema,
  ReferenceAnswerSchema,
  ReferenceBodySchema,
  ReferenceParamsSchema,
  ReferenceSchema,
} from '../schemas/webhook.js';
import { targetProblem } from '../scores/intake.js';
import { toInstant } from '../to-instant.js';
import type { Api, RouteOptions } from '../route.js';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 180;
const MOST_DAYS = 1_100;

const ofOne = { tags: ['webhooks'], params: ReferenceParamsSchema };
const problems = { ...commonProblems, ...notFoundProblem, ...unprocessableProblem };

const TIE = {
  config: { scope: 'scores:write' },
  schema: {
    ...ofOne,
    summary: 'Tie a reference',
    description:
      'Ties an id of the grading service to a student and a column. Events that waited for it are looked at at once. An ' +
      'earlier tie is replaced; grades that it has brought are not moved. Repeating is safe. A key that is limited ties ' +
      'what a source names that is limited alike: other sources do not exist for it.',
    body: ReferenceBodySchema,
    response: { 200: ReferenceAnswerSchema, 201: ReferenceAnswerSchema, ...problems },
  },
} as const;

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags: ['webhooks'],
    summary: 'Find references by their name',
    description: 'Those of all sources that the key sees: each source has one of a name at most.',
    querystring: Type.Object({ reference: EventNameSchema }),
    response: {
      200: Type.Object({ references: Type.Array(ReferenceSchema), nextCursor: Type.Null() }),
      ...commonProblems,
    },
  },
} as const;

const LOOK = {
  config: { scope: 'read' },
  schema: {
    ...ofOne,
    summary: 'Look at a reference',
    description: 'What it is tied to, and until when.',
    response: { 200: ReferenceSchema, ...problems },
  },
} as const;

const DELETE = {
  config: { scope: 'scores:write' },
  schema: {
    ...ofOne,
    summary: 'Delete a reference',
    description: 'Later events that name it are unmatched.',
    response: { 204: Type.Null(), ...problems },
  },
} as const;

export async function webhookReferenceRoutes(app: Api, { deps, webhooks }: RouteOptions): Promise<void> {
  const { store, now } = deps;
  const { sources, references } = store.webhooks;

  app.put('/references/:source/:reference', TIE, async (request, reply) => {
    const expiresAt = readExpiry(request.body.expiresAt, now());
    const { userId, lineItem, ...place } = readTarget(request.body);
    const source = await getSource(request);
    const target = { ...place, lineItem, platforms: overlap(callerOf(request).platforms, source.platforms) };
    const named = { source: source.id, reference: request.params.reference };
    const origin = { apiKey: callerOf(request).apiKeyId, requestId: request.id };
    const tied = await references.put({ ...named, target, userId, expiresAt, origin });
    if ('problem' in tied) throw new ProblemError(...targetProblem(tied.problem));
    if (tied.waiting > 0) webhooks.carer.look();
    const found = await get(request);
    return reply.code(tied.isNew ? 201 : 200).send({ ...toReference(found), waiting: tied.waiting });
  });

  app.get('/references', LIST, async (request) => {
    const { reference } = request.query;
    const found = await references.list({ reference, platforms: callerOf(request).platforms });
    return { references: found.map(toReference), nextCursor: null };
  });

  app.get('/references/:source/:reference', LOOK, async (request) => toReference(await get(request)));

  app.delete('/references/:source/:reference', DELETE, async (request, reply) => {
    const source = await getSource(request);
    const { reference } = request.params;
    await store.transact(async ({ webhooks: { references: held }, audit }) => {
      const deleted = await held.delete({ source: source.id, reference });
      if (!deleted) throw notFound('reference');
      // Its name may be a student's: the column and the request tell which one it was.
      const entry = { subject: source.name, reason: null, details: { lineItem: deleted.lineItem } };
      await audit.insert(entryOf(request, { ...entry, platforms: source.platforms }));
    });
    return reply.code(204).send(null);
  });

  /** Whoever ties what a source names, decides whose grades its events become: so it is for keys that see all it reaches. */
  async function getSource(request: OfReference): Promise<WebhookSource> {
    const found = await sources.find({ name: request.params.source, platforms: callerOf(request).platforms });
    if (!found) throw notFound('webhook source');
    return found;
  }

  async function get(request: OfReference): Promise<WebhookReference> {
    const { id } = await getSource(request);
    const found = await references.find({ source: id, reference: request.params.reference });
    if (!found) throw notFound('reference');
    return found;
  }
}

type OfReference = FastifyRequest<{ Params: { source: string; reference: string } }>;

function toReference({ lineItem, ...record }: WebhookReference) {
  const { id: uuid, lineItemId, ...names } = lineItem;
  return { ...record, lineItem: { uuid, id: lineItemId, ...names } };
}

function readTarget(body: unknown): ScoreTarget & { userId: string } {
  try {
    const fields = createFields(body, '');
    const deploymentId = fields.optionalId('deploymentId');
    return {
      platformId: fields.id('platformId'),
      ...(deploymentId !== undefined && { deploymentId }),
      contextId: fields.id('contextId'),
      lineItem: parseColumn(fields.record('lineItem')),
      userId: fields.id('userId'),
    };
  } catch (error) {
    if (error instanceof ItemFault)
      throw new ProblemError('invalid-request', error.message, { pointer: error.pointer });
    throw error;
  }
}

function readExpiry(expiresAt: string | undefined, now: Date): Date {
  const until =
    expiresAt === undefined ? new Date(now.getTime() + DEFAULT_DAYS * DAY_MS) : toInstant(expiresAt, '/expiresAt');
  const inMs = until.getTime() - now.getTime();
  if (inMs > 0 && inMs <= MOST_DAYS * DAY_MS) return until;
  throw new ProblemError('invalid-request', `expiresAt must lie in the next ${MOST_DAYS} days.`, {
    pointer: '/expiresAt',
  });
}
