import { fileURLToPath } from 'node:url';
import type { DataConverter, PayloadCodec } from '@temporalio/common';

/**
 * How a worker writes what it hands to Temporal. Workflows that were bundled beforehand bring the converter of failures that
 * leaves sentences readable; what activities throw is encoded where there is a codec.
 */
export function createDataConverter(codec: PayloadCodec | undefined): DataConverter {
  return {
    failureConverterPath: pathOf(codec ? 'encoding-failure-converter' : 'failure-converter'),
    ...(codec && { payloadCodecs: [codec] }),
  };
}

/** Where a module of the workflows lies, as source or compiled. */
function pathOf(module: string): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../workflows/${module}.${extension}`, import.meta.url));
}
