import type { Knex } from 'knex';
import { createErasedPeople } from '../privacy/erased-people.js';
import type { Vault } from '../vault/vault.js';
import { createEventProcessor, type EventProcessor } from './event-processor.js';
import { pruneEvents, type PrunedEvents } from './prune-events.js';
import { createWebhookEvents, type WebhookEvents } from './webhook-events.js';
import { createWebhookReferences, type WebhookReferences } from './webhook-references.js';
import { createWebhookSources, type WebhookSources } from './webhook-sources.js';

/** Sources, references and events of webhooks. */
export interface WebhookStore {
  sources: WebhookSources;
  references: WebhookReferences;
  events: WebhookEvents;
  processor: EventProcessor;
  /** Ends and removes what is over. */
  prune(): Promise<PrunedEvents>;
}

export function createWebhookStore(db: Knex, vault: Vault): WebhookStore {
  const erased = createErasedPeople(vault);
  return {
    sources: createWebhookSources(db, vault),
    references: createWebhookReferences(db, erased),
    events: createWebhookEvents(db, vault),
    processor: createEventProcessor(db, { vault, erased, now: () => new Date() }),
    prune: () => pruneEvents(db),
  };
}
