import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { toEventName } from '../../domain/event-name.js';
import { findListOnTheWay, isWithin, readPointer } from '../../domain/json-pointer.js';
import { parseEvent } from '../../domain/parse-event.js';
import { signatureMemoryMs } from '../../domain/webhook-source.js';
import type { RememberedSignature } from '../../db/webhooks/store-event.js';
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
      ? readOwnId(text, eventId, mapping.events)
      : eventId === undefined
        ? standard
        : headers[eventId.header.toLowerCase()];
  return {
    source: id,
    eventId: toEventName(found, hashName) ?? `sha256:${digest.toString('hex')}`,
    digest,
    body: text,
  };
}

/**
 * What tells a request that was sent again from a new one where its id does not: the signature. Of it a digest is kept, so that
 * nothing in the database would pass for one. Undefined: its time, or its id, is signed.
 */
export function toRemember(
  source: Pick<RevealedSource, 'mapping' | 'verification'>,
  signature: Buffer,
  now: Date,
): RememberedSignature | undefined {
  const memoryMs = signatureMemoryMs(source);
  if (memoryMs === 0) return undefined;
  const until = Number.isFinite(memoryMs) ? new Date(now.getTime() + memoryMs) : null;
  return { digest: createHash('sha256').update(signature).digest(), until };
}

/** The id of one of several events says nothing of the others: they would be taken for repetitions. */
function readOwnId(text: string, pointer: string, events: string | undefined): unknown {
  const document = parseEvent(text)?.value;
  const isOfOne = events !== undefined && isWithin(pointer, events) && Array.isArray(readPointer(document, events));
  return isOfOne || findListOnTheWay(document, pointer) !== undefined ? undefined : readPointer(document, pointer);
}

/**
 * Refused, not kept: what such bytes mean is not guessed, so no mapping would ever make a score of them, while 202 tells the
 * service that its grade is with us. Its own log shows the refusal, and it can send again. Text that is no JSON is kept as it is.
 */
function readText(body: Buffer): string {
  if (isUtf8(body)) return body.toString('utf8');
  throw new ProblemError('unsupported-media-type', 'The body is not UTF-8, as JSON has to be.');
}

function hashName(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
