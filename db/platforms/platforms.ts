import type { Knex } from 'knex';
import { limitByOf, type LimitBy, type LmsFamily, type PlatformLimits } from '../../domain/platform.js';
import { instantText } from '../server/instant-text.js';
import { queryRows, type Database } from '../server/knex.js';
import { regroup } from './gates.js';
import { pauseAsJson, type Paused } from './pausing.js';
import { isReached } from '../access/reach.js';

export interface DeploymentState {
  id: string;
  deploymentId: string;
  /** Our uuid of what shares these limits and this breaker. */
  gate: string;
  /** Calls at once: what is allowed now, lowered after throttling, and at most. */
  inFlightCap: number;
  inFlightMax: number;
  ratePerSecond: number | null;
  breaker: 'closed' | 'open' | 'halfOpen';
  breakerType: string | null;
  breakerSince: string | null;
  blockedUntil: string | null;
  /** By hand, the deployment itself. */
  paused: Paused | null;
}

export interface Platform {
  id: string;
  platformId: string;
  url: string | null;
  productFamilyCode: string | null;
  family: LmsFamily;
  familySetBy: 'guess' | 'operator';
  /** What shares limits and breaker, as an operator set it; null: as the family has it. */
  limitBy: LimitBy | null;
  /** By hand, all of it. */
  paused: Paused | null;
  deployments: DeploymentState[];
  createdAt: Date;
}

export interface PlatformChange {
  /** Our uuid. */
  id: string;
  /** Null gives the family back to guessing at the next launch. */
  family?: LmsFamily | null | undefined;
  /** Null: as the family has it. */
  limitBy?: LimitBy | null | undefined;
  limits?: Partial<PlatformLimits> | undefined;
  /** The LTI id of a deployment: the limits of its gate are meant; without it, those of all. */
  deploymentId?: string | undefined;
}

interface PlatformPage {
  /** The platform ids that the caller may see; null: all. */
  platforms: readonly string[] | null;
  /** Only this one. */
  platformId?: string | undefined;
  limit: number;
  /** The platform id of the last one seen. */
  after: string | null;
}

export interface Platforms {
  /** In the order of their platform ids. */
  list(page: PlatformPage): Promise<Platform[]>;
  find(visible: { id: string; platforms: readonly string[] | null }): Promise<Platform | undefined>;
  /** The one that a deployment, by our uuid, is of. */
  findOfDeployment(visible: { deployment: string; platforms: readonly string[] | null }): Promise<Platform | undefined>;
  /** Its courses, by our uuid. */
  countContexts(visible: { id: string; platforms: readonly string[] | null }): Promise<number>;
  /** Sets family, limits and what shares them; what is left out stays. The new maximum holds at once. */
  change(change: PlatformChange): Promise<void>;
}

export function createPlatforms(db: Knex): Platforms {
  return {
    list: (page) => listPlatforms(db, page),
    find: (visible) => findPlatform(db, visible),
    findOfDeployment: (visible) => findPlatformOfDeployment(db, visible),
    async countContexts({ id, platforms }) {
      const bindings = { id, platforms: platforms && [...platforms] };
      const [counted] = await queryRows<{ count: number }>(db, COUNT_CONTEXTS, bindings);
      return counted?.count ?? 0;
    },
    change: (change) => db.transaction((trx) => changePlatform(trx, change)),
  };
}

const SELECT = `
select p.id, p.platform_id as "platformId", p.url, p.product_family_code as "productFamilyCode", p.family,
  p.family_set_by as "familySetBy", p.limit_by as "limitBy", p.created_at as "createdAt",
  ${pauseAsJson('platform', 'p.id')} as paused,
  coalesce(json_agg(json_build_object(
    'id', d.id, 'deploymentId', d.deployment_id, 'gate', l.id, 'inFlightCap', l.in_flight_cap, 'inFlightMax', l.in_flight_max,
    'ratePerSecond', l.rate_per_second, 'breaker', l.breaker, 'breakerType', l.breaker_type,
     'breakerSince', ${instantText('l.breaker_opened_at')},
     'blockedUntil', case when l.blocked_until > now() then ${instantText('l.blocked_until')} end,
     'paused', ${pauseAsJson('deployment', 'd.id')}
  ) order by d.created_at, d.id) filter (where d.id is not null), '[]') as deployments
from platforms p
left join deployments d on d.platform = p.id
left join gates l on l.id = d.gate
where ${isReached()}`;

const COUNT_CONTEXTS = `
select count(*)::int as count from contexts c join deployments d on d.id = c.deployment 
join platforms p on p.id = d.platform where p.id = :id and ${isReached()}`;

async function listPlatforms(db: Database, { platforms, platformId, limit, after }: PlatformPage): Promise<Platform[]> {
  return queryRows(
    db,
    `${SELECT} and (:after::text is null or p.platform_id > :after)
       and (:platformId::text is null or p.platform_id = :platformId)
     group by p.id order by p.platform_id limit :limit`,
    { platforms: platforms && [...platforms], platformId: platformId ?? null, after, limit },
  );
}

async function findPlatform(
  db: Database,
  { id, platforms }: { id: string; platforms: readonly string[] | null },
): Promise<Platform | undefined> {
  const bindings = { id, platforms: platforms && [...platforms] };
  return (await queryRows<Platform>(db, `${SELECT} and p.id = :id group by p.id`, bindings))[0];
}

async function findPlatformOfDeployment(
  db: Database,
  { deployment, platforms }: { deployment: string; platforms: readonly string[] | null },
): Promise<Platform | undefined> {
  const id = 'select o.platform from deployments o where o.id = :deployment';
  const bindings = { deployment, platforms: platforms && [...platforms] };
  return (await queryRows<Platform>(db, `${SELECT} and p.id = (${id}) group by p.id`, bindings))[0];
}

async function changePlatform(
  trx: Database,
  { id, family, limitBy, limits, deploymentId }: PlatformChange,
): Promise<void> {
  if (family !== undefined) {
    await trx.raw(
      `update platforms set family = coalesce(:family, family), updated_at = now(),
         family_set_by = case when :family::text is null then 'guess' else 'operator' end where id = :id`,
      { id, family },
    );
  }
  if (limitBy !== undefined) await trx.raw('update platforms set limit_by = :limitBy where id = :id', { id, limitBy });
  if (family !== undefined || limitBy !== undefined) {
    const [now] = await queryRows<{ family: LmsFamily; limitBy: LimitBy | null }>(
      trx,
      'select family, limit_by as "limitBy" from platforms where id = ?',
      [id],
    );
    if (now) await regroup(trx, id, now.limitBy ?? limitByOf(now.family));
  }
  const { inFlightMax = null, ratePerSecond } = limits ?? {};
  if (inFlightMax === null && ratePerSecond === undefined) return;
  await trx.raw(
    `update gates l set
       in_flight_max = coalesce(:inFlightMax::int, l.in_flight_max),
       in_flight_cap = coalesce(:inFlightMax::int, l.in_flight_cap),
       rate_per_second = case when :setsRate::boolean then :ratePerSecond::real else l.rate_per_second end,
       cap_changed_at = now()
     where l.id in (select d.gate from deployments d
       where d.platform = :id and (:deploymentId::text is null or d.deployment_id = :deploymentId))`,
    {
      id,
      inFlightMax,
      setsRate: ratePerSecond !== undefined,
      ratePerSecond: ratePerSecond ?? null,
      deploymentId: deploymentId ?? null,
    },
  );
}

/** Of all its gates, and ends the waits that it asked for: calls begin at once. */
export async function closeBreakers(trx: Database, id: string): Promise<void> {
  await trx.raw(
    `update gates l set breaker = 'closed', breaker_type = null, breaker_opened_at = null,
       breaker_times = 0, failures_in_row = 0, blocked_until = null, probe_until = null
     where l.platform = ?`,
    [id],
  );
}

/** When the guess of the product changes, limits that nobody altered follow it. */
export async function changeFamilyLimits(
  trx: Database,
  { platform, from, to }: { platform: string; from: PlatformLimits; to: PlatformLimits },
): Promise<void> {
  await trx.raw(
    `update gates l set in_flight_max = :toMax, in_flight_cap = least(l.in_flight_cap, :toMax),
       rate_per_second = :toRate, cap_changed_at = now()
     where l.platform = :platform and l.in_flight_max = :fromMax
       and l.rate_per_second is not distinct from :fromRate::real`,
    {
      platform,
      fromMax: from.inFlightMax,
      fromRate: from.ratePerSecond,
      toMax: to.inFlightMax,
      toRate: to.ratePerSecond,
    },
  );
}
