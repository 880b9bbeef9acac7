import { createHmac, randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { queryRows, type Database } from '../server/knex.js';
import { sealedPlace } from '../vault/sealed-columns.js';
import type { Sealed, Vault } from '../vault/vault.js';

const KEY_BYTES = 32;
const PLACE = sealedPlace('personHmacKey', '1');

/** What stands for a person where nobody is to read who it is. */
export interface PersonDigests {
  /** Makes the installation's key where there is none; not in a transaction of the caller's, who may give it up. */
  prepare(db: Knex): Promise<void>;
  /**
   * A digest for each user id of a platform (our uuid), in hexadecimal.
   * @throws {DecryptionError} when the key cannot be opened.
   */
  of(db: Database, people: readonly PlatformUser[]): Promise<string[]>;
}

export interface PlatformUser {
  /** Our uuid. */
  platform: string;
  userId: string;
}

/** The key is read once, and does not change when the ring or the data keys do: they seal it anew. */
export function createPersonDigests(vault: Vault): PersonDigests {
  let known: Buffer | undefined;
  return {
    async prepare(db) {
      if (known ?? (await selectKey(db))) return;
      await db.transaction((trx) => makeKey(trx, vault));
    },
    async of(db, people) {
      const key = (known ??= await readKey(db, vault));
      return people.map(({ platform, userId }) =>
        createHmac('sha256', key)
          .update(JSON.stringify([platform.toLowerCase(), userId]))
          .digest('hex'),
      );
    },
  };
}

async function readKey(db: Database, vault: Vault): Promise<Buffer> {
  const held = await selectKey(db);
  if (!held) throw new Error('There is no key for the digests of persons.');
  const opener = await vault.opener(db, [held.dataKey]);
  return Buffer.from(opener.open(held, PLACE), 'base64');
}

async function selectKey(db: Database): Promise<Sealed | undefined> {
  const sql = 'select data_key as "dataKey", ciphertext from person_hmac_keys';
  return (await queryRows<Sealed>(db, sql))[0];
}

/** Of two at the same time the first one's stays. */
async function makeKey(trx: Knex.Transaction, vault: Vault): Promise<void> {
  const sealer = await vault.lockSealer(trx, null);
  const { dataKey, ciphertext } = sealer.seal(randomBytes(KEY_BYTES).toString('base64'), PLACE);
  await trx.raw('insert into person_hmac_keys (ciphertext, data_key) values (?, ?) on conflict (id) do nothing', [
    ciphertext,
    dataKey,
  ]);
}
