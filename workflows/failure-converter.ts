/** Found by its path, by the SDK: what it looks for has this name. */
import { KnownFailureConverter } from './known-failure-converter.js';

export const failureConverter = new KnownFailureConverter();
