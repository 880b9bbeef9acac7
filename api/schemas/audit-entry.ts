import Type from 'typebox';
import { InstantSchema, NullableInstantSchema, NullableUuidSchema, UuidSchema } from './building-blocks.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });

export const AuditEntrySchema = Type.Object({
  id: Type.String({ description: 'A running number.' }),
  at: InstantSchema,
  apiKey: { ...NullableUuidSchema, description: 'The key that it was done with.' },
  keyName: { ...NullableText, description: 'What it is called; null where the caller does not see the key.' },
  action: Type.String({ examples: ['scores.retry'] }),
  subject: Type.String({ description: 'Our id or name of the thing, or a count of them.' }),
  reason: { ...NullableText, description: 'In their own words.' },
  details: Type.Unsafe<Record<string, unknown> | null>({
    type: ['object', 'null'],
    properties: { resumesAt: { ...NullableInstantSchema, description: 'When a pause ends by itself.' } },
    additionalProperties: true,
    description: 'More of what was asked for, by name.',
  }),
});

/** An action is a noun and what is done to it; the noun alone asks for all of it. */
const ActionSchema = Type.String({
  pattern: '^[a-zA-Z]+(-[a-zA-Z]+)*(\\.[a-zA-Z]+(-[a-zA-Z]+)*)*$',
  maxLength: 100,
  description: 'Such as `scores.retry`; `scores` for all that was done to scores.',
});

const InstantTextSchema = Type.String({ format: 'date-time' });

export const auditFilterProperties = {
  apiKey: Type.Optional({ ...UuidSchema, description: 'Our uuid of the key that it was done with.' }),
  action: Type.Optional(ActionSchema),
  subject: Type.Optional(Type.String({ minLength: 1, maxLength: 500, pattern: '^[^\\u0000]*$' })),
  since: Type.Optional({ ...InstantTextSchema, description: 'At this time or later.' }),
  until: Type.Optional({ ...InstantTextSchema, description: 'Before this time.' }),
};
