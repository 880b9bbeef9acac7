import { ControlError } from './control-error.js';
import type { Launch, LineItem, SandboxContext, SandboxPlatform } from './model.js';

/** Names a course; the platform matters only where two have a course of the same id. */
export interface ContextRef {
  contextId: string;
  platformId?: string;
  deploymentId?: string;
}

export interface PlatformRef {
  platformId: string;
  deploymentId?: string;
}

/** Everything that LTIAAS and the LMSes remember, in memory. `get…` throws a ControlError when there is no such thing. */
export interface Store {
  platforms(): SandboxPlatform[];
  contexts(): SandboxContext[];
  launches(): Iterable<Launch>;
  addPlatform(platform: SandboxPlatform): void;
  addContext(context: SandboxContext): void;
  addLineItem(lineItem: LineItem): void;
  addLaunch(launch: Launch): void;
  getPlatform(ref: PlatformRef): SandboxPlatform;
  getContext(ref: ContextRef): SandboxContext;
  findLineItem(id: string): LineItem | undefined;
  getLineItem(id: string): LineItem;
  findByLtik(ltik: string): Launch | undefined;
  findByServiceKey(serviceKey: string): Launch | undefined;
  /** Counts up from 1, one row of numbers for each name; `clear` begins again. */
  nextNumber(name: 'platform' | 'context' | 'lineItem' | 'person'): number;
  clear(): void;
}

export function createStore(): Store {
  let platforms: SandboxPlatform[] = [];
  const contextsById = new Map<string, SandboxContext[]>();
  const lineItems = new Map<string, LineItem>();
  const launchesByLtik = new Map<string, Launch>();
  const launchesByKey = new Map<string, Launch>();
  const numbers = new Map<string, number>();

  return {
    platforms: () => platforms,
    contexts: () => [...contextsById.values()].flat(),
    launches: () => launchesByLtik.values(),
    addPlatform(platform) {
      if (platforms.some((other) => fits(other, platform)))
        throw new ControlError(409, 'This platform and deployment exist.');
      platforms.push(platform);
    },
    addContext(context) {
      const sameId = contextsById.get(context.contextId) ?? [];
      if (sameId.some((other) => other.platform === context.platform))
        throw new ControlError(409, 'This course exists.');
      contextsById.set(context.contextId, [...sameId, context]);
    },
    addLineItem(lineItem) {
      lineItem.context.lineItems.set(lineItem.id, lineItem);
      lineItems.set(lineItem.id, lineItem);
    },
    addLaunch(launch) {
      launchesByLtik.set(launch.ltik, launch);
      if (launch.serviceKey !== null) launchesByKey.set(launch.serviceKey, launch);
    },
    getPlatform: (ref) => getOne(platforms.filter((platform) => fits(platform, ref)).slice(0, 1), 'platform'),
    getContext: (ref) =>
      getOne(
        (contextsById.get(ref.contextId) ?? []).filter((context) => fits(context.platform, ref)),
        'course',
      ),
    findLineItem: (id) => lineItems.get(id),
    getLineItem(id) {
      const found = lineItems.get(id);
      if (found === undefined) throw new ControlError(404, 'No such line item.');
      return found;
    },
    findByLtik: (ltik) => launchesByLtik.get(ltik),
    findByServiceKey: (serviceKey) => launchesByKey.get(serviceKey),
    nextNumber(name) {
      const next = (numbers.get(name) ?? 0) + 1;
      numbers.set(name, next);
      return next;
    },
    clear() {
      platforms = [];
      for (const map of [contextsById, lineItems, launchesByLtik, launchesByKey, numbers]) map.clear();
    },
  };
}

function fits(platform: SandboxPlatform, ref: Partial<PlatformRef>): boolean {
  return (
    (ref.platformId === undefined || platform.platformId === ref.platformId) &&
    (ref.deploymentId === undefined || platform.deploymentId === ref.deploymentId)
  );
}

function getOne<T>(found: readonly T[], what: string): T {
  const [one, other] = found;
  if (one === undefined) throw new ControlError(404, `No such ${what}.`);
  if (other !== undefined)
    throw new ControlError(409, `More than one such ${what}: name its platformId and deploymentId.`);
  return one;
}
