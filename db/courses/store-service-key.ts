import { randomUUID } from 'node:crypto';
import { DecryptionError } from '../vault/decryption-error.js';
import { sealedPlace } from '../vault/sealed-columns.js';
import type { Sealed, Vault } from '../vault/vault.js';
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
  /** Our uuids. */
  platform: string;
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
  context: string;
  data_key: string;
  ciphertext: Buffer;
  assignment_and_grades: boolean;
  names_and_roles: boolean;
  scopes: string[] | null;
  launched_at: Date;
  rejected_at: Date | null;
}

/**
 * Keeps the key of the newest launch of a place; an equal time replaces. Without `launchedAt` (a key from elsewhere whose
 * age nobody knows) it takes the place of no key, and of one that is rejected or was altered only. Repeating is safe.
 * @throws {DecryptionError} when the platform's data key cannot be had
 */
export async function storeServiceKey(
  trx: Database,
  vault: Vault,
  { place, key, launchedAt }: { place: ServiceKeyPlace; key: GrantedServiceKey; launchedAt: Date | null },
): Promise<{ id: string; outcome: StoreOutcome }> {
  const held = (await lockServiceKey(trx, place)) ?? (await insertServiceKey(trx, vault, place, key, launchedAt));
  if ('outcome' in held) return held;
  const secret = await readSecret(trx, vault, held);
  const isSame = secret === key.secret && !grantsDiffer(held, key);
  const mayWork = held.rejected_at === null && secret !== undefined;
  const isOlder = launchedAt === null ? mayWork && !isSame : launchedAt < held.launched_at;
  if (isOlder) return { id: held.id, outcome: 'older' };
  const wasRejected = held.rejected_at !== null;
  if (isSame && (launchedAt === null || !wasRejected)) {
    if (launchedAt) {
      await trx.raw('update service_keys set launched_at = ?, updated_at = now() where id = ?', [launchedAt, held.id]);
    }
    return { id: held.id, outcome: 'unchanged' };
  }
  await replaceServiceKey(trx, vault, { ...place, id: held.id }, key, launchedAt);
  return { id: held.id, outcome: 'stored' };
}

async function lockServiceKey(trx: Database, { context, resourceLink }: ServiceKeyPlace): Promise<HeldKey | undefined> {
  const [held] = await queryRows<HeldKey>(
    trx,
    `select id, context, data_key, ciphertext, assignment_and_grades, names_and_roles, scopes, launched_at, rejected_at
     from service_keys where context = ? and resource_link is not distinct from ?::uuid for update`,
    [context, resourceLink],
  );
  return held;
}

/** The uuid is made first, since the text is bound to it. When somebody else was faster, their key is locked instead. */
async function insertServiceKey(
  trx: Database,
  vault: Vault,
  place: ServiceKeyPlace,
  key: GrantedServiceKey,
  launchedAt: Date | null,
): Promise<{ id: string; outcome: StoreOutcome } | HeldKey> {
  const id = randomUUID();
  const columns = await toColumns(trx, vault, { ...place, id }, key);
  const inserted = await queryRows(
    trx,
    `insert into service_keys (id, context, resource_link, ciphertext, data_key, assignment_and_grades,
       names_and_roles, scopes, launched_at)
     values (:id, :context, :resourceLink, :ciphertext, :dataKey, :assignmentAndGrades, :namesAndRoles, :scopes,
       coalesce(:launchedAt::timestamptz, now()))
     on conflict (context, resource_link) do nothing returning id`,
    { context: place.context, resourceLink: place.resourceLink, ...columns, launchedAt },
  );
  if (inserted.length > 0) return { id, outcome: 'stored' };
  const held = await lockServiceKey(trx, place);
  if (!held) throw new Error('A service key that stood in the way cannot be found.');
  return held;
}

async function replaceServiceKey(
  trx: Database,
  vault: Vault,
  held: ServiceKeyPlace & { id: string },
  key: GrantedServiceKey,
  launchedAt: Date | null,
): Promise<void> {
  await trx.raw(
    `update service_keys set ciphertext = :ciphertext, data_key = :dataKey,
       assignment_and_grades = :assignmentAndGrades, names_and_roles = :namesAndRoles, scopes = :scopes,
       launched_at = coalesce(:launchedAt::timestamptz, now()), rejected_at = null, updated_at = now()
     where id = :id`,
    { ...(await toColumns(trx, vault, held, key)), launchedAt },
  );
}

async function toColumns(
  trx: Database,
  vault: Vault,
  { platform, context, id }: ServiceKeyPlace & { id: string },
  key: GrantedServiceKey,
) {
  const sealer = await vault.lockSealer(trx, platform);
  return {
    id,
    ...sealer.seal(key.secret, sealedPlace('serviceKey', id, context)),
    assignmentAndGrades: key.assignmentAndGrades,
    namesAndRoles: key.namesAndRoles,
    scopes: key.scopes ? [...key.scopes] : null,
  };
}

/** Undefined: it was altered, so no call can be made with it; only the key of a launch mends that. */
async function readSecret(trx: Database, vault: Vault, held: HeldKey): Promise<string | undefined> {
  const sealed: Sealed = { dataKey: held.data_key, ciphertext: held.ciphertext };
  const opener = await vault.opener(trx, [held.data_key]);
  try {
    return opener.open(sealed, sealedPlace('serviceKey', held.id, held.context));
  } catch (error) {
    if (error instanceof DecryptionError && error.fault === 'altered') return undefined;
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
