import { setTimeout as rest } from 'node:timers/promises';
import type { Knex } from 'knex';
import { queryRows } from '../server/knex.js';
import { insertDataKey } from './data-keys.js';
import type { KeyWrap } from './key-wrap.js';
import { reencryptPage } from './reencrypt-page.js';
import { SEALED_COLUMNS, type SealedColumnName } from './sealed-columns.js';
import { createVault, SEALER_MS } from './vault.js';

export interface Replaced {
  /** Data keys made in the place of others. */
  made: number;
  /** Values encrypted again. */
  values: number;
  /** Data keys deleted, since nothing is encrypted under them any more. */
  deleted: number;
  /** Values that could not be decrypted, by `table.column`: their data keys stay. */
  damaged: Record<string, number>;
}

export interface ReplaceOptions {
  /** Told after each page how many values have been done. */
  onPage?: (values: number) => void;
  /** Told once, before it waits for processes that may still encrypt under a retired data key. */
  onWait?: () => void;
  pageSize?: number;
  /** For how long others may still encrypt under a data key after it was retired; default: twice of what they do. */
  settleMs?: number;
}

const PAGE = 200;
/** What others hold at the moment is looked at again after this. */
const LOOK_AGAIN_MS = 250;
/** PostgreSQL: foreign_key_violation. */
const STILL_REFERENCED = '23503';

const columns = Object.keys(SEALED_COLUMNS).filter((name): name is SealedColumnName => name in SEALED_COLUMNS);

/**
 * Gives every platform, and the installation, a new data key, encrypts under it what was encrypted under the one before, and
 * deletes that. To be run while all runs. Safe to kill and to run beside itself: each page is a transaction, and the next
 * run goes on with the replacement that is open.
 */
export async function replaceDataKeys(db: Knex, keyWrap: KeyWrap, options: ReplaceOptions = {}): Promise<Replaced> {
  const { settleMs = 2 * SEALER_MS, onWait } = options;
  const rotation = await openRotation(db);
  const made = await retireAll(db, keyWrap, rotation);
  const total: Replaced = { made, values: 0, deleted: 0, damaged: {} };
  await reencryptAll(db, keyWrap, options, total);
  const leftMs = await findLeftToSettle(db, settleMs);
  if (leftMs > 0) {
    onWait?.();
    await rest(leftMs);
  }
  for (let isInUse = true; isInUse;) {
    await reencryptAll(db, keyWrap, options, total);
    const { deleted, refused } = await deleteUnused(db, settleMs);
    total.deleted += deleted;
    isInUse = refused > 0;
  }
  await db.raw('update key_rotations set ended_at = now() where id = ? and ended_at is null', [rotation]);
  return total;
}

async function openRotation(db: Knex): Promise<string> {
  await db.raw('insert into key_rotations default values on conflict do nothing');
  const [row] = await queryRows<{ id: string }>(db, 'select id from key_rotations where ended_at is null');
  return row?.id ?? openRotation(db);
}

/** Those that were made before the rotation began, one after the other: a platform is never without. */
async function retireAll(db: Knex, keyWrap: KeyWrap, rotation: string): Promise<number> {
  const old = await queryRows<{ id: string; platform: string | null }>(
    db,
    `select k.id, k.platform from data_keys k, key_rotations r
     where r.id = ? and k.retired_at is null and k.created_at < r.started_at order by k.id`,
    [rotation],
  );
  let made = 0;
  for (const { id, platform } of old) {
    made += await db.transaction(async (trx) => {
      const sql = 'update data_keys set retired_at = now() where id = ? and retired_at is null returning 1';
      if ((await queryRows(trx, sql, [id])).length === 0) return 0;
      await insertDataKey(trx, keyWrap, platform);
      return 1;
    });
  }
  return made;
}

/** Until nothing is left that can be decrypted. Rows that somebody holds at the moment are left to the next look. */
async function reencryptAll(
  db: Knex,
  keyWrap: KeyWrap,
  { onPage, pageSize = PAGE }: ReplaceOptions,
  total: Replaced,
): Promise<void> {
  const vault = createVault(keyWrap);
  for (const column of columns) {
    const { table, value } = SEALED_COLUMNS[column];
    const damaged = new Set<string>();
    for (;;) {
      const page = await db.transaction((trx) =>
        reencryptPage(trx, vault, { column, pageSize, damaged: [...damaged] }),
      );
      total.values += page.done;
      for (const row of page.damaged) damaged.add(row);
      if (page.done + page.damaged.length > 0) onPage?.(total.values);
      else if (page.isOver) break;
      else await rest(LOOK_AGAIN_MS);
    }
    if (damaged.size > 0) total.damaged[`${table}.${value}`] = damaged.size;
  }
}

async function findLeftToSettle(db: Knex, settleMs: number): Promise<number> {
  const [row] = await queryRows<{ leftMs: number | null }>(
    db,
    `select (extract(epoch from max(retired_at) - now()) * 1000 + ?)::double precision as "leftMs" from data_keys`,
    [settleMs],
  );
  return Math.max(row?.leftMs ?? 0, 0);
}

/** What a value came under in a transaction that was open all the time is not deleted: the reference sees to that. */
async function deleteUnused(db: Knex, settleMs: number): Promise<{ deleted: number; refused: number }> {
  const unused = columns
    .map((column) => SEALED_COLUMNS[column])
    .map(({ table, dataKey }) => `not exists (select from ${table} t where t.${dataKey} = k.id)`);
  const retired = await queryRows<{ id: string }>(
    db,
    `select k.id from data_keys k where k.retired_at <= now() - ? * interval '1 millisecond' and ${unused.join(' and ')}`,
    [settleMs],
  );
  const counts = { deleted: 0, refused: 0 };
  for (const { id } of retired) {
    try {
      counts.deleted += (await queryRows(db, 'delete from data_keys where id = ? returning 1', [id])).length;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === STILL_REFERENCED)) throw error;
      counts.refused += 1;
    }
  }
  return counts;
}
