import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../workflows/names.js';

/** temporal.api.enums.v1.IndexedValueType */
const KEYWORD = 2;
const INT = 3;

/** gRPC status codes with which a server says that this is not for clients: PERMISSION_DENIED and UNIMPLEMENTED. */
const NOT_FOR_CLIENTS: readonly number[] = [7, 12];
/** What a search for an attribute that there is not is answered with. */
const INVALID_ARGUMENT = 3;

const WANTED = Object.values(SEARCH_ATTRIBUTES);

/**
 * Registers our search attributes where that is allowed; repeating it changes nothing. Temporal Cloud does not let a
 * client do so: there they are made beforehand (deploy/temporal/create-search-attributes.sh), and this only looks.
 * @returns the names that are still missing; starting a workflow with one of them would fail.
 */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const { operatorService } = connection;
  const missing = await findMissing(connection, namespace);
  if (missing.length === 0) return [];
  const searchAttributes = Object.fromEntries(
    missing.map((name) => [name, name === SEARCH_ATTRIBUTES.rejected ? INT : KEYWORD]),
  );
  const added = await unlessNotForClients(operatorService.addSearchAttributes({ namespace, searchAttributes }));
  return added === undefined ? missing : await findMissing(connection, namespace);
}

/** What to do about those that are missing, in one sentence. */
export function toMissingProblem(missing: readonly string[]): string {
  return `TEMPORAL_NAMESPACE must have search attributes that may not be made from here: ${missing.join(', ')}; run deploy/temporal/create-search-attributes.sh once`;
}

async function findMissing(connection: Connection, namespace: string): Promise<string[]> {
  const listed = await unlessNotForClients(connection.operatorService.listSearchAttributes({ namespace }));
  if (listed !== undefined) return WANTED.filter((name) => !(name in (listed.customAttributes ?? {})));
  const isThere = await Promise.all(WANTED.map((name) => canBeSearchedFor(connection, namespace, name)));
  return WANTED.filter((_, place) => isThere[place] !== true);
}

/** Whoever may start workflows may look for them. */
async function canBeSearchedFor(connection: Connection, namespace: string, name: string): Promise<boolean> {
  try {
    await connection.workflowService.countWorkflowExecutions({ namespace, query: `${name} is not null` });
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === INVALID_ARGUMENT) return false;
    throw error;
  }
}

async function unlessNotForClients<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isGrpcServiceError(error) && NOT_FOR_CLIENTS.includes(Number(error.code))) return undefined;
    throw error;
  }
}
