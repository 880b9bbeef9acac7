import Type from 'typebox';
import { EVENT_NAME_LENGTH } from '../../domain/read-event.js';
import { TIME_FORMATS, type EventMapping, type SourceLimits, type Verification } from '../../domain/webhook-source.js';
import { InstantSchema, LtiIdSchema, shownReachProperties, UuidSchema, textSchema } from './building-blocks.js';
import { ColumnNameSchema, NamedLineItemSchema } from './score.js';

const strict = { additionalProperties: false };
/** Events of one source are at most so large, in bytes, whatever the source says. */
export const MOST_EVENT_BYTES = 1_048_576;

export const SourceNameSchema = Type.String({
  pattern: '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?([.][0-9a-f]{12})?$',
  description:
    'Stands in the address that the service calls. With a dot and an ending of its own where a limited key made it.',
  examples: ['essay-grader'],
});
export const SourceParamsSchema = Type.Object({ source: SourceNameSchema });
export const EventNameSchema = textSchema(EVENT_NAME_LENGTH);
export const ReferenceParamsSchema = Type.Object({ source: SourceNameSchema, reference: EventNameSchema });

const HeaderNameSchema = Type.String({ pattern: '^[A-Za-z0-9-]{1,100}$' });
const ToleranceSchema = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 86_400, description: 'How old a timestamp may be; default 300.' }),
);
const timeFormat = Type.Optional(Type.Enum([...TIME_FORMATS]));

export const VerificationSchema = Type.Union([
  Type.Object(
    { scheme: Type.Literal('standardWebhooks'), toleranceSeconds: ToleranceSchema },
    { ...strict, title: 'Standard Webhooks' },
  ),
  Type.Object(
    {
      scheme: Type.Literal('hmacSha256'),
      header: HeaderNameSchema,
      encoding: Type.Enum(['hex', 'base64']),
      prefix: Type.Optional(Type.String({ maxLength: 50, description: 'Stands before the signature: `sha256=`.' })),
      parameters: Type.Optional(
        Type.Object(
          { signature: Type.String({ maxLength: 50 }), timestamp: Type.Optional(Type.String({ maxLength: 50 })) },
          { ...strict, description: 'The header is a list, such as `t=1,v1=abc`: the names in it.' },
        ),
      ),
      timestampHeader: Type.Optional(HeaderNameSchema),
      timestampFormat: timeFormat,
      signedContent: Type.Optional(
        Type.String({ maxLength: 200, description: 'Of `{body}` and `{timestamp}`; default `{body}`.' }),
      ),
      secretEncoding: Type.Optional(Type.Enum(['utf8', 'base64', 'hex'])),
      toleranceSeconds: ToleranceSchema,
    },
    { ...strict, title: 'HMAC-SHA256 in a header' },
  ),
]);

const PointerSchema = Type.String({ maxLength: 500, examples: ['/data/student/id'] });
const FactSchema = Type.Union(
  [PointerSchema, Type.Object({ value: Type.Union([Type.String({ maxLength: 1_024 }), Type.Number()]) }, strict)],
  { description: 'A JSON pointer into the event, or a value that is the same for all.' },
);
const fact = Type.Optional(FactSchema);

export const MappingSchema = Type.Object(
  {
    events: Type.Optional(
      Type.String({
        maxLength: 500,
        description:
          'A JSON pointer to a list of events, each taken by itself; empty where the body is the list. The other pointers ' +
          'are of a body with one entry in the place of the list.',
        examples: ['/results'],
      }),
    ),
    eventId: Type.Optional(Type.Union([PointerSchema, Type.Object({ header: HeaderNameSchema }, strict)])),
    type: Type.Optional(
      Type.Object({ pointer: PointerSchema, in: Type.Array(Type.String(), { minItems: 1, maxItems: 100 }) }, strict),
    ),
    reference: fact,
    platform: fact,
    deployment: fact,
    context: fact,
    student: fact,
    column: Type.Optional(
      Type.Object(
        { id: fact, resourceLinkId: fact, resourceId: fact, tag: fact, label: fact, scoreMaximum: fact },
        strict,
      ),
    ),
    score: fact,
    percentage: fact,
    maximum: fact,
    comment: fact,
    time: fact,
    timeFormat,
  },
  strict,
);

const limitProperties = {
  maxBodyBytes: Type.Integer({ minimum: 100, maximum: MOST_EVENT_BYTES }),
  eventsPerMinute: Type.Unsafe<number | null>({ type: ['integer', 'null'], minimum: 1 }),
  expireDays: Type.Integer({ minimum: 1, maximum: 30 }),
  keepBodiesDays: Type.Integer({ minimum: 0, maximum: 30 }),
};
export const LimitsSchema = Type.Partial(Type.Object(limitProperties, strict));

export const SecretSchema = Type.String({
  minLength: 16,
  maxLength: 1_024,
  pattern: '^[^\\u0000]*$',
  description: 'Shared with the service. Kept encrypted; never given back.',
});

/** Stored parts go out as they came in. */
const asStored = { type: 'object', additionalProperties: true };
export const SourceSchema = Type.Object({
  id: UuidSchema,
  name: Type.String(),
  ...shownReachProperties,
  disabled: Type.Boolean(),
  verification: Type.Unsafe<Verification>(asStored),
  mapping: Type.Unsafe<EventMapping>(asStored),
  limits: Type.Unsafe<SourceLimits>(asStored),
  secrets: Type.Array(Type.Object({ id: UuidSchema, createdAt: InstantSchema })),
  url: Type.String({ description: 'The path that the service calls.' }),
  createdAt: InstantSchema,
  updatedAt: InstantSchema,
});

export const ReferenceBodySchema = Type.Object({
  platformId: LtiIdSchema,
  deploymentId: Type.Optional(LtiIdSchema),
  contextId: LtiIdSchema,
  lineItem: ColumnNameSchema,
  userId: LtiIdSchema,
  expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'Default: in 180 days.' })),
});

export const ReferenceSchema = Type.Object({
  source: Type.String(),
  reference: Type.String(),
  platformId: Type.String(),
  deploymentId: Type.String(),
  contextId: Type.String(),
  context: UuidSchema,
  lineItem: NamedLineItemSchema,
  userId: Type.String(),
  expiresAt: InstantSchema,
  createdAt: InstantSchema,
  updatedAt: InstantSchema,
});

export const ReferenceAnswerSchema = Type.Object({
  ...ReferenceSchema.properties,
  waiting: Type.Integer({ description: 'Events that waited for this reference, and are looked at now.' }),
});
