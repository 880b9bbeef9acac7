import Type from 'typebox';
import { CHECK_NAMES } from '../diagnosis/checks.js';
import { InstantSchema } from './building-blocks.js';

export const CheckSchema = Type.Object({
  name: Type.Enum([...CHECK_NAMES]),
  state: Type.Enum(['ok', 'warning', 'failed', 'unknown'], {
    description: '`unknown`: what it would ask cannot be asked, since something else failed.',
  }),
  says: Type.String({ description: 'One sentence.' }),
  helps: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'What to do about it; null where nothing is to be done.',
  }),
});

/** `GET /v1/diagnosis`. */
export const DiagnosisSchema = Type.Object({
  ok: Type.Boolean({ description: 'Nothing failed, and nothing is unknown.' }),
  lookedAt: InstantSchema,
  checks: Type.Array(CheckSchema),
});
