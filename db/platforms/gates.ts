/** Gates: what shares limits and breaker. Made when a deployment is first seen, regrouped when it is to be another. */
import type { LimitBy, PlatformLimits } from '../../domain/platform.js';
import { queryRows, type Database } from '../server/knex.js';

/** The gate that a deployment passes through, by our uuid: found, or made with these limits. */
export async function findOrMakeGate(
  trx: Database,
  place: { platform: string; deploymentId: string; limitBy: LimitBy },
  { inFlightMax, ratePerSecond }: PlatformLimits,
): Promise<string> {
  const bindings = {
    platform: place.platform,
    name: place.limitBy === 'deployment' ? place.deploymentId : null,
    inFlightMax,
    ratePerSecond,
  };
  const find = async (): Promise<string | undefined> =>
    (
      await queryRows<{ id: string }>(
        trx,
        'select id from gates where platform = :platform and deployment_id is not distinct from :name::text',
        bindings,
      )
    )[0]?.id;
  const held = await find();
  if (held !== undefined) return held;
  await trx.raw(
    `insert into gates (platform, deployment_id, in_flight_cap, in_flight_max, rate_per_second)
     values (:platform, :name, :inFlightMax, :inFlightMax, :ratePerSecond) on conflict do nothing`,
    bindings,
  );
  const made = await find();
  if (made === undefined) throw new Error('A gate that was made in this transaction cannot be found again.');
  return made;
}

/**
 * Has the deployments of a platform share their limits, or not, from now on. A gate that is made for it begins with the
 * limits, and the pause, of the one that its deployments passed through before. Repeating it changes nothing.
 */
export async function regroup(trx: Database, platform: string, limitBy: LimitBy): Promise<void> {
  await trx.raw(
    `with named as (
       select d.*, case when :limitBy = 'deployment' then d.deployment_id end as name
       from deployments d where d.platform = :platform
     )
     insert into gates (platform, deployment_id, in_flight_cap, in_flight_max, rate_per_second, blocked_until)
     select distinct on (n.name) n.platform, n.name, g.in_flight_max, g.in_flight_max, g.rate_per_second, g.blocked_until
     from named n join gates g on g.id = n.gate
     order by n.name, n.created_at, n.id
     on conflict do nothing`,
    { platform, limitBy },
  );
  await trx.raw(
    `update deployments d set gate = g.id from gates g
     where d.platform = :platform and g.platform = d.platform and d.gate <> g.id
       and g.deployment_id is not distinct from case when :limitBy = 'deployment' then d.deployment_id end`,
    { platform, limitBy },
  );
  // What is being sent stays with the gate whose lane it was claimed under, until its end is recorded.
  await trx.raw(
    `update score_queue q set gate = d.gate from contexts c join deployments d on d.id = c.deployment
     where d.platform = :platform and q.context = c.id and q.gate <> d.gate and not q.is_claimed`,
    { platform },
  );
}
