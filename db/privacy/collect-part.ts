import type { Knex } from 'knex';
import type { KeyRing } from '../server/key-ring.js';
import { queryRows, type Database } from '../server/knex.js';
import { bodyOwner } from '../webhooks/webhook-events.js';
import type { Advance, OpenRequest } from './advance-erasure.js';
import { EXPORT_SECTIONS, type ExportSection } from './export-sections.js';

const NAMES = Object.keys(EXPORT_SECTIONS).filter((name): name is ExportSection => name in EXPORT_SECTIONS);
const PARTS_AT_ONCE = 50;

interface Row {
  row: Record<string, unknown>;
  id?: string;
  body?: Buffer | null;
  keyId?: string | null;
}

/**
 * Adds the next part of a document: records that say of which table they are. Kept encrypted, under the request's name, so
 * that no part is one of another's. `after`: the section's place in the list, and how many rows of it are done.
 */
export async function collectPart(trx: Knex.Transaction, keyRing: KeyRing, open: OpenRequest): Promise<Advance> {
  const [at = '0', done = '0'] = open.after.split(':');
  const name = NAMES[Number(at)];
  const over = { counts: {}, inFlight: 0, isWaiting: false, contexts: [] };
  if (name === undefined) return { ...over, to: null };
  const { sql, limit } = EXPORT_SECTIONS[name];
  const offset = Number(done);
  const { platform, deployment, platformId, userId } = open;
  const rows = await queryRows<Row>(trx, sql, { platform, deployment, platformId, userId, offset, limit });
  if (rows.length > 0) {
    const records = rows.map((row) => ({ table: name, ...toRecord(row.row), ...toBody(keyRing, row) }));
    const text = records.map((record) => JSON.stringify(record)).join(',');
    const { keyId, ciphertext } = keyRing.encrypt(text, partOwner(open.request));
    await trx.raw(
      `insert into person_export_parts (request, part, ciphertext, encryption_key_id)
       select :request::uuid, coalesce(max(part), 0) + 1, :ciphertext, :keyId from person_export_parts where request = :request::uuid`,
      { request: open.request, ciphertext, keyId },
    );
  }
  const after = rows.length < limit ? `${Number(at) + 1}:0` : `${at}:${offset + rows.length}`;
  return { ...over, counts: { [name]: rows.length }, to: { step: 'collect', after, round: open.round } };
}

/** A row as the rest of the API would write it; what is JSON in itself stays as it was handed in. */
function toRecord(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      typeof value === 'string' && LIKE_TIMESTAMP.test(value) ? new Date(value).toISOString() : value,
    ]),
  );
}

/** As PostgreSQL writes one into JSON, on the clock of its session. */
const LIKE_TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$/;

/** A body that can no longer be read is told as such. */
function toBody(keyRing: KeyRing, { id, body, keyId }: Row): { body?: string | null } {
  if (id === undefined || !body || !keyId) return {};
  try {
    return { body: keyRing.decrypt({ keyId, ciphertext: body }, bodyOwner(id)) };
  } catch {
    return { body: null };
  }
}

/** The document's records as JSON, parted by commas, a part at a time. */
export async function* readParts(db: Database, keyRing: KeyRing, request: string): AsyncIterable<string> {
  for (let after = 0; ;) {
    const parts = await queryRows<{ part: number; ciphertext: Buffer; keyId: string }>(
      db,
      `select part, ciphertext, encryption_key_id as "keyId" from person_export_parts
       where request = ? and part > ? order by part limit ${PARTS_AT_ONCE}`,
      [request, after],
    );
    for (const part of parts) yield keyRing.decrypt(part, partOwner(request));
    const last = parts.at(-1);
    if (!last) return;
    after = last.part;
  }
}

function partOwner(request: string): string {
  return `person-export:${request}`;
}
