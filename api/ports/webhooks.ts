/** Webhooks: who may send events, what they may name, and what came. */
import type { EventReason, EventState } from '../../domain/event-reasons.js';
import type { EventFacts, EventItem } from '../../domain/read-event.js';
import type { EventMapping, SourceLimits, Verification } from '../../domain/webhook-source.js';
import type { LineItemName } from './scores.js';

type Platforms = readonly string[] | null;
type Outcome = 'accepted' | 'unchanged' | 'superseded';

export interface SourceParts {
  verification: Verification;
  mapping: EventMapping;
  limits: SourceLimits;
}

export interface WebhookSourceRecord extends SourceParts {
  id: string;
  name: string;
  platforms: string[] | null;
  disabled: boolean;
  secrets: { id: string; createdAt: string }[];
  createdAt: Date;
  updatedAt: Date;
}

export interface OpenedSource extends SourceParts {
  id: string;
  name: string;
  secrets: string[];
  unreadable: number;
}

export interface WebhookSourceStore {
  /** Undefined when the name is taken. */
  insert(
    source: SourceParts & { name: string; platforms: Platforms; secret: string },
  ): Promise<WebhookSourceRecord | undefined>;
  list(platforms: Platforms): Promise<WebhookSourceRecord[]>;
  /** `platforms`: sources that reach further look as if they were not there. */
  find(named: { name: string; platforms: Platforms }): Promise<WebhookSourceRecord | undefined>;
  change(change: SourceParts & { id: string; disabled: boolean }): Promise<void>;
  delete(id: string): Promise<{ events: number }>;
  /** Two are valid at a time: a third ends the oldest. */
  addSecret(id: string, secret: string): Promise<void>;
  /** False when there is no such secret, or it is the last one. */
  deleteSecret(id: string, secret: string): Promise<boolean>;
  /** All that are not disabled, or the one of this id, with their secrets. */
  open(id?: string): Promise<OpenedSource[]>;
}

interface NamedReference {
  /** Our uuid of the source. */
  source: string;
  reference: string;
  platforms: Platforms;
}

export interface ReferenceRecord {
  source: string;
  reference: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  context: string;
  lineItem: LineItemName;
  userId: string;
  expiresAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

export interface ReferenceStore {
  /** Undefined when it is tied to a platform that the caller may not see. */
  put(
    tie: NamedReference & { context: string; lineItem: string; userId: string; expiresAt: Date },
  ): Promise<{ isNew: boolean; waiting: number } | undefined>;
  find(named: NamedReference): Promise<ReferenceRecord | undefined>;
  delete(named: NamedReference): Promise<boolean>;
}

export interface EventRecord {
  id: string;
  seq: string;
  source: string;
  eventId: string;
  state: EventState;
  stateSince: Date;
  lookAt: string | null;
  reason: string | null;
  reasonFact: string | null;
  reasonPointer: string | null;
  reasonDetail: string | null;
  facts: EventFacts & { changedAt?: string };
  score: string | null;
  revision: number | null;
  outcome: Outcome | null;
  repeats: number;
  differing: number;
  replayable: boolean;
  receivedAt: Date;
}

export interface EventFilter {
  source?: string | undefined;
  state?: EventState | undefined;
  reason?: string | undefined;
  eventId?: string | undefined;
  reference?: string | undefined;
  contextId?: string | undefined;
  userId?: string | undefined;
  receivedAfter?: string | undefined;
  receivedBefore?: string | undefined;
}

export interface EventTrouble {
  kind: 'unmatched' | 'invalid' | 'expired' | 'late' | 'reused';
  source: string;
  count: number;
  since: Date | null;
}

export interface EventStore {
  /** Committed when it resolves; for an event that came before, the id of the first time. */
  store(event: { source: string; eventId: string; digest: Buffer; body: string }): Promise<{ id: string }>;
  list(page: EventFilter & { platforms: Platforms; before: string | null; limit: number }): Promise<EventRecord[]>;
  find(visible: { id: string; platforms: Platforms }): Promise<EventRecord | undefined>;
  replay(
    filter: EventFilter & { platforms: Platforms; id?: string },
  ): Promise<{ replayed: number; withoutBody: number }>;
  listTroubles(platforms: Platforms): Promise<EventTrouble[]>;
}

export interface EventVerdict {
  state: EventState;
  reason: EventReason | null;
  facts: EventFacts & { changedAt?: string };
  item: EventItem | null;
  score: { id: string; revision: number; outcome: Outcome } | null;
}

export interface EventProcessing {
  /** Looks at events whose time has come; makes scores of them. */
  process(input: { limit: number; ids?: readonly string[] }): Promise<{
    events: number;
    failures: string[];
    wakes: { context: string; deployment: string; roster: boolean }[];
  }>;
  /** What an event would become; nothing is kept. */
  dryRun(event: { source: string; platforms: Platforms; mapping: EventMapping; body: string }): Promise<EventVerdict>;
  /** Finds unmatched events whose reference has come all the same. */
  revive(): Promise<void>;
}

export interface WebhookStore {
  sources: WebhookSourceStore;
  references: ReferenceStore;
  events: EventStore;
  processor: EventProcessing;
  /** Ends and removes what is over. */
  prune(): Promise<{ expired: number; bodies: number; deleted: number }>;
}
