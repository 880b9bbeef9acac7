import { healthOf } from '../operations/health.js';
import { callerOf } from '../plugins/auth.js';
import { HealthSchema } from '../schemas/health.js';
import { commonProblems } from '../schemas/problem.js';
import type { Api, RouteOptions } from '../route.js';

const LOOK = {
  config: { scope: 'read' },
  schema: {
    tags: ['operations'],
    summary: 'What is wrong, and what to do next',
    description:
      'One sentence, findings, the worst first, and what waits per deployment. Found out once in some seconds for all ' +
      'who ask; a limited key sees what concerns its platforms.',
    response: {
      200: HealthSchema,
      ...commonProblems,
    },
  },
} as const;

export async function operationsRoutes(app: Api, { deps, facts }: RouteOptions): Promise<void> {
  app.get('/health/operations', LOOK, async (request) =>
    healthOf(await facts(), callerOf(request).platforms, deps.now()),
  );
}
