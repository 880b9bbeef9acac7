import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../workflows/names.js';

/** gRPC status codes with which a server says that this is not for clients: PERMISSION_DENIED and UNIMPLEMENTED. */
const NOT_FOR_CLIENTS: readonly number[] = [7, 12];
/** What a search for an attribute that there is not is answered with. */
const INVALID_ARGUMENT = 3;

const WANTED = Object.values(SEARCH_ATTRIBUTES);

/** Our search attributes that the namespace does not have; starting a workflow with one of them would fail. */
export async function findMissingSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
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

/** Undefined: the server does not let clients do it, as Temporal Cloud. */
export async function unlessNotForClients<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isGrpcServiceError(error) && NOT_FOR_CLIENTS.includes(Number(error.code))) return undefined;
    throw error;
  }
}
