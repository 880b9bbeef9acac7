import Type from 'typebox';
import { WAIT_REASONS } from '../../domain/wait.js';
import { ACTIVITY_PROGRESS, GRADING_PROGRESS, SCORE_STATES } from '../../domain/score.js';
import {
  InstantSchema,
  LtiIdSchema,
  NullableInstantSchema,
  NullableUuidSchema,
  UuidSchema,
  WorkflowLinkSchema,
} from './building-blocks.js';
import { ProblemSchema } from './problem.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
const NullableInteger = Type.Unsafe<number | null>({ type: ['integer', 'null'] });

/** A whole line item of an LMS may be sent back: its other members are let pass. */
const open = { additionalProperties: true };

/** How a column is named. Described for callers; read by `domain/parse-column.ts`, item by item. */
export const ColumnNameSchema = Type.Union(
  [
    Type.Object({ id: LtiIdSchema }, { ...open, title: 'by its id in the LMS' }),
    Type.Object({ resourceLinkId: LtiIdSchema }, { ...open, title: 'by the activity' }),
    Type.Object(
      {
        resourceId: LtiIdSchema,
        tag: Type.Optional(Type.String()),
        label: Type.String(),
        scoreMaximum: Type.Number({ exclusiveMinimum: 0 }),
      },
      { ...open, title: "by the tool's own resource: found, or made" },
    ),
  ],
  { description: 'The gradebook column.' },
);

/** https://www.imsglobal.org/spec/lti-ags/v2p0#score-publish-service */
export const ScoreItemSchema = Type.Object(
  {
    platformId: LtiIdSchema,
    deploymentId: Type.Optional({
      ...LtiIdSchema,
      description: 'May be left out where the platform has one deployment.',
    }),
    contextId: LtiIdSchema,
    lineItem: ColumnNameSchema,
    userId: LtiIdSchema,
    scoreGiven: Type.Optional(Type.Number({ minimum: 0, description: 'May be above scoreMaximum.' })),
    scoreMaximum: Type.Number({ exclusiveMinimum: 0 }),
    clear: Type.Optional(Type.Boolean({ description: 'Takes the grade away; then without scoreGiven.' })),
    activityProgress: Type.Optional(Type.Enum([...ACTIVITY_PROGRESS], { default: 'Completed' })),
    gradingProgress: Type.Optional(Type.Enum([...GRADING_PROGRESS], { default: 'FullyGraded' })),
    comment: Type.Optional(Type.String({ maxLength: 10_000, description: 'Plain text that the student sees.' })),
    submission: Type.Optional(
      Type.Object(
        {
          startedAt: Type.Optional(Type.String({ format: 'date-time' })),
          submittedAt: Type.Optional(Type.String({ format: 'date-time' })),
        },
        open,
      ),
    ),
    changedAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'When it changed in the tool; default now. An older one never replaces a newer one.',
      }),
    ),
    submit: Type.Optional(Type.Enum(['now', 'nightly'], { default: 'now' })),
    force: Type.Optional(Type.Boolean({ description: 'Send even where the gradebook holds this value.' })),
  },
  // Read by `domain/parse-score.ts`, which lets pass what AGS calls an extension.
  open,
);

export const ItemAnswerSchema = Type.Object({
  index: Type.Integer(),
  id: { ...NullableUuidSchema, description: 'Our uuid of the score.' },
  revision: NullableInteger,
  outcome: Type.Enum(['accepted', 'unchanged', 'superseded', 'invalid']),
  problem: Type.Union([ProblemSchema, Type.Null()]),
});

export const IntakeAnswerSchema = Type.Object({
  scores: Type.Array(ItemAnswerSchema),
  accepted: Type.Integer(),
  unchanged: Type.Integer(),
  superseded: Type.Integer(),
  invalid: Type.Integer(),
  workflows: Type.Array(WorkflowLinkSchema),
});

const WaitingForSchema = Type.Object({
  reason: Type.Enum([...WAIT_REASONS]),
  type: NullableText,
  sentence: Type.String(),
  advice: Type.String(),
  since: NullableInstantSchema,
  until: NullableInstantSchema,
});

/** A column by all of its names; `id` is null until it is found or made. */
export const NamedLineItemSchema = Type.Object({
  uuid: UuidSchema,
  id: NullableText,
  resourceLinkId: NullableText,
  resourceId: NullableText,
  tag: NullableText,
  label: NullableText,
});

export const ScoreSchema = Type.Object({
  id: UuidSchema,
  platformId: Type.String(),
  deploymentId: Type.String(),
  contextId: Type.String(),
  context: UuidSchema,
  lineItem: NamedLineItemSchema,
  userId: Type.String(),
  scoreGiven: Type.Unsafe<number | null>({ type: ['number', 'null'] }),
  scoreMaximum: Type.Number(),
  activityProgress: Type.Enum([...ACTIVITY_PROGRESS]),
  gradingProgress: Type.Enum([...GRADING_PROGRESS]),
  comment: NullableText,
  submission: Type.Union([
    Type.Object({ startedAt: Type.Optional(InstantSchema), submittedAt: Type.Optional(InstantSchema) }),
    Type.Null(),
  ]),
  changedAt: InstantSchema,
  revision: Type.Integer(),
  state: Type.Enum([...SCORE_STATES]),
  submittedRevision: NullableInteger,
  submittedAt: NullableInstantSchema,
  waitingFor: Type.Union([WaitingForSchema, Type.Null()]),
  rejection: Type.Union([
    Type.Object({
      type: Type.String({ description: 'The kind of failure.' }),
      problemType: Type.String({ description: 'The same as a stable problem type.' }),
      sentence: Type.String(),
      advice: Type.String(),
      detail: NullableText,
    }),
    Type.Null(),
  ]),
  submit: Type.Enum(['now', 'nightly']),
  priority: Type.Integer(),
  tries: Type.Integer(),
  supersededBy: NullableUuidSchema,
  createdAt: InstantSchema,
  updatedAt: InstantSchema,
});

export const AttemptSchema = Type.Object({
  revision: Type.Integer(),
  kind: Type.Enum(['submit', 'readBack']),
  outcome: Type.String(),
  status: NullableInteger,
  failureType: NullableText,
  code: NullableText,
  excerpt: NullableText,
  startedAt: InstantSchema,
  durationMs: Type.Integer(),
  serviceKeyId: NullableUuidSchema,
  workflow: Type.Union([WorkflowLinkSchema, Type.Null()]),
});

export const ExplainedScoreSchema = Type.Object({
  ...ScoreSchema.properties,
  attempts: Type.Array(AttemptSchema),
  explanation: Type.Object({
    whatHappened: Type.String(),
    whatHappensNext: Type.String(),
    whatYouCanDo: Type.String(),
  }),
});

const repeated = 'Repeat it for any of several.';

/** What only lists take. */
export const scoreListProperties = {
  state: Type.Optional(
    Type.Array(Type.Enum([...SCORE_STATES]), { description: `\`state=rejected&state=held\`. ${repeated}` }),
  ),
  waitingFor: Type.Optional(
    Type.Array(Type.Enum([...WAIT_REASONS]), {
      description: `What scores wait for that are not at their end: \`waitingFor.reason\`. ${repeated}`,
    }),
  ),
};

export const UpdatedAfterSchema = Type.String({
  format: 'date-time',
  description:
    'Scores that changed at this time or later, in the order of their changes, oldest first. Poll with the last `nextCursor`.',
  examples: ['2026-11-27T02:00:00Z'],
});

export const ReadUntilSchema = Type.Unsafe<Date | string | null>({
  ...NullableInstantSchema,
  description: 'Whatever changed before this has been read, with this page. Null in the order of creation.',
});

export const FailureTypeSchema = Type.String({ maxLength: 100, pattern: '^[A-Za-z]*$' });

const failedWhen = (which: string) =>
  Type.String({
    format: 'date-time',
    description: `Scores that failed ${which}, and still are rejected or held.`,
    examples: ['2026-11-27T02:00:00Z'],
  });

export const failureWindowProperties = {
  failedAfter: Type.Optional(failedWhen('at this time or later')),
  failedBefore: Type.Optional(failedWhen('before this time')),
};

export const scoreFilterProperties = {
  platformId: Type.Optional(LtiIdSchema),
  deploymentId: Type.Optional(LtiIdSchema),
  contextId: Type.Optional(LtiIdSchema),
  lineItemId: Type.Optional(LtiIdSchema),
  resourceLinkId: Type.Optional(LtiIdSchema),
  resourceId: Type.Optional(LtiIdSchema),
  tag: Type.Optional(LtiIdSchema),
  context: Type.Optional(UuidSchema),
  userId: Type.Optional(LtiIdSchema),
  state: Type.Optional(Type.Enum([...SCORE_STATES])),
  failureType: Type.Optional(FailureTypeSchema),
  ...failureWindowProperties,
};
