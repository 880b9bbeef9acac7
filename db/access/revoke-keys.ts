import { queryRows, type Database } from '../server/knex.js';
import { withAllMadeBy } from './api-key.js';
import { insertAuditEntry, type AuditDeed } from './audit-entries.js';
import { isWithinReach } from './reach.js';

export interface Revocation {
  id: string;
  /** What whoever asks for it may see. */
  platforms: readonly string[] | null;
  audit: AuditDeed;
}

/** Keys reach no further than their makers, so who sees the first sees all. */
export async function revokeKeys(trx: Database, revocation: Revocation): Promise<string[]> {
  const { id, platforms, audit } = revocation;
  const [first] = await queryRows<{ id: string }>(
    trx,
    `select k.id from api_keys k where k.id = :id and k.revoked_at is null and ${isWithinReach('k.platforms')} for update`,
    { id, platforms: platforms && [...platforms] },
  );
  if (!first) return [];
  const ended = await endAllOf(trx, id);
  await queryRows(
    trx,
    `update console_sessions set revoked_at = now() where api_key = any (:ended) and revoked_at is null`,
    {
      ended,
    },
  );
  await queryRows(trx, `delete from idempotency_keys where api_key = any (:ended)`, { ended });
  for (const subject of ended) {
    const details = subject === first.id ? { alsoRevoked: ended.length - 1 } : { madeBy: first.id };
    await insertAuditEntry(trx, { ...audit, subject, details });
  }
  return ended;
}

/** A key that was being made with one of these is there when its maker's row is ours: so it is looked again, until none is left. */
async function endAllOf(trx: Database, id: string): Promise<string[]> {
  const ended: string[] = [];
  for (;;) {
    const living = await queryRows<{ id: string }>(
      trx,
      `${withAllMadeBy(':id::uuid')} select k.id from api_keys k join made on made.id = k.id
       where k.revoked_at is null order by k.id for update of k`,
      { id },
    );
    if (living.length === 0) return ended;
    const ids = living.map((key) => key.id);
    await queryRows(trx, `update api_keys set revoked_at = now() where id = any (:ids)`, { ids });
    ended.push(...ids);
  }
}
