import Type, { type Static } from 'typebox';
import { strict } from './setup.js';

/** Chooses launches (all that fit every member named) and what becomes of their credentials. */
export const KeySelectionSchema = Type.Object(
  {
    serviceKey: Type.Optional(Type.String()),
    ltik: Type.Optional(Type.String()),
    contextId: Type.Optional(Type.String()),
    platformId: Type.Optional(Type.String()),
    /** True: the service keys are refused with 401; false: taken again. */
    revoked: Type.Optional(Type.Boolean()),
    /** True: the ltiks are past their 24 hours. */
    expired: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type KeySelection = Static<typeof KeySelectionSchema>;
