import type { Knex } from 'knex';
import { queryRows, type Database } from '../server/knex.js';
import { DecryptionError } from '../vault/decryption-error.js';
import { sealedPlace } from '../vault/sealed-columns.js';
import type { Opener, Sealed, Vault } from '../vault/vault.js';
import type { Advance, OpenRequest } from './advance-erasure.js';
import { EXPORT_SECTIONS, type ExportSection } from './export-sections.js';

const NAMES = Object.keys(EXPORT_SECTIONS).filter((name): name is ExportSection => name in EXPORT_SECTIONS);
const PARTS_AT_ONCE = 50;

interface Row {
  row: Record<string, unknown>;
  id?: string;
  body?: Buffer | null;
  dataKey?: string | null;
  source?: string;
}

/**
 * Adds the next part of a document: records that say of which table they are. Kept encrypted, under the request's name, so
 * that no part is one of another's. `after`: the section's place in the list, and how many rows of it are done.
 */
export async function collectPart(trx: Knex.Transaction, vault: Vault, open: OpenRequest): Promise<Advance> {
  const [at = '0', done = '0'] = open.after.split(':');
  const name = NAMES[Number(at)];
  const over = { counts: {}, inFlight: 0, isWaiting: false, contexts: [] };
  if (name === undefined) return { ...over, to: null };
  const { sql, limit } = EXPORT_SECTIONS[name];
  const offset = Number(done);
  const { platform, deployment, platformId, userId } = open;
  const rows = await queryRows<Row>(trx, sql, { platform, deployment, platformId, userId, offset, limit });
  if (rows.length > 0) {
    const bodies = await vault.opener(
      trx,
      rows.flatMap(({ dataKey }) => dataKey ?? []),
    );
    const records = rows.map((row) => ({ table: name, ...toRecord(row.row), ...toBody(bodies, row) }));
    await addPart(trx, vault, open.request, records.map((record) => JSON.stringify(record)).join(','));
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
function toBody(opener: Opener, { id, source, body, dataKey }: Row): { body?: string | null } {
  if (id === undefined || source === undefined || !body || !dataKey) return {};
  try {
    return { body: opener.open({ dataKey, ciphertext: body }, sealedPlace('webhookBody', id, source)) };
  } catch (error) {
    if (error instanceof DecryptionError) return { body: null };
    throw error;
  }
}

/** The request is locked: nobody else adds one. */
async function addPart(trx: Knex.Transaction, vault: Vault, request: string, text: string): Promise<void> {
  const [last] = await queryRows<{ part: number }>(
    trx,
    'select coalesce(max(part), 0) as part from person_export_parts where request = ?',
    [request],
  );
  const part = (last?.part ?? 0) + 1;
  const sealer = await vault.lockSealer(trx, null);
  const { dataKey, ciphertext } = sealer.seal(text, sealedPlace('personExport', request, String(part)));
  await trx.raw('insert into person_export_parts (request, part, ciphertext, data_key) values (?, ?, ?, ?)', [
    ...[request, part, ciphertext, dataKey],
  ]);
}

/** The document's records as JSON, parted by commas, a part at a time. */
export async function* readParts(db: Database, vault: Vault, request: string): AsyncIterable<string> {
  for (let after = 0; ;) {
    const parts = await queryRows<Sealed & { part: number }>(
      db,
      `select part, ciphertext, data_key as "dataKey" from person_export_parts
       where request = ? and part > ? order by part limit ${PARTS_AT_ONCE}`,
      [request, after],
    );
    const opener = await vault.opener(
      db,
      parts.map(({ dataKey }) => dataKey),
    );
    for (const part of parts) yield opener.open(part, sealedPlace('personExport', request, String(part.part)));
    const last = parts.at(-1);
    if (!last) return;
    after = last.part;
  }
}
