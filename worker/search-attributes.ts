import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../workflows/names.js';

/** temporal.api.enums.v1.IndexedValueType */
const KEYWORD = 2;
const INT = 3;

/** gRPC status codes with which a server says that this is not for clients: PERMISSION_DENIED and UNIMPLEMENTED. */
const NOT_FOR_CLIENTS: readonly number[] = [7, 12];

/**
 * Registers our search attributes where that is allowed; repeating it changes nothing. Temporal Cloud does not let a
 * client do so: there they are made beforehand, and this only checks.
 * @returns the names that are still missing; starting a workflow with one of them would fail.
 */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const wanted = Object.values(SEARCH_ATTRIBUTES);
  const list = async (): Promise<string[]> => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return wanted.filter((name) => !(name in (customAttributes ?? {})));
  };
  try {
    const missing = await list();
    if (missing.length === 0) return [];
    const searchAttributes = Object.fromEntries(
      missing.map((name) => [name, name === SEARCH_ATTRIBUTES.rejected ? INT : KEYWORD]),
    );
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    return await list();
  } catch (error) {
    if (isGrpcServiceError(error) && NOT_FOR_CLIENTS.includes(error.code)) return [];
    throw error;
  }
}
