import type { Readable } from 'node:stream';
import Type, { type TSchema } from 'typebox';
import { BACKFILL_STATES, type BackfillState } from '../../domain/backfill.js';
import { SCORE_STATES, type ScoreState } from '../../domain/score.js';
import {
  LtiIdSchema,
  NullableInstantSchema,
  NullableUuidSchema,
  textSchema,
  UuidSchema,
  WorkflowLinkSchema,
} from './building-blocks.js';
import { PreviewSchema } from './backfill-preview.js';
import { PausedSchema } from './paused.js';

export const BackfillStateSchema = Type.Unsafe<BackfillState>({ type: 'string', enum: [...BACKFILL_STATES] });

const REASON = 'Why; kept for good. No names of students: with an upload it stands in the address.';
const FlagTextSchema = Type.Unsafe<'true' | 'false'>({ type: 'string', enum: ['true', 'false'], default: 'false' });

const ReleaseSchema = Type.Unsafe<'onApproval' | 'afterPreview'>({
  type: 'string',
  enum: ['onApproval', 'afterPreview'],
  default: 'onApproval',
  description: '`afterPreview` releases without a stop where the preview is under the threshold.',
});

/** Parameters of an upload, whose body is the file; a filter may have them here too. */
export const UploadQuerySchema = Type.Object({
  reason: Type.Optional({ ...textSchema(1_000), description: REASON }),
  author: Type.Optional({ ...textSchema(200), description: 'Who answers for it.' }),
  dryRun: Type.Optional({ ...FlagTextSchema, description: 'End after the preview.' }),
  release: Type.Optional(ReleaseSchema),
  queue: Type.Optional({ ...FlagTextSchema, description: 'Wait where another backfill has the same scores in hand.' }),
  checkGradebook: Type.Optional({ ...FlagTextSchema, description: 'Compare with what the LMS itself shows.' }),
  perSecond: Type.Optional(
    Type.String({
      pattern: '^(?=.*[1-9])\\d{1,6}(\\.\\d{1,3})?$',
      description: 'Scores released per second, at most.',
    }),
  ),
});

const InstantTextSchema = Type.String({ format: 'date-time' });

/** Puts back what was before an API key wrote. */
const RestoreSchema = Type.Object(
  {
    apiKeyId: { ...UuidSchema, description: 'With the keys that it made, and the backfills of all of them.' },
    since: { ...InstantTextSchema, description: 'What came at this time or later.' },
    until: Type.Optional({ ...InstantTextSchema, description: 'And before this one. Default: now.' }),
  },
  { additionalProperties: false },
);

/** A backfill over what is held. */
export const FilterBodySchema = Type.Object(
  {
    reason: { ...textSchema(1_000), description: REASON },
    author: { ...textSchema(200), description: 'Who answers for it.' },
    filter: Type.Object(
      {
        platformId: Type.Optional(LtiIdSchema),
        deploymentId: Type.Optional(LtiIdSchema),
        contextId: Type.Optional(LtiIdSchema),
        lineItemId: Type.Optional(LtiIdSchema),
        resourceLinkId: Type.Optional(LtiIdSchema),
        userId: Type.Optional(LtiIdSchema),
        state: Type.Optional(Type.Unsafe<ScoreState>({ type: 'string', enum: [...SCORE_STATES] })),
        failureType: Type.Optional(LtiIdSchema),
        changedAfter: Type.Optional({ ...InstantTextSchema, description: 'At this time or later.' }),
        changedBefore: Type.Optional(InstantTextSchema),
      },
      { additionalProperties: false },
    ),
    action: Type.Union([
      Type.Literal('resend'),
      Type.Object(
        {
          recompute: Type.Object(
            {
              factor: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000 })),
              offset: Type.Optional(Type.Number({ minimum: -1_000_000, maximum: 1_000_000 })),
              cap: Type.Optional(Type.Union([Type.Number({ minimum: 0 }), Type.Literal('maximum')])),
            },
            { additionalProperties: false },
          ),
        },
        { additionalProperties: false },
      ),
      Type.Object({ restore: RestoreSchema }, { additionalProperties: false }),
    ]),
    dryRun: Type.Optional(Type.Boolean()),
    release: Type.Optional(ReleaseSchema),
    queue: Type.Optional(Type.Boolean()),
    checkGradebook: Type.Optional(Type.Boolean()),
    perSecond: Type.Optional(Type.Number({ minimum: 0.001, maximum: 1_000_000 })),
  },
  { additionalProperties: false },
);

/** Undo takes what any backfill takes. */
export const UndoBodySchema = Type.Object({
  reason: { ...textSchema(1_000), description: REASON },
  author: textSchema(200),
  dryRun: Type.Optional(Type.Boolean()),
  release: Type.Optional(ReleaseSchema),
  perSecond: Type.Optional(Type.Number({ minimum: 0.001, maximum: 1_000_000 })),
});

const nullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
const nullableNumber = Type.Unsafe<number | null>({ type: ['number', 'null'] });
const nullableBoolean = Type.Unsafe<boolean | null>({ type: ['boolean', 'null'] });
const Counts = Type.Record(Type.String(), Type.Integer());
/** Whatever it holds; the serializer lets all of it out. */
const Anything = Type.Unsafe<Record<string, unknown> | null>({
  type: ['object', 'null'],
  additionalProperties: true,
});

export const ProgressSchema = Type.Object({
  toSend: Type.Integer(),
  sent: Type.Integer(),
  rejected: Type.Integer(),
  overtaken: Type.Integer({ description: 'The tool changed them meanwhile; its word stands.' }),
  unsent: Type.Integer(),
  ratePerSecond: Type.Number(),
  secondsLeft: nullableNumber,
});

/** The data of an event is a text, which holds JSON of that schema. */
const jsonText = (contentSchema: TSchema): ReturnType<typeof Type.String> =>
  Type.String({ contentMediaType: 'application/json', contentSchema });

/** One event of a stream of them. */
const EventSchema = Type.Union(
  [
    Type.Object({
      event: Type.Enum(['progress', 'end']),
      data: jsonText(
        Type.Object({ state: BackfillStateSchema, ...ProgressSchema.properties }, { title: 'BackfillProgress' }),
      ),
    }),
    Type.Object({ event: Type.Literal('stopping'), data: jsonText(Type.Object({})) }),
  ],
  {
    title: 'BackfillEvent',
    description: 'One server-sent event: `event` is its name, and `data` a line of JSON.',
  },
);
export const BackfillEventSchema = Type.Unsafe<Readable>(EventSchema);

export const BackfillSchema = Type.Object({
  id: UuidSchema,
  source: Type.String(),
  action: Type.String(),
  state: BackfillStateSchema,
  author: Type.String(),
  reason: Type.String(),
  apiKeyId: UuidSchema,
  parameters: Anything,
  undoOf: NullableUuidSchema,
  dryRun: Type.Boolean(),
  lines: Type.Integer(),
  upload: Anything,
  preview: PreviewSchema,
  progress: ProgressSchema,
  approval: Type.Object({
    needed: nullableBoolean,
    byAnother: nullableBoolean,
    approvedBy: { ...NullableUuidSchema, description: 'The API key.' },
    approvedAt: NullableInstantSchema,
  }),
  paused: PausedSchema,
  perSecond: nullableNumber,
  failure: Type.Unsafe<{ type: string; detail: string; backfill: string | null } | null>({
    type: ['object', 'null'],
    properties: { type: { type: 'string' }, detail: { type: 'string' }, backfill: NullableUuidSchema },
  }),
  behind: NullableUuidSchema,
  createdAt: NullableInstantSchema,
  releasedAt: NullableInstantSchema,
  endedAt: NullableInstantSchema,
  workflow: WorkflowLinkSchema,
});

export const BackfillColumnSchema = Type.Object({
  platformId: Type.String(),
  contextId: Type.String(),
  lineItem: Type.Object({
    id: nullableText,
    resourceLinkId: nullableText,
    resourceId: nullableText,
    tag: nullableText,
    label: nullableText,
  }),
  problem: nullableText,
  blocked: nullableText,
  counts: Counts,
});

export const BackfillProblemSchema = Type.Object({
  line: Type.Integer(),
  type: Type.String(),
  detail: Type.String(),
  otherLine: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
});
