import { queryRows, type Database } from '../server/knex.js';
import { KEY_IS_ALIVE, shownTo, withAllMadeBy, type ApiKey } from './api-key.js';
import { insertAuditEntry, type AuditDeed } from './audit-entries.js';
import { isWithinReach } from './reach.js';

export interface Rotation {
  id: string;
  /** SHA-256 of the new secret. */
  hash: Buffer;
  hint: string;
  /** What the present secret, and those before it, have left at most. */
  overlapHours: number;
  /** Of whoever asks for it, and what that one may see. */
  apiKey: string;
  platforms: readonly string[] | null;
  audit: AuditDeed;
}

/**
 * - `configured`: its secret is what the configuration says.
 * - `foreign`: who asks has not made it. Whoever rotates a key holds it, and would pass for its owner.
 */
export type RotationOutcome = { kind: 'rotated'; key: ApiKey } | { kind: 'notFound' | 'configured' | 'foreign' };

interface Rotated {
  hash: Buffer;
  isConfigured: boolean;
  isOwn: boolean;
}

/** The key stays who it is: id, scopes, limits, lineage. Sessions end no later than the secret that they were opened with. */
export async function rotateKey(trx: Database, rotation: Rotation): Promise<RotationOutcome> {
  const { id, apiKey, platforms, overlapHours, hash, hint, audit } = rotation;
  const [found] = await queryRows<Rotated>(
    trx,
    `select k.hash, k.is_bootstrap as "isConfigured",
       exists (${withAllMadeBy(':apiKey::uuid')} select from made where made.id = k.id) as "isOwn"
     from api_keys k where k.id = :id and ${KEY_IS_ALIVE} and ${isWithinReach('k.platforms')} for update`,
    { id, apiKey, platforms: platforms && [...platforms] },
  );
  if (!found) return { kind: 'notFound' };
  if (found.isConfigured) return { kind: 'configured' };
  if (!found.isOwn) return { kind: 'foreign' };
  await queryRows(trx, `insert into former_api_secrets (hash, api_key, expires_at) values (:hash, :id, 'infinity')`, {
    id,
    hash: found.hash,
  });
  for (const table of ['former_api_secrets', 'console_sessions']) {
    const sql = `update ${table} set expires_at = least(expires_at, now() + make_interval(hours => :overlapHours))
      where api_key = :id`;
    await queryRows(trx, sql, { id, overlapHours });
  }
  const [key] = await queryRows<ApiKey>(
    trx,
    `with k as (update api_keys set hash = :hash, hint = :hint, rotated_at = now() where id = :id returning *)
     select ${shownTo(isWithinReach('m.platforms'))} from k`,
    { id, hash, hint, platforms: platforms && [...platforms] },
  );
  if (!key) throw new Error('The key is gone.');
  await insertAuditEntry(trx, { ...audit, subject: id, details: { overlapHours } });
  return { kind: 'rotated', key };
}
