import type { Knex } from 'knex';
import { queryRows } from '../server/knex.js';
import { DecryptionError } from './decryption-error.js';
import { SEALED_COLUMNS, sealedPlace, type SealedColumnName } from './sealed-columns.js';
import type { Sealed, Sealer, Vault } from './vault.js';

export interface ReencryptedPage {
  done: number;
  /** Names of rows whose value cannot be decrypted. */
  damaged: string[];
  /** Nothing of the column is left, in whoever's hands, but what is damaged. */
  isOver: boolean;
}

interface Row extends Sealed {
  /** Where the row is, for as long as it is locked. */
  place: string;
  name: string[];
  platform: string | null;
}

/** Encrypts some values of a column again that are under retired data keys, each under the one that its platform has now. */
export async function reencryptPage(
  trx: Knex.Transaction,
  vault: Vault,
  { column, pageSize, damaged }: { column: SealedColumnName; pageSize: number; damaged: readonly string[] },
): Promise<ReencryptedPage> {
  const { table, value, dataKey, row } = SEALED_COLUMNS[column];
  const name = `array[${row.map((one) => `t.${one}::text`).join(', ')}]`;
  const left = `from ${table} t join data_keys k on k.id = t.${dataKey}
    where k.retired_at is not null and array_to_string(${name}, '/') <> all (:damaged::text[])`;
  const rows = await queryRows<Row>(
    trx,
    `select t.ctid::text as place, ${name} as name, t.${value} as ciphertext, t.${dataKey} as "dataKey", k.platform
     ${left} limit :pageSize for no key update of t skip locked`,
    { damaged: [...damaged], pageSize },
  );
  if (rows.length === 0) {
    const held = await queryRows(trx, `select 1 ${left} limit 1`, { damaged: [...damaged] });
    return { done: 0, damaged: [], isOver: held.length === 0 };
  }
  const { fresh, unreadable } = await reseal(trx, vault, column, rows);
  await trx.raw(
    `update ${table} t set ${value} = decode(v.ciphertext, 'base64'), ${dataKey} = v."dataKey"
     from jsonb_to_recordset(?::jsonb) as v(place tid, ciphertext text, "dataKey" uuid) where t.ctid = v.place`,
    [JSON.stringify(fresh)],
  );
  return { done: fresh.length, damaged: unreadable, isOver: false };
}

async function reseal(trx: Knex.Transaction, vault: Vault, column: SealedColumnName, rows: readonly Row[]) {
  const opener = await vault.opener(
    trx,
    rows.map(({ dataKey }) => dataKey),
  );
  const sealers = new Map<string | null, Sealer>();
  const fresh: { place: string; ciphertext: string; dataKey: string }[] = [];
  const unreadable: string[] = [];
  for (const { place, name, platform, ...sealed } of rows) {
    const at = sealedPlace(column, ...name);
    try {
      const sealer = sealers.get(platform) ?? (await vault.lockSealer(trx, platform));
      sealers.set(platform, sealer);
      const { ciphertext, dataKey } = sealer.seal(opener.open(sealed, at), at);
      fresh.push({ place, dataKey, ciphertext: ciphertext.toString('base64') });
    } catch (error) {
      if (!(error instanceof DecryptionError) || error.fault !== 'altered') throw error;
      unreadable.push(at.row);
    }
  }
  return { fresh, unreadable };
}
