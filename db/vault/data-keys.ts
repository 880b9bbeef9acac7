import { randomBytes, randomUUID } from 'node:crypto';
import { queryRows, type Database } from '../server/knex.js';
import type { KeyWrap, WrappedKey } from './key-wrap.js';

/** A data key as it is stored. Platform null: that of the installation, for what belongs to no platform. */
export interface DataKeyRow extends WrappedKey {
  id: string;
  platform: string | null;
}

const DATA_KEY_BYTES = 32;

export const DATA_KEY_COLUMNS = 'k.id, k.platform, k.wrapped_by as "wrappedBy", k.wrapped';

/** What the wrapping of a data key is bound to, so that one platform's cannot be put in the place of another's. */
export function placeOfDataKey({ id, platform }: Pick<DataKeyRow, 'id' | 'platform'>): string {
  return `passback/data-key/${id}/${platform ?? 'installation'}`;
}

/** The one that encrypts for a platform now, held until the transaction ends, so that nobody deletes it before. */
export async function lockCurrentDataKey(db: Database, platform: string | null): Promise<DataKeyRow | undefined> {
  const [row] = await queryRows<DataKeyRow>(
    db,
    `select ${DATA_KEY_COLUMNS} from data_keys k
     where k.platform is not distinct from ?::uuid and k.retired_at is null for key share`,
    [platform],
  );
  return row;
}

/** Does nothing where there is one that encrypts for the platform. Waits for whoever makes one at the same time. */
export async function insertDataKey(db: Database, keyWrap: KeyWrap, platform: string | null): Promise<void> {
  const id = randomUUID();
  const key = await keyWrap.wrap(randomBytes(DATA_KEY_BYTES), placeOfDataKey({ id, platform }));
  await db.raw(
    `insert into data_keys (id, platform, wrapped, wrapped_by) values (:id, :platform, :wrapped, :wrappedBy)
     on conflict (platform) where retired_at is null do nothing`,
    { id, platform, ...key },
  );
}
