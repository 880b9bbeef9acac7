import type { Connection } from '@temporalio/client';
import { findMissingSearchAttributes, unlessNotForClients } from '../waking/missing-search-attributes.js';
import { SEARCH_ATTRIBUTES } from '../workflows/names.js';

/** temporal.api.enums.v1.IndexedValueType */
const KEYWORD = 2;
const INT = 3;

/**
 * Registers our search attributes where that is allowed; repeating it changes nothing. Temporal Cloud does not let a
 * client do so: there they are made beforehand (deploy/temporal/create-search-attributes.sh), and this only looks.
 * @returns the names that are still missing; starting a workflow with one of them would fail.
 */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const { operatorService } = connection;
  const missing = await findMissingSearchAttributes(connection, namespace);
  if (missing.length === 0) return [];
  const searchAttributes = Object.fromEntries(
    missing.map((name) => [name, name === SEARCH_ATTRIBUTES.rejected ? INT : KEYWORD]),
  );
  const added = await unlessNotForClients(operatorService.addSearchAttributes({ namespace, searchAttributes }));
  return added === undefined ? missing : await findMissingSearchAttributes(connection, namespace);
}

/** What to do about those that are missing, in one sentence. */
export function toMissingProblem(missing: readonly string[]): string {
  return `TEMPORAL_NAMESPACE must have search attributes that may not be made from here: ${missing.join(', ')}; run deploy/temporal/create-search-attributes.sh once`;
}
