import Type from 'typebox';
import { InstantSchema, nullable, NullableInstantSchema } from './building-blocks.js';

const CallSchema = Type.Object(
  {
    method: Type.Enum(['POST', 'PUT', 'PATCH']),
    path: Type.String(),
    body: Type.Record(Type.String(), Type.Unknown(), { description: 'Without its `reason`, which you give.' }),
  },
  { title: 'Call' },
);

export const FindingSchema = Type.Object({
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

export const BacklogSchema = Type.Object({
  platformId: Type.String(),
  deploymentId: Type.String(),
  due: Type.Integer(),
  awaitsNightly: Type.Integer(),
  sending: Type.Integer(),
  unknown: Type.Integer(),
  oldestReadySeconds: Type.Unsafe<number | null>({ type: ['number', 'null'] }),
});

/** `GET /v1/health/operations`. */
export const HealthSchema = Type.Object({
  sentence: Type.String({ description: 'The verdict: “All is well.”, “3 things need you.”' }),
  ok: Type.Boolean({ description: 'Nothing worse than information.' }),
  lookedAt: InstantSchema,
  findings: Type.Array(FindingSchema),
  backlog: Type.Array(BacklogSchema),
});

const NullableInteger = Type.Unsafe<number | null>({ type: ['integer', 'null'] });

/** `GET /v1/health/calls`. */
export const HourlyCallsSchema = Type.Object({
  hours: nullable(
    Type.Array(
      Type.Object({
        since: { ...InstantSchema, description: 'The beginning of the hour.' },
        calls: Type.Integer(),
        delivered: Type.Integer({ description: 'Scores that got into the gradebook, or were seen there.' }),
        failed: Type.Integer(),
        meanMs: { ...NullableInteger, description: 'How long a call took. Null: there was none.' },
        p95Ms: {
          ...NullableInteger,
          description: 'Nineteen of twenty took no longer; to about a third. Null as well: longer than a minute.',
        },
      }),
      { description: 'Oldest first. Null: they are being counted for the first time; ask again.' },
    ),
  ),
});
