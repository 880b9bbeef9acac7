import { callerOf } from '../plugins/auth.js';
import { notFound } from '../problems.js';
import { WhoamiSchema } from '../schemas/api-key.js';
import { commonProblems, notFoundProblem } from '../schemas/problem.js';
import { toShownKey } from './api-keys.js';
import type { Api, RouteOptions } from '../route.js';

const WHOAMI = {
  config: { scope: 'any' },
  schema: {
    tags: ['API keys'],
    summary: 'Say which API key this is',
    description: 'Its name, what it may, and when it ends. Any key may ask.',
    response: { 200: WhoamiSchema, ...commonProblems, ...notFoundProblem },
  },
} as const;

export async function whoamiRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  app.get('/whoami', WHOAMI, async (request) => {
    const { apiKeyId, expiresAt: secretExpiresAt } = callerOf(request);
    const key = await deps.store.apiKeys.find(apiKeyId);
    if (!key) throw notFound('API key');
    return { ...toShownKey(key), secretExpiresAt };
  });
}
