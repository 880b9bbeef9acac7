import Type from 'typebox';
import { InstantSchema, LtiIdSchema, UuidSchema } from './building-blocks.js';
import { failureWindowProperties, FailureTypeSchema } from './score.js';

/** What a count of failures takes, in a list of scores, a retry and here alike: nothing that names a student. */
export const failureFilterProperties = {
  platformId: Type.Optional(LtiIdSchema),
  deploymentId: Type.Optional(LtiIdSchema),
  contextId: Type.Optional(LtiIdSchema),
  context: Type.Optional(UuidSchema),
  failureType: Type.Optional(FailureTypeSchema),
  ...failureWindowProperties,
};

export const FailureWindowSchema = Type.Object(
  {
    hours: Type.Integer({ description: 'What failed within so many hours before `countedAt`.' }),
    count: Type.Integer(),
    isCapped: Type.Boolean({
      description: 'There may be more: the window begins before `countedSince`. Shown as “10,000+”.',
    }),
    filter: Type.Object(
      {
        state: Type.Literal('rejected'),
        failureType: Type.String(),
        platformId: Type.String(),
        failedAfter: InstantSchema,
        failedBefore: InstantSchema,
      },
      { description: 'With it `GET /v1/scores` lists what is counted, and `POST /v1/scores/retry` retries it.' },
    ),
  },
  { title: 'FailureWindow' },
);

export const FailureSchema = Type.Object(
  {
    type: Type.String({ description: 'The kind of failure: `failureType` of the filters.' }),
    sentence: Type.String(),
    advice: Type.String(),
    platformId: Type.String(),
    windows: Type.Array(FailureWindowSchema, { description: 'The shortest first; each holds those before it.' }),
  },
  { title: 'Failure' },
);

/** `GET /v1/failures`. */
export const FailuresSchema = Type.Object({
  countedAt: InstantSchema,
  countedSince: {
    ...InstantSchema,
    description: 'What failed before is not counted: where the longest window begins, or later when very many failed.',
  },
  failures: Type.Array(FailureSchema, { description: 'Most first.' }),
});

/** `GET /v1/failures/count`. */
export const FailureCountSchema = Type.Object({
  count: Type.Integer({ description: 'Scores that a retry of the filter makes due.' }),
  takenBack: Type.Integer({
    description:
      'Beside them, those that it skips, since somebody or a backfill took them back before they were sent. Name their `failureType` to retry them.',
  }),
  isCapped: Type.Boolean({ description: 'There are more.' }),
});
