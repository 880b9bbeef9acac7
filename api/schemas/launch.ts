import Type from 'typebox';
import { LtiIdSchema, NullableUuidSchema, UuidSchema, WorkflowLinkSchema } from './building-blocks.js';
import { ProblemSchema } from './problem.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });

/** Exactly one of the two; checked in the route, for a clearer answer than `oneOf` gives. */
export const LaunchBodySchema = Type.Object({
  ltik: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 16_384,
      pattern: '^[\\x21-\\x7e]*$',
      description: 'Of this launch, within 24 hours; we fetch the id token.',
    }),
  ),
  idToken: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), { description: 'As `GET /api/idtoken` of LTIAAS answers it, not raw.' }),
  ),
  launchedAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'When it happened; default: what the token says, else now.' }),
  ),
});

export const LaunchAnswerSchema = Type.Object({
  platformId: LtiIdSchema,
  deploymentId: LtiIdSchema,
  contextId: LtiIdSchema,
  resourceLinkId: NullableText,
  lineItemId: NullableText,
  serviceKeyId: { ...NullableUuidSchema, description: 'Our uuid of the key; null: this launch grants none.' },
  services: Type.Object({ assignmentAndGrades: Type.Boolean(), namesAndRoles: Type.Boolean() }),
  context: UuidSchema,
  resumed: Type.Integer({ description: 'Scores that waited for this launch, and go on now.' }),
  warnings: Type.Optional(Type.Array(ProblemSchema)),
  workflows: Type.Array(WorkflowLinkSchema),
});
