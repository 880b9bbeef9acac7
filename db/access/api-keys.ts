import { queryRows, type Database } from '../server/knex.js';

/** A key as shown to people: never the key itself, of which we hold only a hash. */
export interface ApiKey {
  id: string;
  name: string;
  /** The last characters of the key, to tell keys apart. */
  hint: string;
  scopes: string[];
  /** Platform ids that it is limited to; null: all. */
  platforms: string[] | null;
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

export interface NewApiKey {
  name: string;
  /** SHA-256 of the key. */
  hash: Buffer;
  hint: string;
  scopes: readonly string[];
  platforms: readonly string[] | null;
  /** The key of the caller who asked for it. */
  createdBy: string;
}

/** What the API does with keys; `platforms` is what the caller may see (null: all), and hides keys that reach further. */
export interface ApiKeys {
  /** The living key with this hash; notes that it was used. */
  findByHash(hash: Buffer): Promise<ApiKey | undefined>;
  /** Hashes of all living keys, in base64. */
  listHashes(): Promise<string[]>;
  insert(key: NewApiKey): Promise<ApiKey>;
  list(platforms: readonly string[] | null): Promise<ApiKey[]>;
  /** False when there is none (any more). */
  revoke(id: string, platforms: readonly string[] | null): Promise<boolean>;
  /** Makes this the one living bootstrap key, an admin; repeating is safe. */
  setBootstrapKey(hash: Buffer, hint: string): Promise<void>;
}

const COLUMNS = `id, name, hint, scopes, platforms, created_at as "createdAt", last_used_at as "lastUsedAt",
  revoked_at as "revokedAt"`;
const VISIBLE = `(:platforms::text[] is null or platforms <@ :platforms::text[])`;
const BOOTSTRAP_NAME = 'bootstrap';

export function createApiKeys(db: Database): ApiKeys {
  return {
    async findByHash(hash) {
      const sql = `update api_keys set last_used_at = now() where hash = :hash and revoked_at is null returning ${COLUMNS}`;
      const [key] = await queryRows<ApiKey>(db, sql, { hash });
      return key;
    },
    async listHashes() {
      const rows = await queryRows<{ hash: Buffer }>(db, 'select hash from api_keys where revoked_at is null');
      return rows.map(({ hash }) => hash.toString('base64'));
    },
    async insert(key) {
      const [inserted] = await queryRows<ApiKey>(
        db,
        `insert into api_keys (name, hash, hint, scopes, platforms, created_by)
         values (:name, :hash, :hint, :scopes, :platforms, :createdBy) returning ${COLUMNS}`,
        { ...key, scopes: [...key.scopes], platforms: key.platforms && [...key.platforms] },
      );
      if (!inserted) throw new Error('The key was not stored.');
      return inserted;
    },
    list: (platforms) =>
      queryRows(db, `select ${COLUMNS} from api_keys where ${VISIBLE} order by created_at, id`, {
        platforms: platforms && [...platforms],
      }),
    async revoke(id, platforms) {
      const sql = `update api_keys set revoked_at = now() where id = :id and revoked_at is null and ${VISIBLE} returning id`;
      return (await queryRows(db, sql, { id, platforms: platforms && [...platforms] })).length > 0;
    },
    setBootstrapKey: (hash, hint) => setBootstrapKey(db, hash, hint),
  };
}

/** Keys made through the API have a maker, so no caller can make one that passes for the bootstrap key. */
async function setBootstrapKey(db: Database, hash: Buffer, hint: string): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.raw(
      `update api_keys set revoked_at = now()
       where name = :name and created_by is null and hash <> :hash and revoked_at is null`,
      { name: BOOTSTRAP_NAME, hash },
    );
    await trx.raw(
      `insert into api_keys (name, hash, hint, scopes) values (:name, :hash, :hint, array['admin'])
       on conflict (hash) do update set revoked_at = null, scopes = excluded.scopes, platforms = null`,
      { name: BOOTSTRAP_NAME, hash, hint },
    );
  });
}
