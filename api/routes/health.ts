import Type from 'typebox';
import { createReadiness } from '../operations/readiness.js';
import type { Api, RouteOptions } from '../route.js';

const CheckSchema = Type.Enum(['ok', 'failed', 'degraded']);

/** For orchestrators; no key is needed, and nothing is told that an outsider should not know. */
export async function healthRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  const readiness = createReadiness(deps);
  app.get(
    '/livez',
    {
      logLevel: 'silent',
      schema: {
        tags: ['health'],
        summary: 'Is the process alive?',
        description: 'Looks at nothing else: an outage elsewhere is no reason to restart this.',
        response: { 200: Type.Object({ status: Type.Literal('ok') }) },
      },
    },
    async () => ({ status: 'ok' as const }),
  );

  const ReadySchema = Type.Object({ status: CheckSchema, database: CheckSchema, temporal: CheckSchema });
  app.get(
    '/readyz',
    {
      logLevel: 'silent',
      schema: {
        tags: ['health'],
        summary: 'Can it take requests?',
        description:
          'Without Temporal it can: scores are kept in the database, and sent when Temporal is back. Found out once a second. ' +
          '`failed` with a good database: the process is being stopped.',
        response: { 200: ReadySchema, 503: ReadySchema },
      },
    },
    async (_request, reply) => {
      const { isReady, ...found } = await readiness();
      if (app.isCloseAnnounced()) return reply.code(503).send({ ...found, status: 'failed' });
      return reply.code(isReady ? 200 : 503).send(found);
    },
  );
}
