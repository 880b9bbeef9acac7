import Type from 'typebox';
import { healthOf } from '../operations/health.js';
import { callerOf } from '../plugins/auth.js';
import { InstantSchema, NullableInstantSchema } from '../schemas/building-blocks.js';
import { commonProblems } from '../schemas/problem.js';
import type { Api, RouteOptions } from '../route.js';

const CallSchema = Type.Object(
  {
    method: Type.Enum(['POST', 'PUT', 'PATCH']),
    path: Type.String(),
    body: Type.Record(Type.String(), Type.Unknown(), { description: 'Without its `reason`, which you give.' }),
  },
  { title: 'Call' },
);

const FindingSchema = Type.Object({
  type: Type.String({ description: 'Stable; branch on this.' }),
  severity: Type.Enum(['info', 'warning', 'critical']),
  sentence: Type.String(),
  advice: Type.String(),
  count: Type.Integer(),
  subject: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  since: NullableInstantSchema,
  see: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'The list that has what it counts.' }),
  call: Type.Union([CallSchema, Type.Null()], { description: 'What puts it right, as far as a call can.' }),
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
    description:
      'One sentence, findings, the worst first, and what waits per deployment. Found out once in some seconds for all ' +
      'who ask; a limited key sees what concerns its platforms.',
    response: {
      200: Type.Object({
        sentence: Type.String({ description: 'The verdict: “All is well.”, “3 things need you.”' }),
        ok: Type.Boolean({ description: 'Nothing worse than information.' }),
        lookedAt: InstantSchema,
        findings: Type.Array(FindingSchema),
        backlog: Type.Array(BacklogSchema),
      }),
      ...commonProblems,
    },
  },
} as const;

export async function operationsRoutes(app: Api, { deps, facts }: RouteOptions): Promise<void> {
  app.get('/health/operations', LOOK, async (request) =>
    healthOf(await facts(), callerOf(request).platforms, deps.now()),
  );
}
