import type { Family } from '../families/family.js';
import type { PlatformSettings, Services } from '../schemas/setup.js';
import type { IdToken, Member } from '../schemas/views.js';
import type { TrafficGauge } from './traffic.js';

export interface SandboxPlatform {
  platformId: string;
  deploymentId: string;
  family: Family;
  url: string;
  name: string;
  clientId: string;
  settings: PlatformSettings;
  traffic: TrafficGauge;
}

export interface SandboxContext {
  platform: SandboxPlatform;
  contextId: string;
  /** The LMS's own number for the course, seen in its URLs. */
  number: number;
  title: string;
  concluded: boolean;
  published: boolean;
  services: Services;
  members: Map<string, Member>;
  lineItems: Map<string, LineItem>;
  resourceLinks: Set<string>;
}

/** A gradebook column. Optional members are absent rather than undefined, so that they can be spread into answers. */
export interface LineItem {
  context: SandboxContext;
  id: string;
  number: number;
  label: string;
  scoreMaximum: number;
  resourceLinkId?: string;
  resourceId?: string;
  tag?: string;
  /** Members that the LMS keeps and gives back without a meaning here (dates, vendor extensions). */
  extra: Record<string, unknown>;
  published: boolean;
  deleted: boolean;
  allowedAttempts: number | null;
  canExceed: boolean;
  owned: boolean;
  cells: Map<string, Cell>;
}

/** What the gradebook holds for one person in one column. */
export interface Cell {
  scoreGiven: number | null;
  scoreMaximum: number | null;
  /** On the column's scale; null: empty. */
  resultScore: number | null;
  comment: string | null;
  comments: string[];
  submissions: number;
  posts: number;
  changedAtMs: number;
  changedBy: 'tool' | 'teacher';
  /** Moodle: a teacher's grade that tool scores no longer move. */
  overridden: boolean;
}

export interface Launch {
  context: SandboxContext;
  resourceLinkId: string;
  ltik: string;
  serviceKey: string | null;
  idToken: IdToken;
  ltikExpired: boolean;
  keyRevoked: boolean;
}
