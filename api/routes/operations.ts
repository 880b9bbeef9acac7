import { healthOf } from '../operations/health.js';
import { callerOf } from '../plugins/auth.js';
import { HealthSchema, HourlyCallsSchema } from '../schemas/health.js';
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

const COUNT_CALLS = {
  config: { scope: 'read' },
  schema: {
    tags: ['operations'],
    summary: 'Calls to LMSes by the hour',
    description:
      'Of the last 24 hours, this one included: how many scores were delivered, and how long calls took. Counted once in ' +
      'half a minute for all who ask; a limited key sees those of its platforms.',
    response: { 200: HourlyCallsSchema, ...commonProblems },
  },
} as const;

export async function operationsRoutes(app: Api, { deps, facts, hourlyCalls }: RouteOptions): Promise<void> {
  app.get('/health/calls', COUNT_CALLS, async (request) => ({ hours: await hourlyCalls(callerOf(request).platforms) }));

  app.get('/health/operations', LOOK, async (request) =>
    healthOf(await facts(), callerOf(request).platforms, deps.now()),
  );
}
