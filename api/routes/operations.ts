import Type from 'typebox';
import { findFindings } from '../operations/findings.js';
import { callerOf } from '../plugins/auth.js';
import { NullableInstantSchema } from '../schemas/building-blocks.js';
import { commonProblems } from '../schemas/problem.js';
import type { Api, RouteOptions } from '../route.js';

const FindingSchema = Type.Object({
  type: Type.String({ description: 'Stable; branch on this.' }),
  severity: Type.Enum(['info', 'warning', 'critical']),
  sentence: Type.String(),
  advice: Type.String(),
  count: Type.Integer(),
  subject: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  since: NullableInstantSchema,
});

const BacklogSchema = Type.Object({
  platformId: Type.String(),
  deploymentId: Type.String(),
  due: Type.Integer(),
  awaitsNightly: Type.Integer(),
  sending: Type.Integer(),
  unknown: Type.Integer(),
  oldestReadySeconds: Type.Unsafe<number | null>({ type: ['number', 'null'] }),
});

const LOOK = {
  config: { scope: 'read' },
  schema: {
    tags: ['operations'],
    summary: 'What is wrong, and what to do next',
    description: 'Findings, the worst first, and what waits per deployment.',
    response: {
      200: Type.Object({
        ok: Type.Boolean({ description: 'Nothing worse than information.' }),
        findings: Type.Array(FindingSchema),
        backlog: Type.Array(BacklogSchema),
      }),
      ...commonProblems,
    },
  },
} as const;

export async function operationsRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  app.get('/health/operations', LOOK, async (request) => {
    const { platforms } = callerOf(request);
    const findings = await findFindings(deps, platforms);
    const backlog = await deps.store.operations.listBacklog(platforms);
    return { ok: findings.every(({ severity }) => severity === 'info'), findings, backlog };
  });
}
