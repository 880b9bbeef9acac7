import { toChecks } from '../diagnosis/checks.js';
import { look } from '../diagnosis/look.js';
import { onceForAll } from '../operations/once-for-all.js';
import { callerOf } from '../plugins/auth.js';
import type { Api, RouteOptions } from '../route.js';
import { DiagnosisSchema } from '../schemas/diagnosis.js';
import { commonProblems } from '../schemas/problem.js';

const LOOK = {
  config: { scope: 'operate' },
  schema: {
    tags: ['operations'],
    summary: 'Look at what the installation stands on',
    description:
      'Database, schema, clock, key ring, Temporal, task queues, search attributes, schedules, LTIAAS: what is wrong with ' +
      'each, and what helps. Looked at once in a second for all who ask, and told within little more than that.',
    response: { 200: DiagnosisSchema, ...commonProblems },
  },
} as const;

/** LTIAAS and Temporal are asked anew: not by each of many who wait for them. */
const FRESH_MS = 1_000;

export async function diagnosisRoutes(app: Api, { deps, settings }: RouteOptions): Promise<void> {
  const { diagnosisFreshMs: freshMs = FRESH_MS } = settings;
  const looked = onceForAll(async () => ({ lookedAt: deps.now(), found: await look(deps) }), { freshMs });
  app.get('/diagnosis', LOOK, async (request) => {
    const { lookedAt, found } = await looked();
    const checks = toChecks(found, callerOf(request).platforms);
    return { ok: checks.every(({ state }) => state === 'ok' || state === 'warning'), lookedAt, checks };
  });
}
