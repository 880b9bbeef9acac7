import type { Knex } from 'knex';
import { queryRows } from '../server/knex.js';
import { KEY_IS_ALIVE, shownTo, type ApiKey } from './api-key.js';
import { setBootstrapKey, type BootstrapOutcome } from './bootstrap-key.js';
import { insertKey, type InsertOutcome, type NewApiKey } from './insert-key.js';
import { revokeKeys, type Revocation } from './revoke-keys.js';
import { rotateKey, type Rotation, type RotationOutcome } from './rotate-key.js';
import { isWithinReach } from './reach.js';

/** A key whose secret was shown. */
export interface FoundApiKey {
  id: string;
  scopes: string[];
  platforms: string[] | null;
  /** When the key ends, or the secret that was shown where another has replaced it. */
  expiresAt: Date | null;
}

export interface ApiKeyFilter {
  platforms: readonly string[] | null;
  revoked?: boolean | undefined;
  /** The id of the last one seen. */
  after: string | null;
  limit: number;
}

/**
 * What the API does with keys; `platforms` is what the caller may see (null: all), and hides keys that reach further. What
 * changes one leaves its audit row in the same transaction.
 */
export interface ApiKeys {
  /** The living key with this hash, or that had it and may still; notes that it was used. */
  findByHash(hash: Buffer): Promise<FoundApiKey | undefined>;
  find(id: string): Promise<ApiKey | undefined>;
  /** Hashes of all that is taken now, in base64. */
  listHashes(): Promise<string[]>;
  /** The same of living keys that came with the configuration. */
  listBootstrapHashes(): Promise<string[]>;
  insert(key: NewApiKey): Promise<InsertOutcome>;
  /** Newest first. */
  list(filter: ApiKeyFilter): Promise<ApiKey[]>;
  /** Gives a key another secret; the present one is taken for some hours more. */
  rotate(rotation: Rotation): Promise<RotationOutcome>;
  /**
   * Ends a key for good, all that were made with it, with these and so on, and their sessions and kept answers. The ids of
   * all that ended now; none where there is no such key (any more).
   */
  revoke(revocation: Revocation): Promise<string[]>;
  /** Makes this the one living bootstrap key, an admin, unless it was revoked; repeating is safe. */
  setBootstrapKey(hash: Buffer, hint: string): Promise<BootstrapOutcome>;
  /** Deletes hashes of secrets that are over, and says how many. */
  prune(): Promise<number>;
}

const ALL_HASHES = `select hash from api_keys k where ${KEY_IS_ALIVE}
  union all select f.hash from former_api_secrets f join api_keys k on k.id = f.api_key
  where f.expires_at > now() and ${KEY_IS_ALIVE}`;

export function createApiKeys(db: Knex): ApiKeys {
  const listHashes = async (sql: string): Promise<string[]> =>
    (await queryRows<{ hash: Buffer }>(db, sql)).map(({ hash }) => hash.toString('base64'));
  return {
    async findByHash(hash) {
      const [key] = await queryRows<FoundApiKey>(
        db,
        `update api_keys k set last_used_at = now() from (
           select id, null::timestamptz as until from api_keys where hash = :hash
           union all select api_key, expires_at from former_api_secrets where hash = :hash and expires_at > now()
         ) shown
         where k.id = shown.id and ${KEY_IS_ALIVE}
         returning k.id, k.scopes, k.platforms, least(k.expires_at, shown.until) as "expiresAt"`,
        { hash },
      );
      return key;
    },
    async find(id) {
      const sql = `select ${shownTo('true')} from api_keys k where k.id = :id`;
      return (await queryRows<ApiKey>(db, sql, { id }))[0];
    },
    listHashes: () => listHashes(ALL_HASHES),
    listBootstrapHashes: () => listHashes(`select hash from api_keys k where is_bootstrap and ${KEY_IS_ALIVE}`),
    insert: (key) => db.transaction((trx) => insertKey(trx, key)),
    list: ({ platforms, revoked, after, limit }) =>
      queryRows(
        db,
        `select ${shownTo(isWithinReach('m.platforms'))} from api_keys k
         where ${isWithinReach('k.platforms')} and (:revoked::boolean is null or (k.revoked_at is not null) = :revoked::boolean)
           and (:after::uuid is null
             or (k.created_at, k.id) < (select a.created_at, a.id from api_keys a
               where a.id = :after::uuid and ${isWithinReach('a.platforms')}))
         order by k.created_at desc, k.id desc limit :limit`,
        { platforms: platforms && [...platforms], revoked: revoked ?? null, after, limit },
      ),
    rotate: (rotation) => db.transaction((trx) => rotateKey(trx, rotation)),
    revoke: (revocation) => db.transaction((trx) => revokeKeys(trx, revocation)),
    setBootstrapKey: (hash, hint) => db.transaction((trx) => setBootstrapKey(trx, hash, hint)),
    async prune() {
      return (await queryRows(db, `delete from former_api_secrets where expires_at < now() returning 1`)).length;
    },
  };
}
