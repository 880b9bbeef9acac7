import Type from 'typebox';
import { SCORE_STATES } from '../../domain/score.js';
import { GRADE_POLICIES, type GradePolicy } from '../../domain/grade-policy.js';
import { PausedSchema } from './paused.js';
import {
  InstantSchema,
  NullableInstantSchema,
  NullableUuidSchema,
  UuidSchema,
  WorkflowLinkSchema,
} from './building-blocks.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });

export const ParkedSchema = Type.Union(
  [
    Type.Object({
      type: Type.String(),
      sentence: Type.String(),
      advice: Type.String(),
      detail: NullableText,
      since: InstantSchema,
      until: NullableInstantSchema,
    }),
    Type.Null(),
  ],
  { description: 'Set aside, and why; null when it is not.' },
);

/** How many scores are in each state; a state without any is left out. */
export const ScoreCountsSchema = Type.Partial(
  Type.Object(Object.fromEntries(SCORE_STATES.map((state) => [state, Type.Integer()]))),
  { title: 'ScoreCounts' },
);

export const contextProperties = {
  id: UuidSchema,
  platformId: Type.String(),
  deploymentId: Type.String(),
  contextId: Type.String(),
  title: NullableText,
  gradePolicy: Type.Enum([...GRADE_POLICIES], { description: 'Whose grade counts where a person changed one.' }),
  parked: ParkedSchema,
  paused: PausedSchema,
  waiting: Type.Integer({ description: 'Scores that are not at their end.' }),
  lineItemsReadAt: NullableInstantSchema,
  rosterReadAt: NullableInstantSchema,
  resultsReadAt: NullableInstantSchema,
  lastAttemptedAt: NullableInstantSchema,
  createdAt: InstantSchema,
  workflow: WorkflowLinkSchema,
};

export const ContextSchema = Type.Object(contextProperties, { title: 'Context' });

export const lineItemProperties = {
  uuid: UuidSchema,
  platformId: Type.String(),
  deploymentId: Type.String(),
  contextId: Type.String(),
  context: UuidSchema,
  id: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'Null: wanted, not yet found or made.' }),
  resourceLinkId: NullableText,
  resourceId: NullableText,
  tag: NullableText,
  label: NullableText,
  scoreMaximum: Type.Unsafe<number | null>({ type: ['number', 'null'] }),
  verifiedAt: NullableInstantSchema,
  mergedInto: NullableUuidSchema,
  gradePolicy: Type.Unsafe<GradePolicy | null>({
    enum: [...GRADE_POLICIES, null],
    description: 'Null: as in its course.',
  }),
  parked: ParkedSchema,
};

const RosterCountsSchema = Type.Object({
  active: Type.Integer(),
  gone: Type.Integer({ description: 'Those who left.' }),
  missed: Type.Integer({
    description: 'Of the active, those whom the last reading did not list: with the next they are gone.',
  }),
  unlisted: Type.Integer({ description: 'People who have scores here and whom the roster never listed.' }),
});

export const CountedContextSchema = Type.Object({
  ...contextProperties,
  scores: ScoreCountsSchema,
  roster: Type.Union([RosterCountsSchema, Type.Null()], { description: 'How whole it is; null: it was never read.' }),
});

export const LineItemSchema = Type.Object(lineItemProperties, { title: 'LineItem' });
export const CountedLineItemSchema = Type.Object({ ...lineItemProperties, scores: ScoreCountsSchema });
