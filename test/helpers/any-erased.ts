import { createErasedPeople, type ErasedPeople } from '../../db/privacy/erased-people.js';
import { createTestVault } from './factories.js';

/** For one database each: its key is remembered. */
export const anyErased = (): ErasedPeople => createErasedPeople(createTestVault());
