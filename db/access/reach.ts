/** Where a query asks what its caller reaches: the binding `platforms` is a reach (domain/reach.ts), null for all. */

const REACH = ':platforms::text[]';

/**
 * Whether a place is reached, by the ids of its platform and its deployment. The platforms come first and by themselves, so
 * that they are looked for by their index.
 */
export const isReached = (platformId = 'p.platform_id', deploymentId = 'd.deployment_id'): string =>
  `(${REACH} is null or (${platformId} = any (platforms_of_reach(${REACH}))
    and is_reached(${REACH}, ${platformId}, ${deploymentId})))`;

/** Whether what has this reach is seen whole. */
export const isWithinReach = (reach: string): string => `is_within_reach(${reach}, ${REACH})`;
