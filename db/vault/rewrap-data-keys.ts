import type { Knex } from 'knex';
import { queryRows } from '../server/knex.js';
import { DATA_KEY_COLUMNS, placeOfDataKey, type DataKeyRow } from './data-keys.js';
import type { KeyWrap } from './key-wrap.js';

const PAGE = 100;
const NO_UUID = '00000000-0000-0000-0000-000000000000';

/**
 * Wraps under the first key of the ring what is wrapped under others, retired data keys included. Safe to repeat, to kill
 * and to run beside itself: each data key is one statement, which changes nothing where another was faster.
 * @throws {DecryptionError} for one that the ring cannot unwrap
 */
export async function rewrapDataKeys(
  db: Knex,
  keyWrap: KeyWrap,
  { onPage = () => undefined, pageSize = PAGE }: { onPage?: (count: number) => void; pageSize?: number } = {},
): Promise<number> {
  let rewrapped = 0;
  for (let after = NO_UUID; ;) {
    const page = await queryRows<DataKeyRow>(
      db,
      `select ${DATA_KEY_COLUMNS} from data_keys k where k.wrapped_by <> :current and k.id > :after::uuid
       order by k.id limit :pageSize`,
      { current: keyWrap.current, after, pageSize },
    );
    const last = page.at(-1);
    if (!last) return rewrapped;
    for (const row of page) rewrapped += await rewrapOne(db, keyWrap, row);
    after = last.id;
    onPage(rewrapped);
  }
}

async function rewrapOne(db: Knex, keyWrap: KeyWrap, row: DataKeyRow): Promise<number> {
  const place = placeOfDataKey(row);
  const wrapped = await keyWrap.wrap(await keyWrap.unwrap(row, place), place);
  const changed = await queryRows(
    db,
    `update data_keys set wrapped = :wrapped, wrapped_by = :wrappedBy, rewrapped_at = now()
     where id = :id and wrapped = :before returning 1`,
    { ...wrapped, id: row.id, before: row.wrapped },
  );
  return changed.length;
}

/** The names under which data keys are wrapped now. */
export async function listWrappingKeys(db: Knex): Promise<string[]> {
  const rows = await queryRows<{ name: string }>(db, 'select distinct wrapped_by as name from data_keys order by 1');
  return rows.map(({ name }) => name);
}
