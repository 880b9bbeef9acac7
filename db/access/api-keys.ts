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

/** The same with its maker. */
export interface ShownApiKey extends ApiKey {
  /** The key that it was made with; null: it came with the configuration. */
  createdBy: string | null;
  /** What that one is called; null where the caller does not see it. */
  createdByName: string | null;
}

export interface ApiKeyFilter {
  platforms: readonly string[] | null;
  revoked?: boolean | undefined;
  /** The id of the last one seen. */
  after: string | null;
  limit: number;
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
  insert(key: NewApiKey): Promise<ShownApiKey>;
  /** Newest first. */
  list(filter: ApiKeyFilter): Promise<ShownApiKey[]>;
  /** False when there is none (any more). */
  revoke(id: string, platforms: readonly string[] | null): Promise<boolean>;
  /** Makes this the one living bootstrap key, an admin; repeating is safe. */
  setBootstrapKey(hash: Buffer, hint: string): Promise<void>;
}

const COLUMNS = `id, name, hint, scopes, platforms, created_at as "createdAt", last_used_at as "lastUsedAt",
  revoked_at as "revokedAt"`;
const shownTo = (maker: string): string => `${COLUMNS}, created_by as "createdBy",
  (select m.name from api_keys m where m.id = api_keys.created_by and ${maker}) as "createdByName"`;
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
      const [inserted] = await queryRows<ShownApiKey>(
        db,
        `insert into api_keys (name, hash, hint, scopes, platforms, created_by)
         values (:name, :hash, :hint, :scopes, :platforms, :createdBy) returning ${shownTo('true')}`,
        { ...key, scopes: [...key.scopes], platforms: key.platforms && [...key.platforms] },
      );
      if (!inserted) throw new Error('The key was not stored.');
      return inserted;
    },
    list: ({ platforms, revoked, after, limit }) =>
      queryRows(
        db,
        `select ${shownTo('(:platforms::text[] is null or m.platforms <@ :platforms::text[])')} from api_keys
         where ${VISIBLE} and (:revoked::boolean is null or (revoked_at is not null) = :revoked::boolean)
           and (:after::uuid is null
             or (created_at, id) < (select a.created_at, a.id from api_keys a
               where a.id = :after::uuid and (:platforms::text[] is null or a.platforms <@ :platforms::text[])))
         order by created_at desc, id desc limit :limit`,
        { platforms: platforms && [...platforms], revoked: revoked ?? null, after, limit },
      ),
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
