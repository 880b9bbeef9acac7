import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { isStorable } from '../../domain/fields.js';
import { readPointer } from '../../domain/json-pointer.js';
import { parseEvent } from '../../domain/parse-event.js';
import { EVENT_NAME_LENGTH } from '../../domain/read-event.js';
import type { RevealedSource } from '../../db/webhooks/webhook-sources.js';
import { ProblemError } from '../problems.js';
import { readStandardHeaders } from './standard-headers.js';
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
 * @throws {ProblemError} for a body that is not UTF-8
 */
export function identifyEvent(
  { headers, body }: SignedRequest,
  { id, mapping, verification }: Pick<RevealedSource, 'id' | 'mapping' | 'verification'>,
): IdentifiedEvent {
  const digest = createHash('sha256').update(body).digest();
  const text = readText(body);
  const { eventId } = mapping;
  const standard = verification.scheme === 'standardWebhooks' ? readStandardHeaders({ headers }).id : undefined;
  const found =
    typeof eventId === 'string'
      ? readPointer(parseEvent(text)?.value, eventId)
      : eventId === undefined
        ? standard
        : headers[eventId.header.toLowerCase()];
  return { source: id, eventId: toName(found) ?? `sha256:${digest.toString('hex')}`, digest, body: text };
}

/**
 * Refused, not kept: what such bytes mean is not guessed, so no mapping would ever make a score of them, while 202 tells the
 * service that its grade is with us. Its own log shows the refusal, and it can send again. Text that is no JSON is kept as it is.
 */
function readText(body: Buffer): string {
  if (isUtf8(body)) return body.toString('utf8');
  throw new ProblemError('unsupported-media-type', 'The body is not UTF-8, as JSON has to be.');
}

/** Ids that are too long to keep are known by their hash. */
function toName(found: unknown): string | undefined {
  if (typeof found === 'number' && Number.isSafeInteger(found)) return String(found);
  if (typeof found !== 'string' || found === '') return undefined;
  if (found.length <= EVENT_NAME_LENGTH && isStorable(found)) return found;
  return `sha256:${createHash('sha256').update(found).digest('hex')}`;
}
