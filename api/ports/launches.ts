/** Launches and the service keys that they bring. */
import type { LmsFamily } from '../../domain/platform.js';

/** What we use of an id token as `GET /api/idtoken` of LTIAAS answers it. */
export interface IdToken {
  launchedAt?: string;
  user?: { id?: string; roles: string[] };
  platform: { id: string; deploymentId: string; url?: string; productFamilyCode?: string };
  launch: { context?: { id: string; title?: string }; resourceLink?: { id: string; title?: string } };
  services: {
    assignmentAndGrades: { available: boolean; scopes?: string[]; lineItemId?: string };
    namesAndRoles: { available: boolean };
    serviceKey?: string;
  };
}

export type ReadIdToken = (
  value: unknown,
) => { ok: true; value: IdToken } | { ok: false; problems: readonly { path: string; problem: string }[] };

/** LTIAAS. Rejections are understood by `Deps.classify`. */
export interface LtiaasPort {
  getIdToken(call: { ltik: string; signal?: AbortSignal }): Promise<IdToken>;
  listLineItems(call: { serviceKey: string; signal?: AbortSignal }): Promise<readonly unknown[]>;
  membershipPages(call: {
    serviceKey: string;
    limit?: number;
    signal?: AbortSignal;
  }): AsyncIterable<{ members: readonly unknown[] }>;
}

export interface LaunchToRecord {
  platformId: string;
  platformUrl?: string | undefined;
  productFamilyCode?: string | undefined;
  family: LmsFamily;
  deploymentId: string;
  contextId: string;
  contextTitle?: string | undefined;
  resourceLinkId?: string | undefined;
  resourceLinkTitle?: string | undefined;
  serviceKey?:
    | { secret: string; assignmentAndGrades: boolean; namesAndRoles: boolean; scopes?: readonly string[] | undefined }
    | undefined;
  lineItemId?: string | undefined;
  /** Who launched, when the LMS says that it was a learner. */
  learnerId?: string | undefined;
  /** Null: nobody knows; it then replaces no key that works. */
  launchedAt: Date | null;
}

export interface RecordedLaunch {
  context: string;
  deployment: string;
  serviceKeyId: string | null;
  key: 'stored' | 'unchanged' | 'older' | null;
  changed: boolean;
  /** Scores that waited for this launch. */
  resumed: number;
}

export interface LaunchRecorder {
  record(launch: LaunchToRecord): Promise<RecordedLaunch>;
}

export interface ServiceKeyRecord {
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

interface Visible {
  id: string;
  platforms: readonly string[] | null;
}

export interface ServiceKeyReader {
  list(filter: {
    platforms: readonly string[] | null;
    platformId?: string | undefined;
    contextId?: string | undefined;
    after: string | null;
    limit: number;
  }): Promise<ServiceKeyRecord[]>;
  find(visible: Visible): Promise<ServiceKeyRecord | undefined>;
  /** The key itself. Rejects when its encryption key is gone. */
  open(id: string): Promise<string | undefined>;
  delete(visible: Visible): Promise<boolean>;
}
