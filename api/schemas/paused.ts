import Type from 'typebox';
import { InstantSchema, NullableInstantSchema } from './building-blocks.js';

/** Shown with whatever can be paused. */
export const PausedSchema = Type.Union(
  [
    Type.Object({
      reason: Type.String({ description: 'The words of whoever paused it.' }),
      since: InstantSchema,
      until: { ...NullableInstantSchema, description: 'When it ends by itself; null: somebody must resume it.' },
    }),
    Type.Null(),
  ],
  { description: 'Paused by hand: nothing is sent to it or read from it meanwhile. Null when it is not.' },
);
