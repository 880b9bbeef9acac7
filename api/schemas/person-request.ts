import type { Readable } from 'node:stream';
import Type from 'typebox';
import { PERSON_REQUEST_KINDS, PERSON_REQUEST_STATES, PERSON_STEPS } from '../../domain/person-request.js';
import {
  InstantSchema,
  LtiIdSchema,
  NullableInstantSchema,
  ReasonSchema,
  UuidSchema,
  WorkflowLinkSchema,
} from './building-blocks.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });

/** Whom it is about. In a body, since no address of ours holds a student's id. */
export const PersonBodySchema = Type.Object({
  platformId: LtiIdSchema,
  deploymentId: Type.Optional({ ...LtiIdSchema, description: 'Only this deployment; default: all of the platform.' }),
  userId: { ...LtiIdSchema, description: 'As launches and rosters of the platform name the person.' },
  reason: ReasonSchema,
});

export const PersonRequestSchema = Type.Object(
  {
    id: UuidSchema,
    kind: Type.Enum([...PERSON_REQUEST_KINDS]),
    platformId: Type.String(),
    deploymentId: { ...NullableText, description: 'Null: all of the platform.' },
    reason: Type.String(),
    state: Type.Enum([...PERSON_REQUEST_STATES], {
      description:
        '`failed`: something can never be done; what was done before stays done, and nothing of the person is taken.',
    }),
    step: Type.Enum([...PERSON_STEPS], { description: 'What it does, or did last.' }),
    counts: Type.Record(Type.String(), Type.Integer(), {
      description: 'Rows that were emptied, removed or copied, by their table.',
    }),
    inFlight: Type.Integer({
      description: 'Scores whose call is under way, or whose last call may have arrived: they are waited for.',
    }),
    columns: Type.Array(
      Type.Object({
        lineItem: UuidSchema,
        lineItemId: NullableText,
        label: NullableText,
        contextId: Type.String(),
        deploymentId: Type.String(),
        isCertain: Type.Boolean({ description: 'False: whether a grade arrived there could not be found out.' }),
      }),
      { description: 'Columns of the LMS with a grade of the person that we sent. Only the LMS can take it away.' },
    ),
    failure: { ...NullableText, description: 'Why it failed: the code of PostgreSQL.' },
    documentUntil: { ...NullableInstantSchema, description: 'Until when the document of an export can be fetched.' },
    createdAt: InstantSchema,
    updatedAt: InstantSchema,
    endedAt: NullableInstantSchema,
    workflow: WorkflowLinkSchema,
  },
  { title: 'PersonRequest', description: 'An export or an erasure of one person. It never says whose.' },
);

/** A document as it is streamed. */
export const PersonDocumentSchema = Type.Unsafe<Readable>({
  type: 'object',
  title: 'PersonDocument',
  properties: {
    request: UuidSchema,
    platformId: Type.String(),
    deploymentId: NullableText,
    madeAt: InstantSchema,
    records: {
      type: 'array',
      items: { type: 'object', properties: { table: Type.String() }, additionalProperties: true },
    },
  },
});

export const ReadmittedSchema = Type.Object({ readmitted: Type.Boolean() });
