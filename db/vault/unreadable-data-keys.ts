import { queryRows, type Database } from '../server/knex.js';
import { DATA_KEY_COLUMNS, placeOfDataKey, type DataKeyRow } from './data-keys.js';
import { DecryptionError } from './decryption-error.js';
import type { KeyWrap } from './key-wrap.js';

/** A data key that this process cannot unwrap. */
export interface UnreadableDataKey {
  /** LTI id; null: that of the installation. */
  platformId: string | null;
  /** What it is wrapped under. */
  wrappedBy: string;
  isMissing: boolean;
}

/** One that could be unwrapped is not tried again for so long: a KMS is asked for each. */
const GOOD_MS = 5 * 60_000;

/** Looks at all data keys, and tries those that changed since, or have not been tried for minutes. */
export function createUnreadableDataKeys(db: Database, keyWrap: KeyWrap): () => Promise<UnreadableDataKey[]> {
  let good = new Map<string, number>();
  return async () => {
    const rows = await queryRows<DataKeyRow & { platformId: string | null }>(
      db,
      `select ${DATA_KEY_COLUMNS}, p.platform_id as "platformId"
       from data_keys k left join platforms p on p.id = k.platform order by p.platform_id nulls first, k.id`,
    );
    const still = new Map<string, number>();
    const unreadable: UnreadableDataKey[] = [];
    for (const { platformId, ...row } of rows) {
      const name = `${row.id} ${row.wrapped.toString('base64')}`;
      const until = good.get(name) ?? 0;
      const fault = until > performance.now() ? null : await tryUnwrap(keyWrap, row);
      if (fault) unreadable.push({ platformId, wrappedBy: row.wrappedBy, isMissing: fault.fault === 'keyMissing' });
      else still.set(name, until > performance.now() ? until : performance.now() + GOOD_MS);
    }
    good = still;
    return unreadable;
  };
}

/** Null: it can be unwrapped, or cannot be tried now. */
async function tryUnwrap(keyWrap: KeyWrap, row: DataKeyRow): Promise<DecryptionError | null> {
  try {
    await keyWrap.unwrap(row, placeOfDataKey(row));
    return null;
  } catch (error) {
    return error instanceof DecryptionError ? error : null;
  }
}
