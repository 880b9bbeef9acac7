import { queryRows, type Database } from '../server/knex.js';
import { KEY_IS_ALIVE, shownTo, type ApiKey } from './api-key.js';
import { insertAuditEntry, type AuditDeed } from './audit-entries.js';

export interface NewApiKey {
  name: string;
  /** SHA-256 of the key. */
  hash: Buffer;
  hint: string;
  scopes: readonly string[];
  platforms: readonly string[] | null;
  /** Null: when the key that it is made with ends, if ever. */
  expiresAt: Date | null;
  /** The key of the caller who asked for it. */
  createdBy: string;
  audit: AuditDeed;
}

/** `makerEnded`: it was revoked, or is over, meanwhile. `outlivesMaker`: what ends by itself makes nothing that stays. */
export type InsertOutcome = { kind: 'made'; key: ApiKey } | { kind: 'makerEnded' | 'outlivesMaker' };

interface Maker {
  expiresAt: Date | null;
  lineage: string | null;
}

/** A revocation waits for us, and then finds what we made: the maker's row is held meanwhile. */
export async function insertKey(trx: Database, key: NewApiKey): Promise<InsertOutcome> {
  const [maker] = await queryRows<Maker>(
    trx,
    `select k.expires_at as "expiresAt", case when not k.is_bootstrap then coalesce(k.lineage, k.id) end as lineage
     from api_keys k where k.id = :id and ${KEY_IS_ALIVE} for share`,
    { id: key.createdBy },
  );
  if (!maker) return { kind: 'makerEnded' };
  const expiresAt = key.expiresAt ?? maker.expiresAt;
  if (maker.expiresAt && (!expiresAt || expiresAt > maker.expiresAt)) return { kind: 'outlivesMaker' };
  const { audit, ...columns } = key;
  const [made] = await queryRows<ApiKey>(
    trx,
    `with k as (
       insert into api_keys (name, hash, hint, scopes, platforms, expires_at, created_by, lineage)
       values (:name, :hash, :hint, :scopes, :platforms, :expiresAt, :createdBy, :lineage) returning *
     ) select ${shownTo('true')} from k`,
    {
      ...{ ...columns, expiresAt, lineage: maker.lineage },
      ...{ scopes: [...key.scopes], platforms: key.platforms && [...key.platforms] },
    },
  );
  if (!made) throw new Error('The key was not stored.');
  const details = { scopes: key.scopes, ...(expiresAt && { expiresAt: expiresAt.toISOString() }) };
  await insertAuditEntry(trx, { ...audit, subject: made.id, details });
  return { kind: 'made', key: made };
}
