import { queryRows, type Database } from '../server/knex.js';
import { sealedPlace } from '../vault/sealed-columns.js';
import type { SealedPlace, Vault } from '../vault/vault.js';

/** The key that a caller chose, within those of its API key. */
export interface IdempotencyKey {
  apiKey: string;
  key: string;
}

export interface StoredAnswer {
  status: number;
  contentType: string;
  body: string;
}

/**
 * - `claimed`: the caller goes on and stores its answer, or releases the key. `claimedAt` names the claim.
 * - `answered`: the request was carried out before.
 * - `inProgress`: another one with this key is under way.
 * - `reused`: the key belongs to a different request.
 */
export type IdempotencyClaim =
  { kind: 'claimed'; claimedAt: Date } | { kind: 'answered'; answer: StoredAnswer } | { kind: 'inProgress' | 'reused' };

export interface IdempotencyKeys {
  claim(key: IdempotencyKey, requestHash: Buffer): Promise<IdempotencyClaim>;
  /** Does nothing when the claim was taken over meanwhile. */
  complete(key: IdempotencyKey, claimedAt: Date, answer: StoredAnswer): Promise<void>;
  forget(key: IdempotencyKey, claimedAt: Date): Promise<void>;
  /** Deletes keys older than a day and says how many. */
  prune(): Promise<number>;
}

interface Row {
  claimed: boolean;
  claimedAt: Date;
  isSame: boolean;
  status: number | null;
  contentType: string | null;
  body: Buffer | null;
  dataKey: string | null;
}

/** A request that did not end within this time is taken for dead, with the process that served it. */
const TAKE_OVER_SECONDS = 60;

/** Answers are kept encrypted: students are in them. */
export function createIdempotencyKeys(db: Database, vault: Vault): IdempotencyKeys {
  return {
    async claim(key, requestHash) {
      const row = await claimRow(db, key, requestHash);
      if (!row.isSame) return { kind: 'reused' };
      if (row.claimed) return { kind: 'claimed', claimedAt: row.claimedAt };
      const { status, contentType, body: ciphertext, dataKey } = row;
      if (status === null || contentType === null || ciphertext === null || dataKey === null) {
        return { kind: 'inProgress' };
      }
      const opener = await vault.opener(db, [dataKey]);
      const body = opener.open({ dataKey, ciphertext }, placeOf(key));
      return { kind: 'answered', answer: { status, contentType, body } };
    },
    async complete(key, claimedAt, { status, contentType, body }) {
      const sealed = (await vault.sealer(db, null)).seal(body, placeOf(key));
      await db.raw(
        `update idempotency_keys set status = :status, content_type = :contentType, body = :ciphertext,
           data_key = :dataKey, completed_at = now()
         where api_key = :apiKey and key = :key and created_at = :claimedAt and completed_at is null`,
        { ...key, ...sealed, claimedAt, status, contentType },
      );
    },
    async forget(key, claimedAt) {
      await db.raw(
        `delete from idempotency_keys
         where api_key = :apiKey and key = :key and created_at = :claimedAt and completed_at is null`,
        { ...key, claimedAt },
      );
    },
    async prune() {
      const sql = `delete from idempotency_keys where created_at < now() - interval '24 hours' returning 1`;
      return (await queryRows(db, sql)).length;
    },
  };
}

/** The claim's name goes through a JavaScript Date, so it is cut to milliseconds. */
async function claimRow(db: Database, key: IdempotencyKey, requestHash: Buffer): Promise<Row> {
  const [row] = await queryRows<Row>(
    db,
    `with won as (
       insert into idempotency_keys as i (api_key, key, request_hash, created_at)
       values (:apiKey, :key, :requestHash, date_trunc('milliseconds', clock_timestamp()))
       on conflict (api_key, key) do update set created_at = excluded.created_at, request_hash = excluded.request_hash,
         status = null, content_type = null, body = null, data_key = null, completed_at = null
       where i.created_at < now() - interval '24 hours'
         or (i.completed_at is null and i.request_hash = excluded.request_hash
             and i.created_at < now() - interval '${TAKE_OVER_SECONDS} seconds')
       returning created_at
     )
     select true as claimed, created_at as "claimedAt", true as "isSame", null::int as status,
       null as "contentType", null::bytea as body, null::uuid as "dataKey" from won
     union all
     select false, created_at, request_hash = :requestHash, status, content_type, body, data_key from idempotency_keys
     where api_key = :apiKey and key = :key and not exists (select from won)`,
    { ...key, requestHash },
  );
  // Inserted by somebody else after this statement's snapshot: it is under way.
  return (
    row ?? {
      claimed: false,
      claimedAt: new Date(0),
      isSame: true,
      status: null,
      contentType: null,
      body: null,
      dataKey: null,
    }
  );
}

function placeOf({ apiKey, key }: IdempotencyKey): SealedPlace {
  return sealedPlace('idempotentAnswer', apiKey, key);
}
