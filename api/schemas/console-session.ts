import Type from 'typebox';
import { InstantSchema, UuidSchema } from './building-blocks.js';

export const ConsoleSessionSchema = Type.Object({
  id: UuidSchema,
  apiKey: { ...UuidSchema, description: 'The key that somebody signed in with.' },
  keyName: Type.String(),
  keyHint: Type.String({ description: 'The last characters of the key.' }),
  createdAt: InstantSchema,
  lastSeenAt: InstantSchema,
  expiresAt: { ...InstantSchema, description: 'Sooner where nobody does anything for an hour.' },
});
