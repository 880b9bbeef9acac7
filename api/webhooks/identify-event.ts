import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { isStorable } from '../../domain/fields.js';
import { readPointer } from '../../domain/json-pointer.js';
import { EVENT_NAME_LENGTH } from '../../domain/read-event.js';
import type { RevealedSource } from '../../db/webhooks/webhook-sources.js';
import type { SignedRequest } from './verify.js';

/** What an event is stored under. */
export interface IdentifiedEvent {
  source: string;
  eventId: string;
  /** Of the whole body. */
  digest: Buffer;
  body: string;
}

/**
 * The id that tells a repetition from a new event: where the mapping says, else `webhook-id`, else the body itself, which
 * also serves where nothing is found, so that no event is lost for the lack of an id.
 */
export function identifyEvent(
  { headers, body }: SignedRequest,
  { id, mapping, verification }: Pick<RevealedSource, 'id' | 'mapping' | 'verification'>,
): IdentifiedEvent {
  const digest = createHash('sha256').update(body).digest();
  // Text that is no UTF-8 is no JSON either; what its bytes mean is not guessed.
  const text = isUtf8(body) ? body.toString('utf8') : '';
  const { eventId } = mapping;
  const standard = verification.scheme === 'standardWebhooks' ? headers['webhook-id'] : undefined;
  const found =
    typeof eventId === 'string'
      ? readPointer(parseJson(text), eventId)
      : eventId === undefined
        ? standard
        : headers[eventId.header.toLowerCase()];
  return { source: id, eventId: toName(found) ?? `sha256:${digest.toString('hex')}`, digest, body: text };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Ids that are too long to keep are known by their hash. */
function toName(found: unknown): string | undefined {
  if (typeof found === 'number' && Number.isSafeInteger(found)) return String(found);
  if (typeof found !== 'string' || found === '') return undefined;
  if (found.length <= EVENT_NAME_LENGTH && isStorable(found)) return found;
  return `sha256:${createHash('sha256').update(found).digest('hex')}`;
}
