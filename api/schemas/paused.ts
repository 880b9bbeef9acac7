import Type from 'typebox';
import { NullableInstantSchema, NullableUuidSchema } from './building-blocks.js';

/** Shown with whatever can be paused. */
export const PausedSchema = Type.Union(
  [
    Type.Object({
      reason: Type.String({
        description: 'The words of whoever paused it, or a sentence of ours where they are not for this key.',
      }),
      apiKeyId: { ...NullableUuidSchema, description: 'Of whoever paused it; null: it was not done through this API.' },
      since: { ...NullableInstantSchema, description: 'Null: it was not done through this API.' },
      until: { ...NullableInstantSchema, description: 'When it ends by itself; null: somebody must resume it.' },
    }),
    Type.Null(),
  ],
  { description: 'Paused by hand: nothing is sent to it or read from it meanwhile. Null when it is not.' },
);
