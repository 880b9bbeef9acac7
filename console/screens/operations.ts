import Type, { type Static } from 'typebox';
import { NullableInstantSchema } from '../../api/schemas/building-blocks.js';

/** What the overview reads of `GET /v1/health/operations`. */
export const OperationsSchema = Type.Object({
  findings: Type.Array(
    Type.Object({
      type: Type.String(),
      severity: Type.Enum(['info', 'warning', 'critical']),
      sentence: Type.String(),
      advice: Type.String(),
      count: Type.Integer(),
      subject: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
      since: NullableInstantSchema,
    }),
  ),
  backlog: Type.Array(
    Type.Object({
      platformId: Type.String(),
      deploymentId: Type.String(),
      due: Type.Integer(),
      awaitsNightly: Type.Integer(),
      sending: Type.Integer(),
      unknown: Type.Integer(),
      oldestReadySeconds: Type.Unsafe<number | null>({ type: ['number', 'null'] }),
    }),
  ),
});

export type Operations = Static<typeof OperationsSchema>;
export type Finding = Operations['findings'][number];
