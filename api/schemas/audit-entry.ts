import Type from 'typebox';
import {
  InstantSchema,
  LtiIdSchema,
  NullableInstantSchema,
  NullableUuidSchema,
  UuidSchema,
} from './building-blocks.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });

const OutcomeSchema = Type.Enum(['asked', 'done', 'failed']);
const HashSchema = Type.String({
  pattern: '^[0-9a-f]{64}$',
  examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
});

export const AuditEntrySchema = Type.Object({
  id: Type.String({ description: 'Its place in the chain: a running number without gaps.' }),
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
  requestId: { ...NullableUuidSchema, description: 'The `x-request-id` of the request, by which the log is searched.' },
  outcome: {
    ...OutcomeSchema,
    description:
      'Most deeds are `done` together with their entry. What is done outside of the database has two: `asked` before, ' +
      'and after it one that `answers` it. Without an answer nobody knows; one that `failed` may be done all the same ' +
      'where nobody answered in time.',
  },
  answers: { ...NullableText, description: 'The id of the entry that said it was about to be done.' },
  hash: {
    ...HashSchema,
    description: 'SHA-256 of the entry and of the hash of the one before, in hexadecimal digits.',
  },
});

/** Kept somewhere else, it tells whether anything before it was changed since. */
export const AuditHeadSchema = Type.Object({
  position: Type.String({ description: 'The id of the newest entry; `0`: there is none yet.' }),
  hash: HashSchema,
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
  platformId: Type.Optional({ ...LtiIdSchema, description: 'Those that are known to concern this platform.' }),
  requestId: Type.Optional({ ...UuidSchema, description: 'The `x-request-id` of the request.' }),
  outcome: Type.Optional(OutcomeSchema),
};
