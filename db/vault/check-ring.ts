import { queryRows, type Database } from '../server/knex.js';
import { DATA_KEY_COLUMNS, insertDataKey, placeOfDataKey, type DataKeyRow } from './data-keys.js';
import { DecryptionError } from './decryption-error.js';
import type { KeyWrap } from './key-wrap.js';

interface Sample extends DataKeyRow {
  count: number;
}

/**
 * What keeps this ring from opening all that is stored, each in one sentence; nothing when it can. Makes the data key of the
 * installation where there is none: by that the next process, or the next start, knows whether it has the same ring.
 */
export async function findRingProblems(db: Database, keyWrap: KeyWrap): Promise<string[]> {
  await insertDataKeyOfInstallation(db, keyWrap);
  const samples = await queryRows<Sample>(
    db,
    `select distinct on (k.wrapped_by) ${DATA_KEY_COLUMNS}, count(*) over (partition by k.wrapped_by)::int as count
     from data_keys k order by k.wrapped_by, k.id`,
  );
  const problems: string[] = [];
  for (const sample of samples) {
    try {
      await keyWrap.unwrap(sample, placeOfDataKey(sample));
    } catch (error) {
      if (!(error instanceof DecryptionError)) throw error;
      problems.push(sayProblem(error, sample));
    }
  }
  return problems;
}

async function insertDataKeyOfInstallation(db: Database, keyWrap: KeyWrap): Promise<void> {
  const sql = 'select 1 from data_keys where platform is null and retired_at is null';
  if ((await queryRows(db, sql)).length === 0) await insertDataKey(db, keyWrap, null);
}

function sayProblem({ fault }: DecryptionError, { wrappedBy, count }: Sample): string {
  const keys = count === 1 ? '1 data key is' : `${count} data keys are`;
  return fault === 'keyMissing'
    ? `ENCRYPTION_KEYS must have the key "${wrappedBy}": ${keys} encrypted under it`
    : `ENCRYPTION_KEYS must have the right key "${wrappedBy}": ${keys} encrypted under another one of that name`;
}
