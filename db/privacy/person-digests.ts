import { createHmac, randomBytes } from 'node:crypto';
import type { KeyRing } from '../server/key-ring.js';
import { queryRows, type Database } from '../server/knex.js';

const KEY_BYTES = 32;
const OWNER = 'person-hmac-key:1';

/** What stands for a person where nobody is to read who it is. */
export interface PersonDigests {
  /**
   * A digest for each user id of a platform (our uuid), in hexadecimal. The first call of an installation makes its key.
   * @throws {DecryptionError} when the ring cannot open that key.
   */
  of(db: Database, people: readonly PlatformUser[]): Promise<string[]>;
}

export interface PlatformUser {
  /** Our uuid. */
  platform: string;
  userId: string;
}

/** The key is read once, and does not change when the ring does: rotating the ring wraps it anew. */
export function createPersonDigests(keyRing: KeyRing): PersonDigests {
  let known: Buffer | undefined;
  return {
    async of(db, people) {
      const key = (known ??= await readKey(db, keyRing));
      return people.map(({ platform, userId }) =>
        createHmac('sha256', key)
          .update(JSON.stringify([platform.toLowerCase(), userId]))
          .digest('hex'),
      );
    },
  };
}

async function readKey(db: Database, keyRing: KeyRing): Promise<Buffer> {
  const { keyId, ciphertext } = keyRing.encrypt(randomBytes(KEY_BYTES).toString('base64'), OWNER);
  await db.raw(
    'insert into person_hmac_keys (ciphertext, encryption_key_id) values (?, ?) on conflict (id) do nothing',
    [ciphertext, keyId],
  );
  const [row] = await queryRows<{ keyId: string; ciphertext: Buffer }>(
    db,
    'select encryption_key_id as "keyId", ciphertext from person_hmac_keys',
  );
  if (!row) throw new Error('The key of the digests was neither stored nor found.');
  return Buffer.from(keyRing.decrypt(row, OWNER), 'base64');
}
