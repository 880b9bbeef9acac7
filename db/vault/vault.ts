import { queryRows, type Database } from '../server/knex.js';
import { decrypt, encrypt } from './aes-gcm.js';
import { DATA_KEY_COLUMNS, insertDataKey, lockCurrentDataKey, placeOfDataKey, type DataKeyRow } from './data-keys.js';
import { DecryptionError } from './decryption-error.js';
import type { KeyWrap } from './key-wrap.js';

/** A value at rest: AES-256-GCM under a data key. */
export interface Sealed {
  /** Our uuid of the data key. */
  dataKey: string;
  /** Nonce (12 bytes), tag (16 bytes), then the encrypted text. */
  ciphertext: Buffer;
}

/** Where a value stands, which is authenticated with it: in any other place it cannot be read. */
export interface SealedPlace {
  /** `table.column`. */
  column: string;
  /** What names the row, and what the row belongs to where that never changes: ids with `/` between. */
  row: string;
}

export interface Sealer {
  seal(text: string, place: SealedPlace): Sealed;
}

export interface Opener {
  /** @throws {DecryptionError} */
  open(sealed: Sealed, place: SealedPlace): string;
}

/**
 * Keeps secrets at rest. Each platform has a data key of its own, made when it is first needed (null: that of the
 * installation). Statements go through the handle that is passed, so that a transaction needs no second connection.
 */
export interface Vault {
  /** For what is written by a statement of its own. Remembered for a while: costs no query as a rule. */
  sealer(db: Database, platform: string | null): Promise<Sealer>;
  /** For what is written within a transaction: the data key cannot be deleted before that ends. */
  lockSealer(trx: Database, platform: string | null): Promise<Sealer>;
  /** For values under these data keys. Asks the database for those that it does not remember, in one query. */
  opener(db: Database, dataKeys: Iterable<string>): Promise<Opener>;
}

export interface VaultOptions {
  /** How long a data key stays in memory, in milliseconds. */
  rememberMs?: number;
  /** Data keys in memory at most; who has been there longest goes first. */
  most?: number;
}

const REMEMBER_MS = 5 * 60_000;
const MOST = 1_000;
/** Whoever deletes a retired data key waits longer than this for those who may still encrypt under it. */
export const SEALER_MS = 30_000;

export function createVault(keyWrap: KeyWrap, { rememberMs = REMEMBER_MS, most = MOST }: VaultOptions = {}): Vault {
  const keys = createMemory<Uint8Array>(rememberMs, most);
  const current = createMemory<DataKeyRow>(Math.min(SEALER_MS, rememberMs), most);

  const unwrap = async (row: DataKeyRow): Promise<Uint8Array> => {
    const known = keys.get(row.id);
    if (known) return known;
    const key = await keyWrap.unwrap(row, placeOfDataKey(row));
    keys.set(row.id, key);
    return key;
  };
  const lockSealer = async (db: Database, platform: string | null): Promise<Sealer & { row: DataKeyRow }> => {
    const held = await lockCurrentDataKey(db, platform);
    if (held) return { ...toSealer(held.id, await unwrap(held)), row: held };
    await insertDataKey(db, keyWrap, platform);
    const made = await lockCurrentDataKey(db, platform);
    if (!made) throw new Error('A data key that stood in the way cannot be found.');
    return { ...toSealer(made.id, await unwrap(made)), row: made };
  };

  return {
    lockSealer,
    async sealer(db, platform) {
      const name = platform ?? '';
      const known = current.get(name);
      if (known) return toSealer(known.id, await unwrap(known));
      const { row, ...sealer } = await lockSealer(db, platform);
      current.set(name, row);
      return sealer;
    },
    async opener(db, dataKeys) {
      const wanted = new Set(dataKeys);
      const found = new Map<string, Uint8Array | DecryptionError>();
      const missing: string[] = [];
      for (const id of wanted) {
        const known = keys.get(id);
        if (known) found.set(id, known);
        else missing.push(id);
      }
      if (missing.length > 0) {
        const sql = `select ${DATA_KEY_COLUMNS} from data_keys k where k.id = any (?::uuid[])`;
        const rows = await queryRows<DataKeyRow>(db, sql, [missing]);
        for (const row of rows) found.set(row.id, await unwrap(row).catch(toFault));
      }
      return { open: (sealed, place) => open(found.get(sealed.dataKey), sealed, place) };
    },
  };
}

/** That a KMS is away says nothing of the value. */
function toFault(error: unknown): DecryptionError {
  if (error instanceof DecryptionError) return error;
  throw error;
}

function toSealer(dataKey: string, key: Uint8Array): Sealer {
  return {
    seal: (text, place) => ({ dataKey, ciphertext: encrypt(key, Buffer.from(text), boundTo(place, dataKey)) }),
  };
}

function open(
  key: Uint8Array | DecryptionError | undefined,
  { dataKey, ciphertext }: Sealed,
  place: SealedPlace,
): string {
  if (key === undefined) throw new DecryptionError('dataKeyGone', dataKey);
  if (key instanceof DecryptionError) throw key;
  try {
    return decrypt(key, ciphertext, boundTo(place, dataKey)).toString('utf8');
  } catch (error) {
    throw new DecryptionError('altered', dataKey, { cause: error });
  }
}

function boundTo({ column, row }: SealedPlace, dataKey: string): string {
  return `passback/value/${column}/${row}/${dataKey}`;
}

interface Memory<T> {
  get(name: string): T | undefined;
  set(name: string, value: T): void;
}

function createMemory<T>(rememberMs: number, most: number): Memory<T> {
  const kept = new Map<string, { value: T; until: number }>();
  return {
    get(name) {
      const found = kept.get(name);
      if (found && found.until > performance.now()) return found.value;
      kept.delete(name);
      return undefined;
    },
    set(name, value) {
      kept.delete(name);
      kept.set(name, { value, until: performance.now() + rememberMs });
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    },
  };
}
