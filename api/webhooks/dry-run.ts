import type { Static } from 'typebox';
import type { Deps } from '../app.js';
import type { WebhookSource } from '../../db/webhooks/webhook-sources.js';
import { ProblemError } from '../problems.js';
import type { DryRunAnswerSchema } from '../schemas/webhook-event.js';
import { identifyEvent } from './identify-event.js';
import { toFacts, toReason } from './to-event.js';
import { findSignatureFault } from './verify.js';

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
  const verdict = await store.webhooks.processor.dryRun({ source: id, platforms, mapping, body: identified.body });
  return {
    state: verdict.state,
    reason: verdict.reason && toReason(verdict.reason),
    eventId: identified.eventId,
    facts: toFacts(verdict.facts),
    item: verdict.item,
    outcome: verdict.score?.outcome ?? null,
    signature: rawBody === undefined ? null : (fault ?? 'valid'),
  };
}
