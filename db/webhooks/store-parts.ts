import { createHash, randomUUID } from 'node:crypto';
import { toEventName } from '../../domain/event-name.js';
import { isWithin, readPointer } from '../../domain/json-pointer.js';
import { parseEvent } from '../../domain/parse-event.js';
import type { EventPart } from '../../domain/split-event.js';
import type { EventMapping } from '../../domain/webhook-source.js';
import type { Database } from '../server/knex.js';
import { sealedPlace } from '../vault/sealed-columns.js';
import type { Sealer, Vault } from '../vault/vault.js';

/** An event whose body held several. */
export interface SplitEvent {
  id: string;
  source: string;
  eventId: string;
  mapping: EventMapping;
}

/**
 * What tells a repetition of a part from a new event: its own id, where the mapping finds one in the entry, else its place in
 * the event that it came in. Never its content: the same grade may be given twice, with another one between.
 */
export function partIdOf({ eventId, mapping }: Pick<SplitEvent, 'eventId' | 'mapping'>, part: EventPart): string {
  const pointer = mapping.eventId;
  const hasOwn = typeof pointer === 'string' && isWithin(pointer, mapping.events ?? '');
  const own = hasOwn ? toEventName(readPointer(parseEvent(part.body)?.value, pointer), hashName) : undefined;
  const place = `${eventId}#${part.pointer}`;
  return own ?? toEventName(place, hashName) ?? hashName(place);
}

/** Safe to repeat: a part that is there already stays as it is, and is counted where it came in another event. */
export async function storeParts(
  trx: Database,
  vault: Vault,
  event: SplitEvent,
  parts: readonly EventPart[],
): Promise<void> {
  if (parts.length === 0) return;
  const sealer = await vault.lockSealer(trx, null);
  const rows = new Map<string, ReturnType<typeof toRow>>();
  for (const part of parts) {
    const eventId = partIdOf(event, part);
    const row = toRow(sealer, event.source, eventId, part.body);
    const first = rows.get(eventId);
    if (!first) rows.set(eventId, row);
    else {
      first.repeats += 1;
      if (first.digest !== row.digest) first.differing += 1;
    }
  }
  await trx.raw(
    `insert into webhook_events as e
       (id, source, event_id, digest, body, data_key, part_of, received_at, repeats, differing)
     select p.id, w.source, p."eventId", decode(p.digest, 'hex'), decode(p.body, 'base64'), p."dataKey", w.id, w.received_at,
       p.repeats, p.differing
     from webhook_events w cross join rows from (jsonb_to_recordset(:rows::jsonb) as (id uuid, "eventId" text, digest text,
       body text, "dataKey" uuid, repeats integer, differing integer)) with ordinality
       as p(id, "eventId", digest, body, "dataKey", repeats, differing, place)
     where w.id = :event order by p.place
     on conflict (source, event_id) do update set
       repeats = e.repeats + 1 + excluded.repeats,
       differing = e.differing + (e.digest <> excluded.digest)::int + excluded.differing
       where e.part_of is distinct from excluded.part_of`,
    { event: event.id, rows: JSON.stringify([...rows.values()]) },
  );
}

function toRow(sealer: Sealer, source: string, eventId: string, body: string) {
  const id = randomUUID();
  const { dataKey, ciphertext } = sealer.seal(body, sealedPlace('webhookBody', id, source));
  return {
    ...{ id, eventId, dataKey, body: ciphertext.toString('base64') },
    ...{ digest: createHash('sha256').update(body).digest('hex'), repeats: 0, differing: 0 },
  };
}

function hashName(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
