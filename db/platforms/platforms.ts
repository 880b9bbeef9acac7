import type { Knex } from 'knex';
import type { LmsFamily, PlatformLimits } from '../../domain/platform.js';
import { queryRows, type Database } from '../server/knex.js';

export interface DeploymentState {
  id: string;
  deploymentId: string;
  /** Calls at once: what is allowed now, lowered after throttling, and at most. */
  inFlightCap: number;
  inFlightMax: number;
  ratePerSecond: number | null;
  breaker: 'closed' | 'open' | 'halfOpen';
  breakerType: string | null;
  breakerOpenedAt: string | null;
  blockedUntil: string | null;
}

export interface Platform {
  id: string;
  platformId: string;
  url: string | null;
  productFamilyCode: string | null;
  family: LmsFamily;
  familySetBy: 'guess' | 'operator';
  deployments: DeploymentState[];
  createdAt: Date;
}

export interface PlatformChange {
  /** Our uuid. */
  id: string;
  /** Null gives the family back to guessing at the next launch. */
  family?: LmsFamily | null | undefined;
  limits?: Partial<PlatformLimits> | undefined;
  /** The LTI id of the deployment whose limits are meant; without it, all. */
  deploymentId?: string | undefined;
}

interface PlatformPage {
  /** The platform ids that the caller may see; null: all. */
  platforms: readonly string[] | null;
  limit: number;
  /** The platform id of the last one seen. */
  after: string | null;
}

export interface Platforms {
  /** In the order of their platform ids. */
  list(page: PlatformPage): Promise<Platform[]>;
  find(visible: { id: string; platforms: readonly string[] | null }): Promise<Platform | undefined>;
  /** Sets family and limits; what is left out stays. The new maximum holds at once. */
  change(change: PlatformChange): Promise<void>;
  /** Closes the breakers of a platform and ends the pauses that it asked for: calls begin at once. */
  resume(id: string): Promise<void>;
}

export function createPlatforms(db: Knex): Platforms {
  return {
    list: (page) => listPlatforms(db, page),
    find: (visible) => findPlatform(db, visible),
    change: (change) => db.transaction((trx) => changePlatform(trx, change)),
    resume: (id) => resumePlatform(db, id),
  };
}

const SELECT = `
select p.id, p.platform_id as "platformId", p.url, p.product_family_code as "productFamilyCode", p.family,
  p.family_set_by as "familySetBy", p.created_at as "createdAt",
  coalesce(json_agg(json_build_object(
    'id', d.id, 'deploymentId', d.deployment_id, 'inFlightCap', l.in_flight_cap, 'inFlightMax', l.in_flight_max,
    'ratePerSecond', l.rate_per_second, 'breaker', l.breaker, 'breakerType', l.breaker_type,
    'breakerOpenedAt', l.breaker_opened_at, 'blockedUntil', case when l.blocked_until > now() then l.blocked_until end
  ) order by d.created_at, d.id) filter (where l.deployment is not null), '[]') as deployments
from platforms p
left join deployments d on d.platform = p.id
left join platform_limits l on l.deployment = d.id
where (:platforms::text[] is null or p.platform_id = any (:platforms::text[]))`;

async function listPlatforms(db: Database, { platforms, limit, after }: PlatformPage): Promise<Platform[]> {
  return queryRows(
    db,
    `${SELECT} and (:after::text is null or p.platform_id > :after) group by p.id order by p.platform_id limit :limit`,
    { platforms: platforms && [...platforms], after, limit },
  );
}

async function findPlatform(
  db: Database,
  { id, platforms }: { id: string; platforms: readonly string[] | null },
): Promise<Platform | undefined> {
  const bindings = { id, platforms: platforms && [...platforms] };
  return (await queryRows<Platform>(db, `${SELECT} and p.id = :id group by p.id`, bindings))[0];
}

async function changePlatform(trx: Database, { id, family, limits, deploymentId }: PlatformChange): Promise<void> {
  if (family !== undefined) {
    await trx.raw(
      `update platforms set family = coalesce(:family, family), updated_at = now(),
         family_set_by = case when :family::text is null then 'guess' else 'operator' end where id = :id`,
      { id, family },
    );
  }
  const { inFlightMax = null, ratePerSecond } = limits ?? {};
  if (inFlightMax === null && ratePerSecond === undefined) return;
  await trx.raw(
    `update platform_limits l set
       in_flight_max = coalesce(:inFlightMax::int, l.in_flight_max),
       in_flight_cap = coalesce(:inFlightMax::int, l.in_flight_cap),
       rate_per_second = case when :setsRate::boolean then :ratePerSecond::real else l.rate_per_second end,
       cap_changed_at = now()
     from deployments d
     where d.id = l.deployment and d.platform = :id
       and (:deploymentId::text is null or d.deployment_id = :deploymentId)`,
    {
      id,
      inFlightMax,
      setsRate: ratePerSecond !== undefined,
      ratePerSecond: ratePerSecond ?? null,
      deploymentId: deploymentId ?? null,
    },
  );
}

async function resumePlatform(trx: Database, id: string): Promise<void> {
  await trx.raw(
    `update platform_limits l set breaker = 'closed', breaker_type = null, breaker_opened_at = null,
       breaker_times = 0, failures_in_row = 0, blocked_until = null, probe_until = null
     from deployments d where d.id = l.deployment and d.platform = ?`,
    [id],
  );
}

/** When the guess of the product changes, limits that nobody altered follow it. */
export async function changeFamilyLimits(
  trx: Database,
  { platform, from, to }: { platform: string; from: PlatformLimits; to: PlatformLimits },
): Promise<void> {
  await trx.raw(
    `update platform_limits l set in_flight_max = :toMax, in_flight_cap = least(l.in_flight_cap, :toMax),
       rate_per_second = :toRate, cap_changed_at = now()
     from deployments d
     where d.id = l.deployment and d.platform = :platform and l.in_flight_max = :fromMax
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
