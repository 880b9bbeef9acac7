import { isWithin, toReach } from '../../domain/reach.js';
import Type from 'typebox';
import { DEFAULT_SOURCE_LIMITS } from '../../domain/webhook-source.js';
import { callerOf } from '../plugins/auth.js';
import { ProblemError } from '../problems.js';
import { reachProperties, ReasonOnlySchema, ReasonSchema } from '../schemas/building-blocks.js';
import { commonProblems, conflictProblem, notFoundProblem, unprocessableProblem } from '../schemas/problem.js';
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
import { checkSource, createSourceDesk, toSource } from '../webhooks/source-desk.js';
import { checkSourceName } from '../webhooks/source-names.js';
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
    description:
      'A service outside that may send events: how they are signed, and where the facts are in them. A key that is ' +
      'limited names it with a dot and an ending of its own, which the refusal of any other name tells.',
    body: Type.Object(
      {
        name: SourceNameSchema,
        ...reachProperties,
        verification: VerificationSchema,
        secret: SecretSchema,
        mapping: MappingSchema,
        limits: Type.Optional(LimitsSchema),
        reason: ReasonSchema,
      },
      strict,
    ),
    response: { 201: SourceSchema, ...conflictProblem, ...problems },
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
    querystring: ReasonOnlySchema,
    summary: 'Delete a webhook source',
    description: 'With its references and events. Scores that came of them stay.',
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

export async function webhookSourceRoutes(app: Api, options: RouteOptions): Promise<void> {
  const desk = createSourceDesk(options);
  const { sources } = desk;

  app.post('/webhook-sources', MAKE, async (request, reply) => {
    const { reason, secret, name, limits, platforms, deployments, ...parts } = request.body;
    const caller = callerOf(request);
    const reach = toReach(platforms, deployments) ?? caller.platforms;
    if (!isWithin(reach, caller.platforms)) {
      throw new ProblemError(
        'forbidden',
        'A key that is limited to some platforms makes no source that reaches further.',
      );
    }
    checkSourceName(name, { reach, isLimited: caller.platforms !== null });
    checkSource(parts, [secret], '/secret');
    const source = { ...parts, name, secret, platforms: reach, limits: { ...DEFAULT_SOURCE_LIMITS, ...limits } };
    const made = await desk.act(request, { source, reason, work: (all) => all.insert(source) });
    if (!made) throw new ProblemError('webhook-source-exists', 'Choose another name.', { pointer: '/name' });
    return reply.code(201).send(toSource(made));
  });

  app.get('/webhook-sources', LIST, async (request) => ({
    webhookSources: (await sources.list(callerOf(request).platforms)).map(toSource),
    nextCursor: null,
  }));

  app.get('/webhook-sources/:source', LOOK, async (request) =>
    toSource(await desk.get(request, request.params.source)),
  );

  app.patch('/webhook-sources/:source', CHANGE, async (request) => {
    const { reason, disabled, verification, mapping, limits } = request.body;
    const source = await desk.get(request, request.params.source);
    const changed = {
      id: source.id,
      disabled: disabled ?? source.disabled,
      verification: verification ?? source.verification,
      mapping: mapping ?? source.mapping,
      limits: { ...source.limits, ...limits },
    };
    const [opened] = await sources.reveal(source.id);
    checkSource(changed, opened?.secrets ?? [], '/verification');
    const parts = Object.keys({ ...request.body, reason: undefined }).filter((part) => part !== 'reason');
    await desk.act(request, {
      ...{ source, reason, saying: () => ({ parts }) },
      work: async (all) => (await all.change(changed), true),
    });
    return toSource(await desk.get(request, source.name));
  });

  app.delete('/webhook-sources/:source', DELETE, async (request, reply) => {
    const source = await desk.get(request, request.params.source);
    const { reason } = request.query;
    await desk.act(request, {
      ...{ source, reason },
      work: (all) => all.delete(source.id),
      saying: ({ events }) => ({ events }),
    });
    return reply.code(204).send(null);
  });

  app.post('/webhook-sources/:source/dry-run', DRY_RUN, async (request) => {
    const source = await desk.get(request, request.params.source);
    const { mapping = source.mapping } = request.body;
    checkSource({ ...source, mapping }, [], '/mapping');
    const [opened] = await sources.reveal(source.id);
    return dryRun(options.deps, {
      source: { ...source, mapping },
      secrets: opened?.secrets ?? [],
      sample: request.body,
    });
  });
}
