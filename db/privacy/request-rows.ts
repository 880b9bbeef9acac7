/** The rows of requests for persons: how they begin, are carried on, and are shown. */
import type { Knex } from 'knex';
import type { PersonProgress, PersonRequestKind } from '../../domain/person-request.js';
import { isReached } from '../access/reach.js';
import { queryRows, type Database } from '../server/knex.js';
import { sealedPlace } from '../vault/sealed-columns.js';
import type { Vault } from '../vault/vault.js';
import type { Advance, OpenRequest } from './advance-erasure.js';
import type { PersonDigests } from './person-digests.js';
import type { NamedPerson, NewPersonRequest, PersonProblem, PersonRequest } from './person-requests.js';

/** How long the document of an export is kept. */
export const EXPORT_KEPT = `interval '1 day'`;
/** Nothing says whose it was any more. */
const ENDED = 'ended_at = now(), subject = null, data_key = null';

export interface PersonPlace {
  /** Our uuids. */
  platform: string;
  deployment: string | null;
}

export async function findPlace(
  db: Database,
  { platformId, deploymentId, platforms }: Omit<NamedPerson, 'userId'>,
): Promise<PersonPlace | { problem: PersonProblem }> {
  const [found] = await queryRows<PersonPlace & { isReached: boolean }>(
    db,
    `select p.id as platform, d.id as deployment, ${isReached('p.platform_id', ':deploymentId')} as "isReached"
     from platforms p left join deployments d on d.platform = p.id and d.deployment_id = :deploymentId
     where p.platform_id = :platformId
       and (:platforms::text[] is null or p.platform_id = any (platforms_of_reach(:platforms::text[])))`,
    { platformId, deploymentId: deploymentId ?? null, platforms: platforms && [...platforms] },
  );
  if (!found) return { problem: 'unknownPlatform' };
  // Who reaches some deployments of a platform names one of them.
  if (!found.isReached || (deploymentId !== undefined && found.deployment === null))
    return { problem: 'unknownDeployment' };
  return { platform: found.platform, deployment: found.deployment };
}

export async function beginRequest(
  trx: Knex.Transaction,
  { vault, digests }: { vault: Vault; digests: PersonDigests },
  { id, kind, apiKey, reason, userId, ...where }: NewPersonRequest,
): Promise<PersonRequest | { problem: PersonProblem }> {
  const place = await findPlace(trx, where);
  if ('problem' in place) return place;
  const sealer = await vault.lockSealer(trx, null);
  const { dataKey, ciphertext } = sealer.seal(userId, sealedPlace('personSubject', id, place.platform));
  const step = kind === 'erase' ? 'settle' : 'collect';
  await trx.raw(
    `insert into person_requests (id, kind, platform, deployment, subject, data_key, api_key, reason, step)
     values (:id, :kind, :platform, :deployment, :ciphertext, :dataKey, :apiKey, :reason, :step)`,
    { ...place, id, kind, ciphertext, dataKey, apiKey, reason, step },
  );
  if (kind === 'erase') {
    const [digest = ''] = await digests.of(trx, [{ platform: place.platform, userId }]);
    await trx.raw(
      `insert into person_tombstones (platform, deployment, digest, request)
       values (:platform, :deployment, decode(:digest, 'hex'), :request) on conflict do nothing`,
      { ...place, digest, request: id },
    );
  }
  const begun = await findRequest(trx, { id, platforms: null });
  if (!begun) throw new Error('A request that was stored a moment ago cannot be found again.');
  return begun;
}

/** The request, for this transaction alone; undefined when it has ended, or never was. */
export async function lockOpen(
  trx: Knex.Transaction,
  vault: Vault,
  id: string,
): Promise<(OpenRequest & { kind: PersonRequestKind }) | undefined> {
  type Row = Omit<OpenRequest, 'userId'> & { kind: PersonRequestKind; ciphertext: Buffer; dataKey: string };
  const [row] = await queryRows<Row>(
    trx,
    `select r.id as request, r.kind, r.platform, r.deployment, p.platform_id as "platformId", r.step,
       r.next_page as after, r.round, r.created_at as "createdAt", r.subject as ciphertext, r.data_key as "dataKey"
     from person_requests r join platforms p on p.id = r.platform
     where r.id = ? and r.ended_at is null for update of r`,
    [id],
  );
  if (!row) return undefined;
  const { ciphertext, dataKey, ...open } = row;
  const opener = await vault.opener(trx, [dataKey]);
  return { ...open, userId: opener.open({ dataKey, ciphertext }, sealedPlace('personSubject', id, row.platform)) };
}

/** Adds the counts of a page, and where the next one begins. */
export async function notePage(
  trx: Knex.Transaction,
  id: string,
  { to, counts, inFlight }: Advance,
): Promise<PersonProgress> {
  const [row] = await queryRows<PersonProgress>(
    trx,
    `update person_requests set step = coalesce(:step, step), next_page = coalesce(:after, next_page),
       round = coalesce(:round, round), in_flight = :inFlight, updated_at = now(),
       counts = counts || coalesce((select jsonb_object_agg(n.key, n.value::int + coalesce((counts ->> n.key)::int, 0))
         from jsonb_each_text(:counts::jsonb) n where n.value::int > 0), '{}')
       ${to === null ? `, state = 'completed', ${ENDED}` : ''}
     where id = :id returning state, step, counts, in_flight as "inFlight"`,
    {
      ...{ id, inFlight, counts: JSON.stringify(counts) },
      ...{ step: to?.step ?? null, after: to?.after ?? null, round: to?.round ?? null },
    },
  );
  if (!row) throw new Error('A request is gone while it is under way.');
  return row;
}

export async function endAsFailed(db: Database, id: string, code: string): Promise<void> {
  await db.raw(
    `update person_requests set state = 'failed', failure = ?, updated_at = now(), ${ENDED} where id = ? and state = 'running'`,
    [code, id],
  );
}

export async function findRequest(
  db: Database,
  { id, platforms }: { id: string; platforms: readonly string[] | null },
): Promise<PersonRequest | undefined> {
  const [row] = await queryRows<PersonRequest>(db, FIND, { id, platforms: platforms && [...platforms] });
  return row;
}

const FIND = `
select r.id, r.kind, p.platform_id as "platformId", d.deployment_id as "deploymentId", r.reason, r.state, r.step,
  r.counts, r.in_flight as "inFlight", r.failure, r.created_at as "createdAt", r.updated_at as "updatedAt",
  r.ended_at as "endedAt",
  case when r.kind = 'export' and r.state = 'completed' and r.ended_at > now() - ${EXPORT_KEPT}
    then r.ended_at + ${EXPORT_KEPT} end as "documentUntil",
  coalesce((select json_agg(json_build_object('lineItem', l.id, 'lineItemId', l.line_item_id, 'label', l.label,
      'contextId', c.context_id, 'deploymentId', n.deployment_id, 'isCertain', k.is_certain) order by c.id, l.id)
    from person_request_columns k join line_items l on l.id = k.line_item join contexts c on c.id = l.context
    join deployments n on n.id = c.deployment where k.request = r.id), '[]') as columns
from person_requests r join platforms p on p.id = r.platform left join deployments d on d.id = r.deployment
where r.id = :id and ${isReached()}`;
