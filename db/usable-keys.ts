import type { KeyRing } from './encryption.js';
import type { Database } from './knex.js';
import { queryRows } from './knex.js';

/** A service key that calls can be made with. The secret lives in memory only. */
export interface UsableKey {
  id: string;
  serviceKey: string;
  assignmentAndGrades: boolean;
  namesAndRoles: boolean;
}

export interface UsableKeyStore {
  /** All keys of a context that LTIAAS has not refused, the freshest launch first. */
  listUsable(context: string): Promise<UsableKey[]>;
  /** LTIAAS refused the key: it is not used again before a new launch. */
  markRejected(id: string): Promise<void>;
  /** The key did its work a moment ago. */
  markOk(id: string): Promise<void>;
}

export function createUsableKeys(db: Database, keyRing: KeyRing): UsableKeyStore {
  return {
    async listUsable(context) {
      const rows = await queryRows<Omit<UsableKey, 'serviceKey'> & { ciphertext: Buffer; keyId: string }>(
        db,
        `select id, ciphertext, encryption_key_id as "keyId", assignment_and_grades as "assignmentAndGrades",
           names_and_roles as "namesAndRoles"
         from service_keys where context = ? and rejected_at is null order by launched_at desc, id`,
        [context],
      );
      return rows.map(({ ciphertext, keyId, ...key }) => ({
        ...key,
        serviceKey: keyRing.decrypt({ ciphertext, keyId }, key.id),
      }));
    },
    async markRejected(id) {
      await db.raw('update service_keys set rejected_at = now() where id = ? and rejected_at is null', [id]);
    },
    async markOk(id) {
      await db.raw('update service_keys set last_ok_at = now() where id = ?', [id]);
    },
  };
}
