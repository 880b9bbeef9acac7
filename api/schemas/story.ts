import Type from 'typebox';
import { DRIFT_KINDS } from '../../domain/drift.js';
import { MEMBERSHIP_STATUSES, STANDINGS } from '../../domain/membership.js';
import { ORIGIN_SOURCES } from '../../domain/score-origin.js';
import { SCORE_STATES } from '../../domain/score.js';
import { PERSON_FINDINGS } from '../../domain/story/explain-person.js';
import { TIMELINE_KINDS } from '../../domain/story/timeline.js';
import { WAIT_REASONS } from '../../domain/wait.js';
import {
  InstantSchema,
  LtiIdSchema,
  nullable,
  NullableInstantSchema,
  NullableUuidSchema,
  UuidSchema,
} from './building-blocks.js';
import { NamedLineItemSchema } from './score.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
const NullableInteger = Type.Unsafe<number | null>({ type: ['integer', 'null'] });
const NullableNumber = Type.Unsafe<number | null>({ type: ['number', 'null'] });

const VerdictSchema = Type.String({ description: 'One sentence: whether the gradebook has it and, if not, why.' });
const ForStudentSchema = Type.String({ description: 'For the student: without figures, ids and how it works.' });

const HelpSchema = Type.Object(
  {
    sentence: Type.String(),
    call: nullable(
      Type.Object({
        method: Type.Enum(['GET', 'POST']),
        path: Type.String(),
        body: nullable(Type.Object({}, { additionalProperties: true })),
      }),
    ),
  },
  { title: 'Help', description: 'Something that a person can do, and the call that does it, where it is one.' },
);

const StoryWaitSchema = Type.Object({
  reason: Type.Enum([...WAIT_REASONS]),
  type: NullableText,
  since: NullableInstantSchema,
  until: NullableInstantSchema,
  sentence: Type.String(),
  advice: Type.String(),
});

const TimelineEntrySchema = Type.Object({
  at: InstantSchema,
  kind: Type.Enum([...TIMELINE_KINDS]),
  sentence: Type.String(),
  revision: NullableInteger,
  origin: nullable(
    Type.Object({
      source: Type.Enum([...ORIGIN_SOURCES]),
      id: { ...NullableUuidSchema, description: 'Of the API key, webhook event, backfill or run.' },
      name: NullableText,
      requestId: NullableText,
    }),
  ),
  answer: nullable(
    Type.Object({
      outcome: Type.String(),
      status: NullableInteger,
      failureType: NullableText,
      code: NullableText,
      excerpt: NullableText,
    }),
  ),
  deed: nullable(
    Type.Object(
      { action: Type.String(), apiKey: NullableUuidSchema, keyName: NullableText, reason: NullableText },
      { description: 'What an operator did: what may be shown of it.' },
    ),
  ),
});

const AdministratorStorySchema = Type.Object({
  text: Type.String({ description: 'All of it, to be copied into a ticket.' }),
  platformId: Type.String(),
  deploymentId: Type.String(),
  contextId: Type.String(),
  userId: Type.String(),
  lineItem: Type.Object({
    ...{ id: NullableText, resourceLinkId: NullableText, resourceId: NullableText, tag: NullableText },
    label: NullableText,
  }),
  answered: nullable(
    Type.Object({
      at: InstantSchema,
      kind: Type.Enum(['submit', 'readBack']),
      status: NullableInteger,
      code: NullableText,
      excerpt: NullableText,
    }),
  ),
  check: Type.String({ description: 'What to look for in the LMS.' }),
});

export const StorySchema = Type.Object({
  id: UuidSchema,
  verdict: VerdictSchema,
  timeline: Type.Array(TimelineEntrySchema, { description: 'Oldest first.' }),
  leftOut: Type.Object({
    revisions: Type.Integer({ description: 'Older revisions than the timeline has.' }),
    attempts: Type.Integer({ description: 'Older calls than the timeline has, counted up to a thousand.' }),
  }),
  waitingFor: nullable(StoryWaitSchema),
  next: Type.Object({ sentence: Type.String(), at: NullableInstantSchema }),
  help: Type.Array(HelpSchema),
  forStudent: ForStudentSchema,
  forAdministrator: AdministratorStorySchema,
});

export const ExplainBodySchema = Type.Object({
  platformId: LtiIdSchema,
  deploymentId: Type.Optional({
    ...LtiIdSchema,
    description: 'May be left out where the platform has one deployment.',
  }),
  contextId: LtiIdSchema,
  userId: LtiIdSchema,
  lineItem: Type.Optional(
    Type.Object(
      {
        id: Type.Optional({ ...LtiIdSchema, description: 'Its id in the LMS.' }),
        resourceLinkId: Type.Optional(LtiIdSchema),
        resourceId: Type.Optional(LtiIdSchema),
        tag: Type.Optional(LtiIdSchema),
      },
      { minProperties: 1, description: 'Only this column; all given names must be its own.' },
    ),
  ),
});

const GradeSchema = Type.Object({ revision: Type.Integer(), scoreGiven: NullableNumber, scoreMaximum: Type.Number() });

const PersonScoreSchema = Type.Object({
  id: UuidSchema,
  lineItem: NamedLineItemSchema,
  state: Type.Enum([...SCORE_STATES]),
  verdict: VerdictSchema,
  tool: Type.Object({ ...GradeSchema.properties, changedAt: InstantSchema }, { description: 'What the tool has.' }),
  gradebook: nullable(
    Type.Object(
      { ...GradeSchema.properties, at: NullableInstantSchema },
      { description: 'What the LMS last took; null: nothing.' },
    ),
  ),
  shown: nullable(
    Type.Object(
      {
        kind: Type.Enum([...DRIFT_KINDS]),
        resultScore: NullableNumber,
        resultMaximum: NullableNumber,
        foundAt: InstantSchema,
      },
      { description: 'What its gradebook was seen to show instead.' },
    ),
  ),
  waitingFor: nullable(StoryWaitSchema),
  updatedAt: InstantSchema,
  help: Type.Array(HelpSchema),
  forStudent: ForStudentSchema,
  forAdministrator: Type.String({ description: 'For the administrator of the LMS: to be copied into a ticket.' }),
});

export const PersonStorySchema = Type.Object({
  verdict: Type.String({ description: 'One sentence.' }),
  findings: Type.Array(
    Type.Object({ kind: Type.Enum([...PERSON_FINDINGS]), sentence: Type.String(), help: Type.Array(HelpSchema) }),
    { description: 'Why there is less than was asked for.' },
  ),
  course: nullable(
    Type.Object({
      id: UuidSchema,
      title: NullableText,
      rosterReadAt: NullableInstantSchema,
    }),
  ),
  person: nullable(
    Type.Object(
      { status: nullable(Type.Enum([...MEMBERSHIP_STATUSES])), standing: nullable(Type.Enum([...STANDINGS])) },
      { description: 'By the roster; null: it does not list the user, or was never read.' },
    ),
  ),
  scores: Type.Array(PersonScoreSchema, { description: 'Newest change first, one for each column.' }),
  hasMore: Type.Boolean({ description: 'There are more columns than are told of: name one.' }),
});
