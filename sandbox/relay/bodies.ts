import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { refusal, type RelayAnswer } from './answer.js';

/** POST …/scores as LTIAAS takes it (docs.ltiaas.com/api/post-lineitem-scores): zero is allowed, a timestamp is not read. */
const ScoreBodySchema = Type.Object({
  userId: Type.Union([Type.String({ minLength: 1 }), Type.Integer()]),
  activityProgress: Type.Enum(['Initialized', 'Initiated', 'Started', 'InProgress', 'Submitted', 'Completed']),
  gradingProgress: Type.Enum(['FullyGraded', 'Pending', 'PendingManual', 'Failed', 'NotReady']),
  scoreGiven: Type.Optional(Type.Union([Type.Number({ minimum: 0 }), Type.Null()])),
  scoreMaximum: Type.Optional(Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()])),
  comment: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});
export type ScoreBody = Static<typeof ScoreBodySchema>;

/** POST and PUT of a line item; members that are not named here go to the LMS as they are. */
const LineItemBodySchema = Type.Object({
  label: Type.String({ minLength: 1 }),
  scoreMaximum: Type.Number({ exclusiveMinimum: 0 }),
  resourceLinkId: Type.Optional(Type.String()),
  resourceId: Type.Optional(Type.String()),
  tag: Type.Optional(Type.String()),
});
export type LineItemBody = Static<typeof LineItemBodySchema>;

const scoreBody = Compile(ScoreBodySchema);
const lineItemBody = Compile(LineItemBodySchema);

export function isScoreBody(body: unknown): body is ScoreBody {
  return scoreBody.Check(body);
}

export function isLineItemBody(body: unknown): body is LineItemBody {
  return lineItemBody.Check(body);
}

/** LTIAAS's refusal of a body that it cannot use; no LMS has seen it. */
export function invalidBody(kind: 'score' | 'lineItem', body: unknown): RelayAnswer {
  const validator = kind === 'score' ? scoreBody : lineItemBody;
  const errors = validator.Errors(body).map((error) => `${error.instancePath || '/'} ${error.message}`);
  return refusal(400, 'INVALID_REQUEST_BODY', errors.join('; '));
}
