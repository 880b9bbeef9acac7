import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { DEFAULT_SOURCE_LIMITS, findSourceFaults, type SourceFault } from '../../domain/webhook-source.js';
import { callerOf } from '../plugins/auth.js';
import type { SourceParts, WebhookSourceRecord } from '../ports/webhooks.js';
import { notFound, ProblemError } from '../problems.js';
import { LtiIdSchema, ReasonSchema, UuidSchema } from '../schemas/building-blocks.js';
import { commonProblems, notFoundProblem, unprocessableProblem } from '../schemas/problem.js';
import {
  LimitsSchema,
  MappingSchema,
  SecretSchema,
  SourceNameSchema,
  SourceParamsSchema,
  SourceSchema,
  VerificationSchema,
} from '../schemas/webhook.js';
import { DryRunAnswerSchema, DryRunBodySchema } from '../schemas/webhook-event.js';
import { dryRun } from '../webhooks/dry-run.js';
import { secretBytes, SHORTEST_SECRET } from '../webhooks/verify.js';
import type { Api, RouteOptions } from '../route.js';

const strict = { additionalProperties: false };
const problems = { ...commonProblems, ...notFoundProblem, ...unprocessableProblem };
const ofOne = { tags: ['webhooks'], params: SourceParamsSchema };
const SourceAnswer = { 200: SourceSchema, ...problems };

const MAKE = {
  config: { scope: 'admin' },
  schema: {
    tags: ['webhooks'],
    summary: 'Make a webhook source',
    description: 'A service outside that may send events: how they are signed, and where the facts are in them.',
    body: Type.Object(
      {
        name: SourceNameSchema,
        platforms: Type.Optional(Type.Array(LtiIdSchema, { minItems: 1, maxItems: 1_000 })),
        verification: VerificationSchema,
        secret: SecretSchema,
        mapping: MappingSchema,
        limits: Type.Optional(LimitsSchema),
        reason: ReasonSchema,
      },
      strict,
    ),
    response: { 201: SourceSchema, ...problems },
  },
} as const;

const LIST = {
  config: { scope: 'admin' },
  schema: {
    tags: ['webhooks'],
    summary: 'List webhook sources',
    description: 'Never their secrets.',
    response: {
      200: Type.Object({ webhookSources: Type.Array(SourceSchema), nextCursor: Type.Null() }),
      ...commonProblems,
    },
  },
} as const;

const LOOK = {
  config: { scope: 'admin' },
  schema: { ...ofOne, summary: 'Look at a webhook source', description: 'Never its secrets.', response: SourceAnswer },
} as const;

const CHANGE = {
  config: { scope: 'admin' },
  schema: {
    ...ofOne,
    summary: 'Change a webhook source',
    description: 'Verification and mapping are replaced as a whole. Events stay as they are until they are replayed.',
    body: Type.Object(
      {
        verification: Type.Optional(VerificationSchema),
        mapping: Type.Optional(MappingSchema),
        limits: Type.Optional(LimitsSchema),
        disabled: Type.Optional(Type.Boolean()),
        reason: ReasonSchema,
      },
      strict,
    ),
    response: SourceAnswer,
  },
} as const;

const DELETE = {
  config: { scope: 'admin' },
  schema: {
    ...ofOne,
    summary: 'Delete a webhook source',
    description: 'With its references and events. Scores that came of them stay.',
    response: { 204: Type.Null(), ...problems },
  },
} as const;

const ADD_SECRET = {
  config: { scope: 'admin' },
  schema: {
    ...ofOne,
    summary: 'Add a secret',
    description:
      'Two are valid at a time, so that the service can change over; a third ends the oldest. Other API processes ' +
      'notice within five seconds.',
    body: Type.Object({ secret: SecretSchema, reason: ReasonSchema }, strict),
    response: { 201: SourceSchema, ...problems },
  },
} as const;

const DELETE_SECRET = {
  config: { scope: 'admin' },
  schema: {
    tags: ['webhooks'],
    params: Type.Object({ source: SourceNameSchema, secret: UuidSchema }),
    summary: 'End a secret',
    description: 'The last one stays.',
    response: { 204: Type.Null(), ...problems },
  },
} as const;

const DRY_RUN = {
  config: { scope: 'admin' },
  schema: {
    ...ofOne,
    summary: 'Try a mapping',
    description: 'Shows what a sample would become, and whether its signature is valid. Nothing is kept.',
    body: DryRunBodySchema,
    response: { 200: DryRunAnswerSchema, ...problems },
  },
} as const;

export async function webhookSourceRoutes(app: Api, { deps, webhooks }: RouteOptions): Promise<void> {
  const { audit } = deps.store;
  const { sources } = deps.store.webhooks;

  app.post('/webhook-sources', MAKE, async (request, reply) => {
    const { reason, secret, name, limits, platforms, ...parts } = request.body;
    const caller = callerOf(request);
    const reach = platforms ?? caller.platforms;
    if (caller.platforms && !reach?.every((platform) => caller.platforms?.includes(platform))) {
      throw new ProblemError(
        'forbidden',
        'A key that is limited to some platforms makes no source that reaches further.',
      );
    }
    check(parts, [secret], '/secret');
    const source = { ...parts, name, secret, platforms: reach, limits: { ...DEFAULT_SOURCE_LIMITS, ...limits } };
    const made = await sources.insert(source);
    if (!made) throw new ProblemError('webhook-source-exists', 'Choose another name.', { pointer: '/name' });
    await note(request, 'webhook-sources.create', made, reason);
    return reply.code(201).send(toSource(made));
  });

  app.get('/webhook-sources', LIST, async (request) => ({
    webhookSources: (await sources.list(callerOf(request).platforms)).map(toSource),
    nextCursor: null,
  }));

  app.get('/webhook-sources/:source', LOOK, async (request) => toSource(await get(request, request.params.source)));

  app.patch('/webhook-sources/:source', CHANGE, async (request) => {
    const { reason, disabled, verification, mapping, limits } = request.body;
    const source = await get(request, request.params.source);
    const changed = {
      id: source.id,
      disabled: disabled ?? source.disabled,
      verification: verification ?? source.verification,
      mapping: mapping ?? source.mapping,
      limits: { ...source.limits, ...limits },
    };
    const [opened] = await sources.open(source.id);
    check(changed, opened?.secrets ?? [], '/verification');
    await sources.change(changed);
    const parts = Object.keys({ ...request.body, reason: undefined }).filter((part) => part !== 'reason');
    await note(request, 'webhook-sources.change', source, reason, { parts });
    return toSource(await get(request, source.name));
  });

  app.delete('/webhook-sources/:source', DELETE, async (request, reply) => {
    const source = await get(request, request.params.source);
    const { events } = await sources.delete(source.id);
    await note(request, 'webhook-sources.delete', source, undefined, { events });
    return reply.code(204).send(null);
  });

  app.post('/webhook-sources/:source/secrets', ADD_SECRET, async (request, reply) => {
    const { secret, reason } = request.body;
    const source = await get(request, request.params.source);
    check(source, [secret], '/secret');
    await sources.addSecret(source.id, secret);
    await note(request, 'webhook-sources.secrets.add', source, reason);
    return reply.code(201).send(toSource(await get(request, source.name)));
  });

  app.delete('/webhook-sources/:source/secrets/:secret', DELETE_SECRET, async (request, reply) => {
    const source = await get(request, request.params.source);
    const { secret } = request.params;
    if (!source.secrets.some(({ id }) => id === secret.toLowerCase())) throw notFound('secret');
    if (!(await sources.deleteSecret(source.id, secret)))
      throw new ProblemError('last-secret', 'Add another one first.');
    await note(request, 'webhook-sources.secrets.delete', source);
    return reply.code(204).send(null);
  });

  app.post('/webhook-sources/:source/dry-run', DRY_RUN, async (request) => {
    const source = await get(request, request.params.source);
    const { mapping = source.mapping } = request.body;
    check({ ...source, mapping }, [], '/mapping');
    const [opened] = await sources.open(source.id);
    return dryRun(deps, { source: { ...source, mapping }, secrets: opened?.secrets ?? [], sample: request.body });
  });

  async function get(request: FastifyRequest, name: string): Promise<WebhookSourceRecord> {
    const found = await sources.find({ name, platforms: callerOf(request).platforms });
    if (!found) throw notFound('webhook source');
    return found;
  }

  /** Every deed changes what may be remembered of the sources. */
  async function note(
    request: FastifyRequest,
    action: string,
    { name }: { name: string },
    reason?: string,
    details?: Record<string, unknown>,
  ): Promise<void> {
    webhooks.sources.forget();
    await audit.insert({ apiKey: callerOf(request).apiKeyId, action, subject: name, reason, details });
  }
}

function toSource(source: WebhookSourceRecord): WebhookSourceRecord & { url: string } {
  return { ...source, url: `/v1/webhooks/${source.name}` };
}

/** @throws {ProblemError} that names everything that would not work. */
function check(source: Pick<SourceParts, 'verification' | 'mapping'>, secrets: readonly string[], at: string): void {
  const errors: SourceFault[] = findSourceFaults(source);
  if (secrets.some((secret) => secretBytes(source.verification, secret) === undefined)) {
    const detail = `A secret needs ${SHORTEST_SECRET} bytes or more, written as the verification says.`;
    errors.push({ pointer: at, detail });
  }
  const [first] = errors;
  if (first) throw new ProblemError('invalid-webhook-source', first.detail, { pointer: first.pointer, errors });
}
