import Type from 'typebox';
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

/** A key that the tool has kept so far. Described for callers; read item by item. */
export const ServiceKeyItemSchema = Type.Object({
  platformId: LtiIdSchema,
  deploymentId: Type.Optional({ ...LtiIdSchema, description: 'May be left out where the platform is known with one.' }),
  contextId: LtiIdSchema,
  resourceLinkId: Type.Optional(LtiIdSchema),
  serviceKey: Type.String(),
  lineItemId: Type.Optional(LtiIdSchema),
  productFamilyCode: Type.Optional(Type.String()),
  platformUrl: Type.Optional(Type.String()),
  launchedAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'Of its launch. Without it, it replaces no key that works.' }),
  ),
});

export const ServiceKeyAnswerSchema = Type.Object({
  index: Type.Integer(),
  serviceKeyId: NullableUuidSchema,
  context: NullableUuidSchema,
  outcome: Type.Enum(['stored', 'unchanged', 'older', 'invalid']),
  problem: Type.Union([ProblemSchema, Type.Null()]),
});

export const ImportAnswerSchema = Type.Object({
  serviceKeys: Type.Array(ServiceKeyAnswerSchema),
  stored: Type.Integer(),
  unchanged: Type.Integer(),
  older: Type.Integer(),
  invalid: Type.Integer(),
  resumed: Type.Integer({ description: 'Scores that waited for one of these keys.' }),
  workflows: Type.Array(WorkflowLinkSchema),
});

export const ServiceKeySchema = Type.Object(
  {
    id: UuidSchema,
    context: UuidSchema,
    platformId: Type.String(),
    deploymentId: Type.String(),
    contextId: Type.String(),
    resourceLinkId: NullableText,
    assignmentAndGrades: Type.Boolean(),
    namesAndRoles: Type.Boolean(),
    scopes: Type.Unsafe<string[] | null>({ type: ['array', 'null'], items: { type: 'string' } }),
    launchedAt: InstantSchema,
    rejectedAt: NullableInstantSchema,
    lastOkAt: NullableInstantSchema,
    createdAt: InstantSchema,
  },
  { description: 'A service key; never the key itself.' },
);

export const CheckSchema = Type.Object({
  ok: Type.Boolean(),
  steps: Type.Array(
    Type.Object({
      step: Type.Enum(['key', 'lineItems', 'roster']),
      ok: Type.Boolean(),
      sentence: Type.String(),
      advice: NullableText,
      /** A kind of failure; null where it went well. */
      type: NullableText,
    }),
  ),
});
