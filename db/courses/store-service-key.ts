import { randomUUID } from 'node:crypto';
import { DecryptionError, type KeyRing } from '../server/key-ring.js';
import { hasKeyFor } from './parking.js';
import { queryRows, type Database } from '../server/knex.js';

/** What a launch granted. */
export interface GrantedServiceKey {
  /** The key itself. */
  secret: string;
  assignmentAndGrades: boolean;
  namesAndRoles: boolean;
  scopes?: readonly string[] | undefined;
}

export interface ServiceKeyPlace {
  context: string;
  /** Null: a key of the context as a whole. */
  resourceLink: string | null;
}

/**
 * - `stored`: the key is new, or replaces another one.
 * - `unchanged`: the same key; the time of its newest launch is noted.
 * - `older`: we hold the key of a newer launch, which stays.
 */
export type StoreOutcome = 'stored' | 'unchanged' | 'older';

interface HeldKey {
  id: string;
  encryption_key_id: string;
  ciphertext: Buffer;
  assignment_and_grades: boolean;
  names_and_roles: boolean;
  scopes: string[] | null;
  launched_at: Date;
  rejected_at: Date | null;
}

/**
 * Keeps the key of the newest launch of a place; an equal time replaces. Without `launchedAt` (a key from elsewhere whose
 * age nobody knows) it takes the place of no key and of a rejected one only. Repeating is safe.
 */
export async function storeServiceKey(
  trx: Database,
  keyRing: KeyRing,
  { place, key, launchedAt }: { place: ServiceKeyPlace; key: GrantedServiceKey; launchedAt: Date | null },
): Promise<{ id: string; outcome: StoreOutcome }> {
  const held = (await lockServiceKey(trx, place)) ?? (await insertServiceKey(trx, keyRing, place, key, launchedAt));
  if ('outcome' in held) return held;
  const isSame = readSecret(keyRing, held) === key.secret && !grantsDiffer(held, key);
  const isOlder = launchedAt === null ? held.rejected_at === null && !isSame : launchedAt < held.launched_at;
  if (isOlder) return { id: held.id, outcome: 'older' };
  const wasRejected = held.rejected_at !== null;
  if (isSame && (launchedAt === null || !wasRejected)) {
    if (launchedAt) {
      await trx.raw('update service_keys set launched_at = ?, updated_at = now() where id = ?', [launchedAt, held.id]);
    }
    return { id: held.id, outcome: 'unchanged' };
  }
  await replaceServiceKey(trx, keyRing, held.id, key, launchedAt);
  return { id: held.id, outcome: 'stored' };
}

async function lockServiceKey(trx: Database, { context, resourceLink }: ServiceKeyPlace): Promise<HeldKey | undefined> {
  const [held] = await queryRows<HeldKey>(
    trx,
    `select id, encryption_key_id, ciphertext, assignment_and_grades, names_and_roles, scopes, launched_at, rejected_at
     from service_keys where context = ? and resource_link is not distinct from ?::uuid for update`,
    [context, resourceLink],
  );
  return held;
}

/** The uuid is made first, since the text is bound to it. When somebody else was faster, their key is locked instead. */
async function insertServiceKey(
  trx: Database,
  keyRing: KeyRing,
  place: ServiceKeyPlace,
  key: GrantedServiceKey,
  launchedAt: Date | null,
): Promise<{ id: string; outcome: StoreOutcome } | HeldKey> {
  const id = randomUUID();
  const inserted = await queryRows(
    trx,
    `insert into service_keys (id, context, resource_link, ciphertext, encryption_key_id, assignment_and_grades,
       names_and_roles, scopes, launched_at)
     values (:id, :context, :resourceLink, :ciphertext, :keyId, :assignmentAndGrades, :namesAndRoles, :scopes,
       coalesce(:launchedAt::timestamptz, now()))
     on conflict (context, resource_link) do nothing returning id`,
    { ...place, ...toColumns(keyRing, id, key), launchedAt },
  );
  if (inserted.length > 0) return { id, outcome: 'stored' };
  const held = await lockServiceKey(trx, place);
  if (!held) throw new Error('A service key that stood in the way cannot be found.');
  return held;
}

async function replaceServiceKey(
  trx: Database,
  keyRing: KeyRing,
  id: string,
  key: GrantedServiceKey,
  launchedAt: Date | null,
): Promise<void> {
  await trx.raw(
    `update service_keys set ciphertext = :ciphertext, encryption_key_id = :keyId,
       assignment_and_grades = :assignmentAndGrades, names_and_roles = :namesAndRoles, scopes = :scopes,
       launched_at = coalesce(:launchedAt::timestamptz, now()), rejected_at = null, updated_at = now()
     where id = :id`,
    { ...toColumns(keyRing, id, key), launchedAt },
  );
}

function toColumns(keyRing: KeyRing, id: string, key: GrantedServiceKey) {
  return {
    id,
    ...keyRing.encrypt(key.secret, id),
    assignmentAndGrades: key.assignmentAndGrades,
    namesAndRoles: key.namesAndRoles,
    scopes: key.scopes ? [...key.scopes] : null,
  };
}

/** Undefined when the encryption key is gone: such a service key is as good as none, and any other replaces it. */
function readSecret(keyRing: KeyRing, { id, encryption_key_id, ciphertext }: HeldKey): string | undefined {
  try {
    return keyRing.decrypt({ keyId: encryption_key_id, ciphertext }, id);
  } catch (error) {
    if (error instanceof DecryptionError) return undefined;
    throw error;
  }
}

function grantsDiffer(held: HeldKey, key: GrantedServiceKey): boolean {
  return (
    held.assignment_and_grades !== key.assignmentAndGrades ||
    held.names_and_roles !== key.namesAndRoles ||
    (key.scopes !== undefined && JSON.stringify(held.scopes) !== JSON.stringify(key.scopes))
  );
}

/** Whether a context has a key that can send scores. */
export async function hasUsableKey(trx: Database, context: string): Promise<boolean> {
  const sql = `select 1 from contexts c where c.id = ? and ${hasKeyFor('assignment_and_grades', 'c')}`;
  return (await queryRows(trx, sql, [context])).length > 0;
}
