import Type from 'typebox';
import { SCOPES } from '../callers.js';
import {
  InstantSchema,
  LtiIdSchema,
  NullableInstantSchema,
  NullableUuidSchema,
  ReasonSchema,
  textSchema,
  UuidSchema,
} from './building-blocks.js';

export const ApiKeySchema = Type.Object({
  id: UuidSchema,
  name: Type.String(),
  hint: Type.String({ description: 'The last characters of the key.' }),
  scopes: Type.Array(Type.String()),
  platforms: Type.Unsafe<string[] | null>({
    type: ['array', 'null'],
    items: { type: 'string' },
    description: 'Platform ids that the key is limited to; null: all.',
  }),
  createdBy: {
    ...NullableUuidSchema,
    description: 'The key that it was made with; null: it came with the configuration.',
  },
  createdByName: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'What that one is called; null where the caller does not see it.',
  }),
  createdAt: InstantSchema,
  lastUsedAt: NullableInstantSchema,
  revokedAt: NullableInstantSchema,
});

/** With the key itself, which is said once. */
export const MadeApiKeySchema = Type.Object({ ...ApiKeySchema.properties, key: Type.String() });

export const NewApiKeySchema = Type.Object(
  {
    name: textSchema(200),
    scopes: Type.Array(Type.Enum([...SCOPES]), { minItems: 1, uniqueItems: true }),
    platforms: Type.Optional(Type.Array(LtiIdSchema, { minItems: 1, maxItems: 1_000 })),
    reason: ReasonSchema,
  },
  { additionalProperties: false },
);
