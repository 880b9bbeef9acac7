import Type from 'typebox';
import { BULK_KINDS, BULK_STATES } from '../../domain/bulk-operation.js';
import { InstantSchema, NullableInstantSchema, UuidSchema, WorkflowLinkSchema } from './building-blocks.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });

export const BulkOperationSchema = Type.Object(
  {
    id: UuidSchema,
    kind: Type.Enum([...BULK_KINDS]),
    state: Type.Enum([...BULK_STATES], {
      description:
        '`running`: the rest is done in the background. `failed`: a page can never be done; what was done before stays done.',
    }),
    acted: Type.Integer({ description: 'Rows that were changed, so far.' }),
    skipped: Type.Integer({
      description:
        'Those named that need nothing, or are not there, and those that somebody took back before they were sent.',
    }),
    failed: Type.Integer({ description: 'Those that it cannot be done to, such as events whose body is gone.' }),
    details: Type.Record(Type.String(), Type.Integer(), { description: 'More of what was done, by name.' }),
    failure: { ...NullableText, description: 'Why it failed: the code of PostgreSQL.' },
    reason: NullableText,
    startedAt: InstantSchema,
    updatedAt: InstantSchema,
    endedAt: NullableInstantSchema,
    workflow: WorkflowLinkSchema,
  },
  { title: 'BulkOperation', description: 'What an operator does to many rows, page by page.' },
);
