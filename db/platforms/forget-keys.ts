import type { Knex } from 'knex';
import { insertAuditEntry, type AuditEntry } from '../access/audit-entries.js';
import { queryRows } from '../server/knex.js';
import { retryDeadlock } from '../server/retry-deadlock.js';

export interface ForgottenKeys {
  /** Service keys that were deleted. */
  serviceKeys: number;
  /** Courses that they were of, each of which needs a launch. */
  contexts: number;
  /** Data keys that were deleted, retired ones included. */
  dataKeys: number;
}

export type ForgetKeys = (forget: {
  /** Our uuid of the platform. */
  id: string;
  audit: Omit<AuditEntry, 'details'>;
}) => Promise<ForgottenKeys>;

/**
 * Deletes a platform's data keys with all that is encrypted under them, and says so in the audit trail, in one transaction.
 * A launch that comes meanwhile waits, and brings a service key under a new data key. Repeating is safe.
 */
export function createForgetKeys(db: Knex): ForgetKeys {
  return ({ id, audit }) => retryDeadlock(() => db.transaction((trx) => forget(trx, id, audit)));
}

async function forget(
  trx: Knex.Transaction,
  platform: string,
  audit: Omit<AuditEntry, 'details'>,
): Promise<ForgottenKeys> {
  // Whoever encrypts under one of them goes first, and what that wrote is deleted with the rest.
  await trx.raw('select from data_keys where platform = ? order by id for update', [platform]);
  const deleted = await queryRows<{ context: string }>(
    trx,
    `delete from service_keys k using contexts c, deployments d
     where c.id = k.context and d.id = c.deployment and d.platform = ? returning k.context`,
    [platform],
  );
  const dataKeys = await queryRows(trx, 'delete from data_keys where platform = ? returning 1', [platform]);
  const contexts = new Set(deleted.map(({ context }) => context)).size;
  const counts = { serviceKeys: deleted.length, contexts, dataKeys: dataKeys.length };
  await insertAuditEntry(trx, { ...audit, details: counts });
  return counts;
}
