import Type from 'typebox';
import { SCOPES } from '../callers.js';
import {
  InstantSchema,
  NullableInstantSchema,
  NullableUuidSchema,
  reachProperties,
  ReasonSchema,
  shownReachProperties,
  textSchema,
  UuidSchema,
} from './building-blocks.js';

export const ApiKeySchema = Type.Object({
  id: UuidSchema,
  name: Type.String(),
  hint: Type.String({ description: 'The last characters of the key.' }),
  scopes: Type.Array(Type.String()),
  ...shownReachProperties,
  createdBy: {
    ...NullableUuidSchema,
    description: 'The key that it was made with; null: it came with the configuration.',
  },
  createdByName: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'What that one is called; null where the caller does not see it.',
  }),
  lineage: {
    ...UuidSchema,
    description:
      'The key whose doing all of these are that it has made, one after the other; its own id where that is itself. Keys ' +
      'of one lineage approve nothing for each other.',
  },
  createdAt: InstantSchema,
  lastUsedAt: NullableInstantSchema,
  expiresAt: { ...NullableInstantSchema, description: 'When it ends by itself; null: never.' },
  rotatedAt: { ...NullableInstantSchema, description: 'When it got its present secret; null: it has its first.' },
  revokedAt: NullableInstantSchema,
});

/** With the key itself, which is said once. */
export const MadeApiKeySchema = Type.Object({
  ...ApiKeySchema.properties,
  key: Type.String({
    description: '`pb_live_`, 40 characters of base 62, and their CRC-32 as six digits of base 62 (0-9, A-Z, a-z).',
  }),
});

/** Who asks: a living key. */
export const WhoamiSchema = Type.Object({
  ...Type.Omit(ApiKeySchema, ['revokedAt']).properties,
  secretExpiresAt: {
    ...NullableInstantSchema,
    description:
      'When what this request came with ends: the key, or its secret where another has replaced it; null: never.',
  },
});

export const NewApiKeySchema = Type.Object(
  {
    name: textSchema(200),
    scopes: Type.Array(Type.Enum([...SCOPES]), { minItems: 1, uniqueItems: true }),
    ...reachProperties,
    expiresAt: Type.Optional({
      ...NullableInstantSchema,
      description: 'When it ends by itself; default: with the key that it is made with, if that ends, and no later.',
    }),
    reason: ReasonSchema,
  },
  { additionalProperties: false },
);

/** Hours that the present secret is taken beside a new one. */
export const DEFAULT_OVERLAP_HOURS = 24;

export const RotationSchema = Type.Object(
  {
    overlapHours: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 720,
        default: DEFAULT_OVERLAP_HOURS,
        description: 'So long the present secret is taken beside the new one; 0: it ends now.',
      }),
    ),
    reason: ReasonSchema,
  },
  { additionalProperties: false },
);
