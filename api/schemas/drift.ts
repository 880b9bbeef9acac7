import Type from 'typebox';
import { DRIFT_KINDS } from '../../domain/drift.js';
import { InstantSchema, NullableInstantSchema, UuidSchema } from './building-blocks.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
const NullableNumber = Type.Unsafe<number | null>({ type: ['number', 'null'] });

export const DriftKindSchema = Type.Enum([...DRIFT_KINDS], {
  description:
    '`missing`: no grade is shown. `capped`: the maximum is shown for a score above it. `rescaled`: our figure under a ' +
    "new maximum. `changed`: another grade, a person's as far as anybody can know. `userGone`: the person has left, " +
    'and so has the grade.',
});

export const DriftSchema = Type.Object({
  id: Type.String(),
  platformId: Type.String(),
  deploymentId: Type.String(),
  contextId: Type.String(),
  context: UuidSchema,
  scoreId: UuidSchema,
  lineItem: Type.Object({ uuid: UuidSchema, id: NullableText, label: NullableText }),
  userId: Type.String(),
  kind: DriftKindSchema,
  sent: Type.Object({ revision: Type.Integer(), scoreGiven: NullableNumber, scoreMaximum: Type.Number() }),
  shown: Type.Object({ resultScore: NullableNumber, resultMaximum: NullableNumber }),
  foundAt: InstantSchema,
  seenAt: InstantSchema,
  resentAt: NullableInstantSchema,
  endedAt: NullableInstantSchema,
});
