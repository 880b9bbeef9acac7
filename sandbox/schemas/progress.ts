import Type, { type Static } from 'typebox';
import { Nullable, strict } from './setup.js';

/** What the tool's score source tells of one course; a score is as `POST /v1/scores` takes it, without its course. */
export const ProgressSetupSchema = Type.Object(
  {
    contextId: Type.String({ minLength: 1 }),
    scores: Type.Array(Type.Unknown()),
    /** What the tool's clock shows: by the answer's `asOf`, or by its HTTP date. Left out: the right time, by its date. */
    asOf: Type.Optional(Type.String()),
    date: Type.Optional(Type.String()),
    /** Default 100. */
    pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  },
  strict,
);
export type ProgressSetup = Static<typeof ProgressSetupSchema>;

/**
 * How the score source misbehaves. `circle`: the same cursor for ever; `endless`: a new one for ever; `elsewhere`: a
 * redirect; `slow`: the answer begins and does not end.
 */
export const ProgressTroubleSchema = Type.Object(
  {
    kind: Type.Union([
      Type.Literal('down'),
      Type.Literal('drop'),
      Type.Literal('slow'),
      Type.Literal('notJson'),
      Type.Literal('wrongShape'),
      Type.Literal('huge'),
      Type.Literal('circle'),
      Type.Literal('endless'),
      Type.Literal('elsewhere'),
      Type.Literal('unauthorized'),
    ]),
    /** Only for this course. */
    contextId: Type.Optional(Type.String()),
    /** Pages to answer well first. */
    skip: Type.Optional(Type.Integer({ minimum: 0 })),
    /** How often; left out: until the troubles are replaced. */
    times: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  strict,
);
export type ProgressTrouble = Static<typeof ProgressTroubleSchema>;

/** One question that the score source was asked. */
export const ProgressAskSchema = Type.Object({
  contextId: Type.String(),
  since: Nullable(Type.String()),
  cursor: Nullable(Type.String()),
  messageId: Type.String(),
  /** The signature was good, and new enough. */
  verified: Type.Boolean(),
});
export type ProgressAsk = Static<typeof ProgressAskSchema>;
