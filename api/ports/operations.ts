/** Platforms with their limits, and what operators look at. */
import type { LmsFamily, PlatformLimits } from '../../domain/platform.js';

type Platforms = readonly string[] | null;

export interface DeploymentRecord {
  id: string;
  deploymentId: string;
  inFlightCap: number;
  inFlightMax: number;
  ratePerSecond: number | null;
  breaker: 'closed' | 'open' | 'halfOpen';
  breakerType: string | null;
  breakerOpenedAt: string | null;
  blockedUntil: string | null;
}

export interface PlatformRecord {
  id: string;
  platformId: string;
  url: string | null;
  productFamilyCode: string | null;
  family: LmsFamily;
  familySetBy: 'guess' | 'operator';
  deployments: DeploymentRecord[];
  createdAt: Date;
}

export interface PlatformStore {
  list(page: { platforms: Platforms; limit: number; after: string | null }): Promise<PlatformRecord[]>;
  find(visible: { id: string; platforms: Platforms }): Promise<PlatformRecord | undefined>;
  change(change: {
    id: string;
    family?: LmsFamily | null | undefined;
    limits?: Partial<PlatformLimits> | undefined;
    deploymentId?: string | undefined;
  }): Promise<void>;
  resume(id: string): Promise<void>;
}

export interface Backlog {
  platformId: string;
  deploymentId: string;
  deployment: string;
  due: number;
  awaitsNightly: number;
  sending: number;
  unknown: number;
  oldestReadySeconds: number | null;
}

/** What waits for a person to decide or to look. */
export interface OpenDecision {
  kind: 'held' | 'drift' | 'backfillUnapproved' | 'backfillPaused';
  subject: string | null;
  count: number;
  since: Date;
}

export interface OperationsReader {
  checkReady(): Promise<{ migrated: boolean }>;
  listBacklog(platforms: Platforms): Promise<Backlog[]>;
  listParked(
    platforms: Platforms,
  ): Promise<{ kind: 'context' | 'lineItem'; type: string; count: number; since: Date; waiting: number }[]>;
  countNeedingLaunch(platforms: Platforms): Promise<number>;
  listTroubledBreakers(platforms: Platforms): Promise<
    {
      platformId: string;
      deploymentId: string;
      deployment: string;
      state: 'open' | 'halfOpen';
      type: string | null;
      openedAt: Date | null;
    }[]
  >;
  listRejected(platforms: Platforms): Promise<{ type: string; count: number }[]>;
  listOpenDecisions(platforms: Platforms): Promise<OpenDecision[]>;
}
