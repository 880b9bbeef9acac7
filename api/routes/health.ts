import Type from 'typebox';
import type { Api, RouteOptions } from '../route.js';

const CheckSchema = Type.Enum(['ok', 'failed', 'degraded']);

/** For orchestrators; no key is needed, and nothing is told that an outsider should not know. */
export async function healthRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
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
        description: 'Without Temporal it can: scores are kept in the database, and sent when Temporal is back.',
        response: { 200: ReadySchema, 503: ReadySchema },
      },
    },
    async (_request, reply) => {
      const [ready, temporal] = await Promise.all([
        deps.store.operations.checkReady().catch(() => ({ migrated: false })),
        deps.workflows.checkHealth().then(
          () => 'ok' as const,
          () => 'degraded' as const,
        ),
      ]);
      if (!ready.migrated) return reply.code(503).send({ status: 'failed', database: 'failed', temporal });
      return reply.code(200).send({ status: temporal, database: 'ok', temporal });
    },
  );
}
