import { queryRows, type Database } from '../server/knex.js';
import { KEY_IS_ALIVE } from './api-key.js';
import { insertAuditEntry } from './audit-entries.js';

/**
 * - `revoked`: it stays so, whatever the configuration says.
 * - `taken`: a key that was made through the API has this secret; it is left as it is.
 */
export type BootstrapOutcome = 'kept' | 'made' | 'revived' | 'revoked' | 'taken';

const REASON = 'BOOTSTRAP_API_KEY of the configuration';
const SCOPES = ['admin'];

interface Known {
  id: string;
  isBootstrap: boolean;
  isRevoked: boolean;
  isOver: boolean;
}

/**
 * An earlier bootstrap key is over when another is configured, not revoked: what was made with it stays, and it may come
 * back. Each of these is audited as a deed of the key itself, for nobody else does it.
 */
export async function setBootstrapKey(trx: Database, hash: Buffer, hint: string): Promise<BootstrapOutcome> {
  // Of processes that start at once, one makes it.
  await queryRows(trx, `select pg_advisory_xact_lock(hashtext('bootstrap key'))`);
  const [known] = await queryRows<Known>(
    trx,
    `select id, is_bootstrap as "isBootstrap", revoked_at is not null as "isRevoked", not (${KEY_IS_ALIVE}) as "isOver"
     from api_keys k where hash = :hash
     union all select api_key, false, false, false from former_api_secrets where hash = :hash`,
    { hash },
  );
  if (known && !known.isBootstrap) return 'taken';
  if (known?.isRevoked) return 'revoked';
  const id = known?.id ?? (await make(trx, hash, hint));
  if (known?.isOver) await queryRows(trx, `update api_keys set expires_at = null where id = :id`, { id });
  const ended = await endOthers(trx, id);
  const entry = { apiKey: id, reason: REASON };
  if (!known)
    await insertAuditEntry(trx, { ...entry, action: 'api-keys.create', subject: id, details: { scopes: SCOPES } });
  if (known?.isOver) await insertAuditEntry(trx, { ...entry, action: 'api-keys.revive', subject: id });
  for (const subject of ended) await insertAuditEntry(trx, { ...entry, action: 'api-keys.replace', subject });
  if (!known) return 'made';
  return known.isOver ? 'revived' : 'kept';
}

async function make(trx: Database, hash: Buffer, hint: string): Promise<string> {
  const [made] = await queryRows<{ id: string }>(
    trx,
    `insert into api_keys (name, hash, hint, scopes, is_bootstrap)
     values ('bootstrap', :hash, :hint, :scopes, true) returning id`,
    { hash, hint, scopes: SCOPES },
  );
  if (!made) throw new Error('The bootstrap key was not stored.');
  return made.id;
}

async function endOthers(trx: Database, apiKey: string): Promise<string[]> {
  const ended = await queryRows<{ id: string }>(
    trx,
    `update api_keys k set expires_at = now() where is_bootstrap and id <> :apiKey and ${KEY_IS_ALIVE} returning id`,
    { apiKey },
  );
  return ended.map(({ id }) => id);
}
