import Type from 'typebox';
import { notFound, ProblemError } from '../problems.js';
import { ReasonOnlySchema, ReasonSchema, UuidSchema } from '../schemas/building-blocks.js';
import { commonProblems, conflictProblem, notFoundProblem, unprocessableProblem } from '../schemas/problem.js';
import { SecretSchema, SourceNameSchema, SourceParamsSchema, SourceSchema } from '../schemas/webhook.js';
import { checkSource, createSourceDesk, toSource } from '../webhooks/source-desk.js';
import type { Api, RouteOptions } from '../route.js';

const problems = { ...commonProblems, ...notFoundProblem, ...unprocessableProblem };

const ADD_SECRET = {
  config: { scope: 'admin' },
  schema: {
    tags: ['webhooks'],
    params: SourceParamsSchema,
    summary: 'Add a secret',
    description:
      'Two are valid at a time, so that the service can change over; a third ends the oldest. One that is there ' +
      'already changes nothing. Other API processes notice within five seconds.',
    body: Type.Object({ secret: SecretSchema, reason: ReasonSchema }, { additionalProperties: false }),
    response: { 201: SourceSchema, ...problems },
  },
} as const;

const DELETE_SECRET = {
  config: { scope: 'admin' },
  schema: {
    tags: ['webhooks'],
    params: Type.Object({ source: SourceNameSchema, secret: UuidSchema }),
    querystring: ReasonOnlySchema,
    summary: 'End a secret',
    description: 'The last one stays.',
    response: { 204: Type.Null(), ...conflictProblem, ...problems },
  },
} as const;

/** Two secrets at most, so that a new one can be brought in before the old one goes. */
export async function webhookSecretRoutes(app: Api, options: RouteOptions): Promise<void> {
  const desk = createSourceDesk(options);
  app.post('/webhook-sources/:source/secrets', ADD_SECRET, async (request, reply) => {
    const { secret, reason } = request.body;
    const source = await desk.get(request, request.params.source);
    checkSource(source, [secret], '/secret');
    await desk.act(request, { source, reason, work: (sources) => sources.addSecret(source.id, secret) });
    return reply.code(201).send(toSource(await desk.get(request, source.name)));
  });

  app.delete('/webhook-sources/:source/secrets/:secret', DELETE_SECRET, async (request, reply) => {
    const source = await desk.get(request, request.params.source);
    const { secret } = request.params;
    if (!source.secrets.some(({ id }) => id === secret.toLowerCase())) throw notFound('secret');
    const { reason } = request.query;
    const work = (sources: typeof desk.sources): Promise<boolean> => sources.deleteSecret(source.id, secret);
    if (!(await desk.act(request, { source, reason, work }))) {
      throw new ProblemError('last-secret', 'Add another one first.');
    }
    return reply.code(204).send(null);
  });
}
