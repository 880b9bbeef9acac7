import { randomUUID } from 'node:crypto';
import { queryRows, type Database } from '../server/knex.js';
import { sealedPlace } from '../vault/sealed-columns.js';
import type { Vault } from '../vault/vault.js';

/** A signature that is taken once. */
export interface RememberedSignature {
  digest: Buffer;
  /** Null: as long as the secret that made it. */
  until: Date | null;
}

export interface EventToStore {
  /** Our uuid of the source. */
  source: string;
  eventId: string;
  digest: Buffer;
  body: string;
  /** Undefined: the id alone tells a repetition. */
  signature?: RememberedSignature | undefined;
}

/**
 * Stores an event, unless one of its id or its signature is known: then that one has come again, and its id is given, also where
 * nothing else of it is kept. Of several at the same moment one is stored, and not all others are counted.
 */
export async function storeEvent(
  db: Database,
  vault: Vault,
  { body, signature, ...event }: EventToStore,
): Promise<{ id: string }> {
  const id = randomUUID();
  const sealer = await vault.sealer(db, null);
  const { dataKey, ciphertext } = sealer.seal(body, sealedPlace('webhookBody', id, event.source));
  const [row] = await queryRows<{ id: string }>(
    db,
    `with seen as (
       insert into webhook_signatures as s (source, digest, event, until)
       select :source, :signature::bytea, coalesce(
         (select e.id from webhook_events e where e.source = :source and e.event_id = :eventId), :id), :until::timestamptz
       where :signature::bytea is not null
       on conflict (source, digest) do update set until = s.until
       returning event
     ), repeated as (
       update webhook_events e set repeats = e.repeats + 1, differing = e.differing + (e.digest <> :digest)::int
       from seen where e.id = seen.event and seen.event <> :id
     ), stored as (
       insert into webhook_events as e (id, source, event_id, digest, body, data_key)
       select :id, :source, :eventId, :digest, :ciphertext::bytea, :dataKey
       where not exists (select from seen where event <> :id)
       on conflict (source, event_id) do update set repeats = e.repeats + 1,
         differing = e.differing + (e.digest <> excluded.digest)::int
       returning id
     )
     select coalesce((select id from stored), (select event from seen)) as id`,
    { ...event, id, ciphertext, dataKey, signature: signature?.digest ?? null, until: signature?.until ?? null },
  );
  if (!row) throw new Error('An event was neither stored nor found.');
  return row;
}
