/** All that is stored encrypted, whichever table it is in. */
import type { Knex } from 'knex';
import { queryRows } from '../../db/server/knex.js';
import { SEALED_COLUMNS, sealedPlace, type SealedColumnName } from '../../db/vault/sealed-columns.js';
import type { Sealed, SealedPlace, Vault } from '../../db/vault/vault.js';

const columns = Object.keys(SEALED_COLUMNS).filter((name): name is SealedColumnName => name in SEALED_COLUMNS);

export interface StoredValue {
  sealed: Sealed;
  place: SealedPlace;
}

export async function listSealed(db: Knex): Promise<StoredValue[]> {
  const found: StoredValue[] = [];
  for (const column of columns) {
    const { table, value, dataKey, row } = SEALED_COLUMNS[column];
    const rows = await queryRows<Sealed & { names: string[] }>(
      db,
      `select ${value} as ciphertext, ${dataKey} as "dataKey", array[${row.map((name) => `${name}::text`).join(', ')}] as names
       from ${table} where ${value} is not null`,
    );
    for (const { names, ...sealed } of rows) found.push({ sealed, place: sealedPlace(column, ...names) });
  }
  return found;
}

/** How many there are. @throws {DecryptionError} for one that cannot be decrypted */
export async function openAll(db: Knex, vault: Vault): Promise<number> {
  const values = await listSealed(db);
  const opener = await vault.opener(
    db,
    values.map(({ sealed }) => sealed.dataKey),
  );
  for (const { sealed, place } of values) opener.open(sealed, place);
  return values.length;
}
