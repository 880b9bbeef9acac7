import type { Static } from 'typebox';
import type { Deps } from '../app.js';
import type { TriedEvent } from '../../db/webhooks/event-processor.js';
import type { WebhookSource } from '../../db/webhooks/webhook-sources.js';
import { ProblemError } from '../problems.js';
import type { DryRunAnswerSchema } from '../schemas/webhook-event.js';
import { identifyEvent } from './identify-event.js';
import { toFacts, toReason } from './to-event.js';
import { findSignatureFault } from './verify.js';

/** An answer is no bigger than a person reads. */
const MOST_SHOWN = 20;

interface Sample {
  sample?: unknown;
  rawBody?: string;
  headers?: Readonly<Record<string, string>>;
}

/** What a sample would become. Its signature is judged where the body is given as it was sent. */
export async function dryRun(
  { store, now }: Pick<Deps, 'store' | 'now'>,
  input: { source: WebhookSource; secrets: readonly string[]; sample: Sample },
): Promise<Static<typeof DryRunAnswerSchema>> {
  const { source, secrets } = input;
  const { sample, rawBody, headers = {} } = input.sample;
  if ((sample === undefined) === (rawBody === undefined)) {
    throw new ProblemError('invalid-request', 'Send either a sample or a rawBody.', { pointer: '' });
  }
  const body = Buffer.from(rawBody ?? JSON.stringify(sample));
  const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const request = { headers: Object.fromEntries(lowered), body };
  const fault = findSignatureFault(request, { verification: source.verification, secrets }, now());
  const identified = identifyEvent(request, source);
  const { id, platforms, mapping } = source;
  const { eventId, body: text } = identified;
  const verdict = await store.webhooks.processor.dryRun({ source: id, platforms, mapping, eventId, body: text });
  return {
    ...toTried({ ...verdict, eventId: identified.eventId }),
    eventCount: verdict.state === 'split' ? verdict.parts.length : 1,
    events: verdict.tried.slice(0, MOST_SHOWN).map(toTried),
    signature: rawBody === undefined ? null : (fault ?? 'valid'),
  };
}

type Tried = Pick<TriedEvent['tried'][number], 'state' | 'reason' | 'eventId' | 'facts' | 'item' | 'score'>;

function toTried({ state, reason, eventId, facts, item, score }: Tried) {
  return {
    ...{ state, reason: reason && toReason(reason), eventId },
    ...{ facts: toFacts(facts), item, outcome: score?.outcome ?? null },
  };
}
