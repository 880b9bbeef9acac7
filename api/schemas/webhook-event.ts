import Type from 'typebox';
import { EVENT_STATES } from '../../domain/event-reasons.js';
import {
  InstantSchema,
  LtiIdSchema,
  NullableInstantSchema,
  NullableUuidSchema,
  UuidSchema,
  WorkflowLinkSchema,
} from './building-blocks.js';
import { BulkOperationSchema } from './bulk-operation.js';
import { EventNameSchema, MappingSchema, MOST_EVENT_BYTES, SourceNameSchema } from './webhook.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
const strict = { additionalProperties: false };

export const EventReasonSchema = Type.Union([
  Type.Object({
    type: Type.String({ description: 'Stable; branch on this.' }),
    sentence: Type.String(),
    advice: Type.String(),
    fact: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'Of the mapping.' }),
    pointer: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'In the event.' }),
    detail: NullableText,
  }),
  Type.Null(),
]);

const EventScoreSchema = Type.Union([
  Type.Object({
    id: UuidSchema,
    revision: Type.Integer(),
    outcome: Type.Enum(['accepted', 'unchanged', 'superseded']),
  }),
  Type.Null(),
]);

export const FactsSchema = Type.Object(
  {
    type: NullableText,
    reference: NullableText,
    platformId: NullableText,
    deploymentId: NullableText,
    contextId: NullableText,
    userId: NullableText,
    changedAt: NullableInstantSchema,
  },
  { description: 'What the event says, as far as it could be read.' },
);

export const EventSchema = Type.Object({
  id: UuidSchema,
  source: Type.String(),
  eventId: Type.String(),
  partOf: { ...NullableUuidSchema, description: 'The event whose body held this one among several.' },
  state: Type.Enum([...EVENT_STATES]),
  stateSince: InstantSchema,
  lookAt: { ...NullableInstantSchema, description: 'When it is looked at again by time alone.' },
  reason: EventReasonSchema,
  facts: FactsSchema,
  score: EventScoreSchema,
  repeats: Type.Integer({ description: 'How often it came again.' }),
  differing: Type.Integer({ description: 'Of them, those with another body, of which nothing was taken.' }),
  replayable: Type.Boolean({ description: 'Its body is still kept.' }),
  receivedAt: InstantSchema,
});

export const eventFilterProperties = {
  source: Type.Optional(SourceNameSchema),
  state: Type.Optional(Type.Enum([...EVENT_STATES])),
  reason: Type.Optional(Type.String({ maxLength: 100, pattern: '^[A-Za-z]*$' })),
  eventId: Type.Optional(EventNameSchema),
  partOf: Type.Optional(UuidSchema),
  reference: Type.Optional(EventNameSchema),
  platformId: Type.Optional({
    ...LtiIdSchema,
    description:
      'Of its score or reference, else as it says; of one that tells neither, a platform that its source may name.',
  }),
  deploymentId: Type.Optional({ ...LtiIdSchema, description: 'Of its score or reference, else as it says.' }),
  contextId: Type.Optional(LtiIdSchema),
  userId: Type.Optional(LtiIdSchema),
  receivedAfter: Type.Optional(Type.String({ format: 'date-time' })),
  receivedBefore: Type.Optional(Type.String({ format: 'date-time' })),
};

export const DryRunBodySchema = Type.Object(
  {
    sample: Type.Optional(Type.Unknown({ description: 'A body of the service, as JSON.' })),
    rawBody: Type.Optional(
      Type.String({
        maxLength: MOST_EVENT_BYTES,
        description: 'Or the same as text, byte for byte, with its headers.',
      }),
    ),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    mapping: Type.Optional({ ...MappingSchema, description: 'To try, in place of that of the source.' }),
  },
  strict,
);

const triedProperties = {
  state: Type.Enum([...EVENT_STATES]),
  reason: EventReasonSchema,
  eventId: Type.String(),
  facts: FactsSchema,
  item: Type.Unsafe<Record<string, unknown> | null>({
    type: ['object', 'null'],
    additionalProperties: true,
    description: 'What would be handed in, as for `POST /v1/scores`.',
  }),
  outcome: NullableText,
};

export const DryRunAnswerSchema = Type.Object({
  ...triedProperties,
  eventCount: Type.Integer({ description: 'How many events the body holds.' }),
  events: Type.Array(Type.Object(triedProperties), {
    description: 'Where the body was taken apart: what its first twenty events would become.',
  }),
  signature: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: '`valid`, or what is wrong with it; null: no rawBody was given.',
  }),
});

export const ReplayAnswerSchema = Type.Object({
  replayed: Type.Integer({ description: 'So far: look whether the operation runs on.' }),
  withoutBody: Type.Integer({ description: 'Left as they are: their body is no longer kept.' }),
  workflows: Type.Array(WorkflowLinkSchema),
  operation: BulkOperationSchema,
});
