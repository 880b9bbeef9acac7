/** Field shapes that every schema is built from. */
import { LTI_ID_LENGTH } from '../../domain/fields.js';
import Type, { type TObject, type TProperties, type TSchema } from 'typebox';

/** Our uuids. Case is not told apart, and the `urn:` form is not taken. */
export const UuidSchema = Type.String({
  pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
  description: 'A uuid of ours.',
  examples: ['6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10'],
});

export const NullableUuidSchema = Type.Unsafe<string | null>({ ...UuidSchema, type: ['string', 'null'] });

/** Not NUL, which Postgres cannot store. */
export const LtiIdSchema = Type.String({ minLength: 1, maxLength: LTI_ID_LENGTH, pattern: '^[^\\u0000]*$' });

/** Something that can be seen, and no NUL. */
const SAYS_SOMETHING = '^\\s*[^\\s\\u0000][^\\u0000]*$';

/** A text of people's: spaces alone say nothing. */
export const textSchema = (maxLength: number): ReturnType<typeof Type.String> =>
  Type.String({ minLength: 1, maxLength, pattern: SAYS_SOMETHING });

/** An instant in answers: a Date here, ISO 8601 in UTC on the wire. */
export const InstantSchema = Type.Unsafe<Date | string>({ type: 'string', format: 'date-time' });

/** `null` as well as the schema. Written as a type list, so that the serializer keeps dates. */
export function nullable<T extends TSchema>(
  schema: T,
): ReturnType<typeof Type.Union<[T, ReturnType<typeof Type.Null>]>> {
  return Type.Union([schema, Type.Null()]);
}

export const NullableInstantSchema = Type.Unsafe<Date | string | null>({
  type: ['string', 'null'],
  format: 'date-time',
});

/** Why an operator does it; kept in the audit entry. Nothing is done without one. */
export const ReasonSchema = Type.String({
  minLength: 1,
  maxLength: 1_000,
  pattern: SAYS_SOMETHING,
  description: 'Why; kept in the audit trail. No names of students.',
});

/** Of what is done without saying more. A deletion has it in its address. */
export const ReasonOnlySchema = Type.Object({ reason: ReasonSchema });

export const IdParamsSchema = Type.Object({ id: UuidSchema });

export const pageQueryProperties = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'Entries per page.' })),
  cursor: Type.Optional(Type.String({ maxLength: 4_096, description: '`nextCursor` of the page before.' })),
};

export const NextCursorSchema = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  description: 'Give it as `cursor` to read on; null on the last page.',
});

/** A page: `{ <name>: [ … ], nextCursor }`. */
export function pageSchema<P extends TProperties>(properties: P): TObject<P & { nextCursor: typeof NextCursorSchema }> {
  return Type.Object({ ...properties, nextCursor: NextCursorSchema });
}

export const WorkflowLinkSchema = Type.Object(
  {
    workflowId: Type.String(),
    url: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'Where the Temporal UI shows it.' }),
  },
  { title: 'WorkflowLink', description: 'A workflow that this request started or touched.' },
);

const DeploymentNameSchema = Type.Object(
  { platformId: LtiIdSchema, deploymentId: LtiIdSchema },
  { additionalProperties: false },
);

/** What a key or a source shall be limited to; without any of it to what its maker is. */
export const reachProperties = {
  platforms: Type.Optional(
    Type.Array(LtiIdSchema, {
      minItems: 1,
      maxItems: 1_000,
      description: 'Platforms, by their ids, with all of each.',
    }),
  ),
  deployments: Type.Optional(
    Type.Array(DeploymentNameSchema, {
      ...{ minItems: 1, maxItems: 1_000 },
      description: 'Deployments of other platforms: of these nothing else is seen.',
    }),
  ),
};

/** The same as it is shown. */
export const shownReachProperties = {
  platforms: Type.Unsafe<string[] | null>({
    type: ['array', 'null'],
    items: { type: 'string' },
    description: 'Platform ids that it is limited to, beside its deployments; null: all.',
  }),
  deployments: Type.Unsafe<{ platformId: string; deploymentId: string }[] | null>({
    type: ['array', 'null'],
    items: DeploymentNameSchema,
    description: 'Deployments that it is limited to, beside its platforms; null: all.',
  }),
};
