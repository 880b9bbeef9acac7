import type { Static } from 'typebox';
import { eventReasons, isEventReason, type EventReason } from '../../domain/event-reasons.js';
import type { WebhookEvent } from '../../db/webhooks/webhook-events.js';
import type { EventReasonSchema, EventSchema, FactsSchema } from '../schemas/webhook-event.js';

/** An event as the API shows it. */
export function toEvent(record: WebhookEvent): Static<typeof EventSchema> {
  const { facts, reason, reasonFact, reasonPointer, reasonDetail, score, revision, outcome, ...rest } = record;
  return {
    ...rest,
    reason:
      reason !== null && isEventReason(reason)
        ? toReason({
            name: reason,
            fact: reasonFact ?? undefined,
            pointer: reasonPointer ?? undefined,
            detail: reasonDetail ?? undefined,
          })
        : null,
    facts: toFacts(facts),
    score: score !== null && outcome !== null ? { id: score, revision: revision ?? 0, outcome } : null,
  };
}

export function toReason({ name, fact, pointer, detail }: EventReason): Static<typeof EventReasonSchema> {
  const { sentence, advice } = eventReasons[name];
  return { type: name, sentence, advice, fact: fact ?? null, pointer: pointer ?? null, detail: detail ?? null };
}

export function toFacts(facts: WebhookEvent['facts']): Static<typeof FactsSchema> {
  const nothing = { type: null, reference: null, platformId: null, deploymentId: null, contextId: null };
  return { ...nothing, userId: null, changedAt: null, ...facts };
}
