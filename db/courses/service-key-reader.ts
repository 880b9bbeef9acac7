import { queryRows, type Database } from '../server/knex.js';
import { isReached } from '../access/reach.js';
import { sealedPlace } from '../vault/sealed-columns.js';
import type { Sealed, Vault } from '../vault/vault.js';

/** A service key as shown to people, without the key. */
export interface ServiceKeySummary {
  id: string;
  context: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  resourceLinkId: string | null;
  assignmentAndGrades: boolean;
  namesAndRoles: boolean;
  scopes: string[] | null;
  launchedAt: Date;
  rejectedAt: Date | null;
  lastOkAt: Date | null;
  createdAt: Date;
}

export interface ServiceKeyFilter {
  platforms: readonly string[] | null;
  platformId?: string | undefined;
  deploymentId?: string | undefined;
  contextId?: string | undefined;
  /** The id of the last one seen. */
  after: string | null;
  limit: number;
}

type Visible = { id: string; platforms: readonly string[] | null };

export interface ServiceKeyReader {
  /** In the order of their ids. */
  list(filter: ServiceKeyFilter): Promise<ServiceKeySummary[]>;
  find(visible: Visible): Promise<ServiceKeySummary | undefined>;
  /** The key itself, for a call. @throws {DecryptionError} */
  reveal(id: string): Promise<string | undefined>;
  /** False when there is none that the caller may see. Attempts that used it keep its id. */
  delete(visible: Visible): Promise<boolean>;
}

export function createServiceKeyReader(db: Database, vault: Vault): ServiceKeyReader {
  return {
    list: (filter) => listServiceKeys(db, filter),
    find: (visible) => findServiceKey(db, visible),
    reveal: (id) => revealServiceKey(db, vault, id),
    delete: (visible) => deleteServiceKey(db, visible),
  };
}

const SUMMARY = `
select k.id, k.context, p.platform_id as "platformId", d.deployment_id as "deploymentId", c.context_id as "contextId",
  r.resource_link_id as "resourceLinkId", k.assignment_and_grades as "assignmentAndGrades",
  k.names_and_roles as "namesAndRoles", k.scopes, k.launched_at as "launchedAt", k.rejected_at as "rejectedAt",
  k.last_ok_at as "lastOkAt", k.created_at as "createdAt"
from service_keys k
join contexts c on c.id = k.context
join deployments d on d.id = c.deployment
join platforms p on p.id = d.platform
left join resource_links r on r.id = k.resource_link
where ${isReached()}`;

async function listServiceKeys(db: Database, filter: ServiceKeyFilter): Promise<ServiceKeySummary[]> {
  return queryRows(
    db,
    `${SUMMARY}
       and (:platformId::text is null or p.platform_id = :platformId)
       and (:deploymentId::text is null or d.deployment_id = :deploymentId)
       and (:contextId::text is null or c.context_id = :contextId)
       and (:after::uuid is null or k.id > :after::uuid)
     order by k.id limit :limit`,
    {
      platforms: filter.platforms && [...filter.platforms],
      platformId: filter.platformId ?? null,
      deploymentId: filter.deploymentId ?? null,
      contextId: filter.contextId ?? null,
      after: filter.after,
      limit: filter.limit,
    },
  );
}

async function findServiceKey(db: Database, { id, platforms }: Visible): Promise<ServiceKeySummary | undefined> {
  const sql = `${SUMMARY} and k.id = :id`;
  return (await queryRows<ServiceKeySummary>(db, sql, { id, platforms: platforms && [...platforms] }))[0];
}

async function revealServiceKey(db: Database, vault: Vault, id: string): Promise<string | undefined> {
  const sql = 'select context, data_key as "dataKey", ciphertext from service_keys where id = ?';
  const [row] = await queryRows<Sealed & { context: string }>(db, sql, [id]);
  if (!row) return undefined;
  const opener = await vault.opener(db, [row.dataKey]);
  return opener.open(row, sealedPlace('serviceKey', id, row.context));
}

async function deleteServiceKey(db: Database, visible: Visible): Promise<boolean> {
  if (!(await findServiceKey(db, visible))) return false;
  return (await queryRows(db, 'delete from service_keys where id = ? returning id', [visible.id])).length > 0;
}
