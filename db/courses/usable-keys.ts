import type { KeyRing } from '../server/key-ring.js';
import type { Database } from '../server/knex.js';
import { queryRows } from '../server/knex.js';

/** A service key that calls can be made with. The secret lives in memory only. */
export interface UsableKey {
  id: string;
  serviceKey: string;
  assignmentAndGrades: boolean;
  namesAndRoles: boolean;
}

export interface UsableKeyStore {
  /**
   * The keys of a context, the freshest launch first. Keys that LTIAAS refused come only where there is no other: their
   * course is set aside then, and asked for again when it is probed, or when a person resumes it.
   */
  listUsable(context: string): Promise<UsableKey[]>;
  /** LTIAAS refused the key: it is used only where there is no other, until a new launch or a success. */
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
         from service_keys k
         where context = ? and (rejected_at is null
           or not exists (select 1 from service_keys o where o.context = k.context and o.rejected_at is null))
         order by launched_at desc, id`,
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
      await db.raw('update service_keys set last_ok_at = now(), rejected_at = null where id = ?', [id]);
    },
  };
}
