import type { Database } from '../server/knex.js';
import { queryRows } from '../server/knex.js';
import { DecryptionError } from '../vault/decryption-error.js';
import { sealedPlace } from '../vault/sealed-columns.js';
import type { Sealed, Vault } from '../vault/vault.js';

/** A service key that calls can be made with. The secret lives in memory only. */
export interface UsableKey {
  id: string;
  /** Our uuid of the course. */
  context: string;
  /** Tells the secret that was read from one that a later launch put in its place. */
  version: string;
  serviceKey: string;
  assignmentAndGrades: boolean;
  namesAndRoles: boolean;
}

export interface UsableKeys {
  /**
   * Those of a context together, the freshest launch first. Keys that LTIAAS refused come only where there is no other:
   * their course is set aside then, and asked for again when it is probed, or when a person resumes it.
   */
  keys: UsableKey[];
  /** Contexts with a key that was altered and cannot be read. */
  damaged: ReadonlySet<string>;
}

export interface UsableKeyStore {
  /** Of several courses. @throws {DecryptionError} when the data key of one cannot be had: that ends with its cause */
  listUsable(contexts: readonly string[]): Promise<UsableKeys>;
  /**
   * LTIAAS refused the key: it is used only where there is no other, until a new launch or a success. False: a launch has
   * brought another secret since it was read, of which that says nothing.
   */
  markRejected(key: Pick<UsableKey, 'id' | 'version'>): Promise<boolean>;
  /** The keys did their work a moment ago. */
  markOk(ids: readonly string[]): Promise<void>;
}

export function createUsableKeys(db: Database, vault: Vault): UsableKeyStore {
  const listUsable = async (contexts: readonly string[]): Promise<UsableKeys> => {
    const rows = await queryRows<Omit<UsableKey, 'serviceKey'> & Sealed>(
      db,
      `select id, context, md5(ciphertext) as version, ciphertext, data_key as "dataKey",
           assignment_and_grades as "assignmentAndGrades", names_and_roles as "namesAndRoles"
         from service_keys k
         where context = any (?::uuid[]) and (rejected_at is null
           or not exists (select 1 from service_keys o where o.context = k.context and o.rejected_at is null))
         order by context, launched_at desc, id`,
      [[...contexts]],
    );
    const opener = await vault.opener(
      db,
      rows.map(({ dataKey }) => dataKey),
    );
    const keys: UsableKey[] = [];
    const damaged = new Set<string>();
    for (const { ciphertext, dataKey, ...key } of rows) {
      try {
        const place = sealedPlace('serviceKey', key.id, key.context);
        keys.push({ ...key, serviceKey: opener.open({ dataKey, ciphertext }, place) });
      } catch (error) {
        if (!(error instanceof DecryptionError) || error.fault !== 'altered') throw error;
        damaged.add(key.context);
      }
    }
    return { keys, damaged };
  };
  return {
    listUsable,
    async markRejected({ id, version }) {
      const rows = await queryRows(
        db,
        `update service_keys set rejected_at = coalesce(rejected_at, now()) where id = ? and md5(ciphertext) = ? returning 1`,
        [id, version],
      );
      return rows.length > 0;
    },
    async markOk(ids) {
      await db.raw('update service_keys set last_ok_at = now(), rejected_at = null where id = any (?::uuid[])', [
        [...ids],
      ]);
    },
  };
}
