import Type, { type Static } from 'typebox';
import { CHANGE_KINDS, CHANGE_OUTCOMES, type ChangeKind } from '../../domain/backfill.js';
import { NullableInstantSchema, NullableUuidSchema } from './building-blocks.js';

const nullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
const nullableNumber = Type.Unsafe<number | null>({ type: ['number', 'null'] });
const Counts = Type.Record(Type.String(), Type.Integer());

const PointsSchema = Type.Unsafe<{ scoreGiven: number | null; scoreMaximum: number | null } | null>({
  type: ['object', 'null'],
  properties: { scoreGiven: nullableNumber, scoreMaximum: nullableNumber },
});

export const ChangeSchema = Type.Object({
  line: Type.Integer({ description: 'Of the file; with a filter, a running number.' }),
  platformId: Type.String(),
  contextId: Type.String(),
  lineItem: Type.Object({
    id: nullableText,
    resourceLinkId: nullableText,
    resourceId: nullableText,
    tag: nullableText,
  }),
  userId: Type.String(),
  scoreId: NullableUuidSchema,
  kind: Type.Unsafe<ChangeKind | null>({
    type: ['string', 'null'],
    description: CHANGE_KINDS.join(', '),
  }),
  before: PointsSchema,
  after: PointsSchema,
  seenInGradebook: nullableNumber,
  outcome: Type.String({
    description: CHANGE_OUTCOMES.join(', '),
  }),
  reason: nullableText,
  otherLine: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
  at: NullableInstantSchema,
});

const PreviewPartsSchema = Type.Object({
  kinds: { ...Counts, description: `Lines by what they would do: ${CHANGE_KINDS.join(', ')}.` },
  reasons: { ...Counts, description: 'Lines that are refused, blocked or left alone, by why.' },
  toSend: Type.Integer(),
  unreadable: Type.Integer({ description: 'Lines that could not be read.' }),
  largestDrop: Type.Number({ description: 'Of all grades that fall, in percent of the maximum.' }),
  histogram: Type.Array(Type.Object({ from: Type.Integer(), to: Type.Integer(), count: Type.Integer() }), {
    description:
      'How many of the grades to be sent change by how much, in percent of the maximum, from the sharpest drop on. ' +
      'Tenths that hold none are left out; what changes by more than the whole stands below -100 or from 100 on.',
  }),
  contexts: Type.Integer(),
  columns: Type.Integer(),
  checkedColumns: Type.Integer({ description: 'Whose grades were read from the LMS.' }),
  estimate: Type.Object(
    { calls: Type.Integer(), seconds: Type.Number() },
    { additionalProperties: true, description: 'What sending would take at the present limits.' },
  ),
  samples: Type.Array(ChangeSchema),
});

/** Null until there is one. */
export const PreviewSchema = Type.Unsafe<Static<typeof PreviewPartsSchema> | null>({
  ...PreviewPartsSchema,
  type: ['object', 'null'],
});
