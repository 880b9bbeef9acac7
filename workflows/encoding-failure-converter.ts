/** Found by its path, by the SDK. Where payloads are encrypted, so are the sentences of failures. */
import { KnownFailureConverter } from './known-failure-converter.js';

export const failureConverter = new KnownFailureConverter({ encodeCommonAttributes: true });
