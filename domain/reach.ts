/**
 * Reach: what a key may see and do something to. A list of platforms, by their ids, and of deployments of other platforms; null
 * is all. It is one list of texts, so that it is handed on, stored and compared as one: an entry for a deployment begins with
 * a character that no platform id may begin with. In SQL it is asked by `db/access/reach.ts`.
 */
export type Reach = readonly string[] | null;

export interface DeploymentName {
  platformId: string;
  deploymentId: string;
}

const MARK = '\u001F';

/** The length, in code points, tells where the one id ends. */
function toEntry({ platformId, deploymentId }: DeploymentName): string {
  return `${MARK}${[...platformId].length}:${platformId}${deploymentId}`;
}

function readEntry(entry: string): DeploymentName | undefined {
  if (!entry.startsWith(MARK)) return undefined;
  const end = entry.indexOf(':');
  const [length, ids] = [Number(entry.slice(MARK.length, end)), [...entry.slice(end + 1)]];
  return { platformId: ids.slice(0, length).join(''), deploymentId: ids.slice(length).join('') };
}

/** What is left out is not limited by; both: null. */
export function toReach(
  platforms: readonly string[] | undefined,
  deployments: readonly DeploymentName[] | undefined,
): string[] | null {
  if (platforms === undefined && deployments === undefined) return null;
  const entries = (deployments ?? []).filter(({ platformId }) => !platforms?.includes(platformId)).map(toEntry);
  return [...new Set([...(platforms ?? []), ...entries])];
}

/** The same by names; each null where all is reached. */
export function namesOf(reach: Reach): { platforms: string[] | null; deployments: DeploymentName[] | null } {
  if (reach === null) return { platforms: null, deployments: null };
  const deployments = reach.flatMap((entry) => readEntry(entry) ?? []);
  return { platforms: reach.filter((entry) => !entry.startsWith(MARK)), deployments };
}

/** In a few words, for people. */
export function sayReach({ platforms, deployments }: ReturnType<typeof namesOf>): string {
  if (platforms === null || deployments === null) return 'all platforms';
  const some = deployments.map(({ platformId, deploymentId }) => `${platformId} (deployment ${deploymentId})`);
  return [...platforms, ...some].join(', ');
}

/** Whether all of a platform is reached. */
export function reachesPlatform(reach: Reach, platformId: string): boolean {
  return reach === null || (!platformId.startsWith(MARK) && reach.includes(platformId));
}

export function reachesDeployment(reach: Reach, name: DeploymentName): boolean {
  return reachesPlatform(reach, name.platformId) || (reach?.includes(toEntry(name)) ?? true);
}

/** What is reached of a platform without all of it: entries of its deployments. */
export function partsOf(reach: readonly string[], platformId: string): string[] {
  return reach.filter((entry) => readEntry(entry)?.platformId === platformId);
}

function reachesEntry(reach: Reach, entry: string): boolean {
  const name = readEntry(entry);
  return name ? reachesDeployment(reach, name) : reachesPlatform(reach, entry);
}

/** Whether the one reaches no further than the other. */
export function isWithin(one: Reach, other: Reach): boolean {
  return other === null || (one?.every((entry) => reachesEntry(other, entry)) ?? false);
}

/** What both reach. */
export function overlap(one: Reach, other: Reach): Reach {
  if (one === null || other === null) return one ?? other;
  const [ofOne, ofOther] = [
    one.filter((entry) => reachesEntry(other, entry)),
    other.filter((entry) => reachesEntry(one, entry)),
  ];
  return [...new Set([...ofOne, ...ofOther])];
}
