import Type from 'typebox';
import { ORIGIN_SOURCES } from '../../domain/score-origin.js';
import { InstantSchema, LtiIdSchema, nullable, NullableUuidSchema, UuidSchema } from './building-blocks.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
const NullableNumber = Type.Unsafe<number | null>({ type: ['number', 'null'] });
const Points = nullable(Type.Object({ scoreGiven: NullableNumber, scoreMaximum: NullableNumber }));

export const ScoreRevisionSchema = Type.Object({
  scoreId: UuidSchema,
  revision: Type.Integer({ minimum: 1 }),
  at: { ...InstantSchema, description: 'When it came.' },
  changedAt: { ...InstantSchema, description: 'When it changed in the tool.' },
  source: Type.Enum([...ORIGIN_SOURCES]),
  originId: { ...NullableUuidSchema, description: 'Of the API key, webhook event, backfill or run.' },
  requestId: { ...NullableText, description: 'The `x-request-id` of the request that brought it.' },
  platformId: LtiIdSchema,
  deploymentId: LtiIdSchema,
  contextId: LtiIdSchema,
  lineItem: Type.Object({ uuid: UuidSchema, id: NullableText, label: NullableText }),
  userId: LtiIdSchema,
  before: { ...Points, description: 'The value that it replaced; null: there was none.' },
  after: { ...Points, description: 'The value that came.' },
  isCurrent: Type.Boolean({ description: 'Nothing newer has come since.' }),
});
