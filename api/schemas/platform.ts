import Type from 'typebox';
import { LMS_FAMILIES, type LimitBy } from '../../domain/platform.js';
import { InstantSchema, NullableInstantSchema, UuidSchema } from './building-blocks.js';
import { PausedSchema } from './paused.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
const NullableNumber = Type.Unsafe<number | null>({ type: ['number', 'null'] });

export const DeploymentSchema = Type.Object({
  id: UuidSchema,
  deploymentId: Type.String(),
  gate: { ...UuidSchema, description: 'Deployments with the same gate share limits and breaker.' },
  limits: Type.Object({
    inFlightMax: Type.Integer(),
    inFlightNow: Type.Integer({
      description: 'Lower than the maximum for a while after the LMS asked for fewer calls.',
    }),
    ratePerSecond: NullableNumber,
  }),
  breaker: Type.Object({
    state: Type.Enum(['closed', 'open', 'halfOpen']),
    type: NullableText,
    since: { ...NullableInstantSchema, description: 'When it opened; null: it is closed.' },
  }),
  blockedUntil: NullableInstantSchema,
  paused: PausedSchema,
});

export const LimitBySchema = Type.Unsafe<LimitBy | null>({
  enum: ['platform', 'deployment', null],
  description: 'What shares limits and breaker: all deployments, or each for itself. Null: as the LMS product has it.',
});

export const PlatformSchema = Type.Object({
  id: UuidSchema,
  platformId: Type.String(),
  url: NullableText,
  productFamilyCode: NullableText,
  family: Type.Enum([...LMS_FAMILIES]),
  familySetBy: Type.Enum(['guess', 'operator']),
  limitBy: LimitBySchema,
  paused: PausedSchema,
  deployments: Type.Array(DeploymentSchema),
  createdAt: InstantSchema,
});

export const CountedPlatformSchema = Type.Object({
  ...PlatformSchema.properties,
  contexts: Type.Integer({ description: 'Courses from which a launch was recorded.' }),
});
