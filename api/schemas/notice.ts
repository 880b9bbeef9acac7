import Type from 'typebox';
import {
  DELIVERY_FAILURES,
  DELIVERY_STATES,
  DELIVERY_TYPES,
  DISABLERS,
  NOTICE_FORMATS,
  NOTICE_KINDS,
  NOTICE_STATUSES,
} from '../../domain/notice.js';
import {
  InstantSchema,
  LtiIdSchema,
  NullableInstantSchema,
  NullableUuidSchema,
  textSchema,
  UuidSchema,
} from './building-blocks.js';

const A_WEEK_MINUTES = 10_080;
const DAY_MINUTES = 1_440;

/** What a caller may say of an endpoint. */
export const wishProperties = {
  url: Type.String({
    minLength: 1,
    maxLength: 2_048,
    description:
      'Where notices go: https, and a public address when the connection is made. Kept encrypted, shown never.',
    examples: ['https://tool.example.edu/passback/notices'],
  }),
  format: Type.Enum([...NOTICE_FORMATS], {
    description: '`slack`: `{"text": …}`, as incoming webhooks of Slack take it.',
  }),
  kinds: Type.Array(Type.Enum([...NOTICE_KINDS]), { minItems: 1, maxItems: NOTICE_KINDS.length, uniqueItems: true }),
  platformId: Type.Unsafe<string | null>({
    ...LtiIdSchema,
    type: ['string', 'null'],
    description: 'Of this platform only.',
  }),
  contextId: Type.Unsafe<string | null>({
    ...LtiIdSchema,
    type: ['string', 'null'],
    description: 'Of this course of the platform only.',
  }),
  digestMinutes: Type.Integer({
    minimum: 15,
    maximum: A_WEEK_MINUTES,
    default: DAY_MINUTES,
    description: 'Between two digests of rejected scores.',
  }),
  description: Type.Unsafe<string | null>({ ...textSchema(200), type: ['string', 'null'] }),
};

export const NoticeEndpointSchema = Type.Object(
  {
    id: UuidSchema,
    origin: Type.String({ description: 'Scheme and host of its address.' }),
    format: wishProperties.format,
    kinds: Type.Array(Type.Enum([...NOTICE_KINDS])),
    platforms: Type.Unsafe<string[] | null>({
      type: ['array', 'null'],
      items: { type: 'string' },
      description: 'Platform ids that it hears of at most; null: all.',
    }),
    platformId: wishProperties.platformId,
    contextId: wishProperties.contextId,
    digestMinutes: Type.Integer(),
    description: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
    secrets: Type.Array(Type.Object({ id: UuidSchema, createdAt: InstantSchema, endsAt: NullableInstantSchema }), {
      description: 'Newest first, never what they are. One that ends signs beside its successor until then.',
    }),
    failures: Type.Integer({ description: 'Tries in a row that failed.' }),
    failingSince: NullableInstantSchema,
    disabledAt: NullableInstantSchema,
    disabledBy: Type.Unsafe<(typeof DISABLERS)[number] | null>({
      type: ['string', 'null'],
      enum: [...DISABLERS, null],
    }),
    createdAt: InstantSchema,
    updatedAt: InstantSchema,
  },
  { title: 'NoticeEndpoint', description: 'Who hears of what needs attention, and of what became of scores.' },
);

export const NoticeDeliverySchema = Type.Object(
  {
    id: Type.String({ ...UuidSchema, description: 'Its `webhook-id`, the same in all tries.' }),
    endpoint: UuidSchema,
    type: Type.Enum([...DELIVERY_TYPES]),
    state: Type.Enum([...DELIVERY_STATES]),
    count: Type.Integer({ description: 'Notices in it.' }),
    attempts: Type.Integer(),
    lastStatus: Type.Unsafe<number | null>({
      type: ['integer', 'null'],
      description: 'HTTP status of the last answer.',
    }),
    lastFailure: Type.Unsafe<(typeof DELIVERY_FAILURES)[number] | null>({
      type: ['string', 'null'],
      enum: [...DELIVERY_FAILURES, null],
    }),
    lastTriedAt: NullableInstantSchema,
    deliveredAt: NullableInstantSchema,
    createdAt: InstantSchema,
  },
  { title: 'NoticeDelivery', description: 'One message to one endpoint.' },
);

export const NoticeSchema = Type.Object(
  {
    id: UuidSchema,
    kind: Type.Enum([...NOTICE_KINDS]),
    status: Type.Enum([...NOTICE_STATUSES]),
    incident: NullableUuidSchema,
    since: InstantSchema,
    at: InstantSchema,
    sentence: Type.String(),
    advice: Type.String(),
    facts: Type.Record(Type.String(), Type.Unknown(), { description: 'Ids, counts and codes.' }),
  },
  { title: 'Notice' },
);
