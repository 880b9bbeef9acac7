/** Standard Webhooks (https://www.standardwebhooks.com), by WebCrypto: reading Passback's notices, and signing events for it. */
import type { Notice } from './generated/schemas.js';

export interface WebhookHeaders extends Record<string, string> {
  'webhook-id': string;
  'webhook-timestamp': string;
  'webhook-signature': string;
}

/** `Headers`, or as Node's request has them. */
export type IncomingHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** A message whose signature is right. */
export interface VerifiedWebhook {
  /** The same in each try: one that you have seen is nothing new. */
  id: string;
  sentAt: Date;
  body: unknown;
}

/** What Passback tells; the facts of its kind stand beside the rest of a notice. */
export interface NoticeMessage extends Omit<VerifiedWebhook, 'body'> {
  type: 'passback.attention' | 'passback.digest' | 'passback.outcomes';
  notices: (Omit<Notice, 'facts'> & Readonly<Record<string, unknown>>)[];
}

export type WebhookFault = 'headersMissing' | 'timestampWrong' | 'signatureWrong' | 'bodyUnknown';

/** Answer it with 400 or 401, and without the reason. */
export class WebhookRefusedError extends Error {
  override readonly name = 'WebhookRefusedError';
  readonly fault: WebhookFault;

  constructor(fault: WebhookFault) {
    super(`The webhook is refused: ${fault}.`);
    this.fault = fault;
  }
}

export interface VerifierOptions {
  /** How old, or ahead, a message may be. Default 300. */
  toleranceSeconds?: number | undefined;
  now?: (() => Date) | undefined;
}

export interface Verifier<T> {
  /** The body as it came, not parsed and written again. @throws {WebhookRefusedError} */
  verify(body: string | Uint8Array, headers: IncomingHeaders): Promise<T>;
}

/** Of messages to an endpoint for notices. While its secret is changed both may be given. */
export function createNoticeVerifier(
  secrets: string | readonly string[],
  options?: VerifierOptions,
): Verifier<NoticeMessage> {
  const verifier = createWebhookVerifier(secrets, options);
  return {
    async verify(body, headers) {
      const message = await verifier.verify(body, headers);
      if (!isNoticeBody(message.body)) throw new WebhookRefusedError('bodyUnknown');
      const { type, data } = message.body;
      return { id: message.id, sentAt: message.sentAt, type, notices: data.notices };
    },
  };
}

/** Of any such messages: those that ask a tool for its scores, too. */
export function createWebhookVerifier(
  secrets: string | readonly string[],
  { toleranceSeconds = 300, now = () => new Date() }: VerifierOptions = {},
): Verifier<VerifiedWebhook> {
  const keys = (typeof secrets === 'string' ? [secrets] : secrets).map((secret) => importSecret(secret, 'verify'));
  for (const key of keys) key.catch(() => undefined);
  return {
    async verify(body, headers) {
      const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
        readHeader(headers, name),
      );
      if (!id || !timestamp || !signatures) throw new WebhookRefusedError('headersMissing');
      const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : NaN;
      const isRecent = Math.abs(now().getTime() / 1_000 - seconds) <= toleranceSeconds;
      if (!isRecent) throw new WebhookRefusedError('timestampWrong');
      const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
      const signed = toSigned(id, timestamp, body);
      const given = signatures.split(' ').filter((signature) => signature.startsWith('v1,'));
      for (const key of keys) {
        for (const signature of given) {
          const bytes = fromBase64(signature.slice('v1,'.length));
          if (bytes && (await crypto.subtle.verify('HMAC', await key, bytes, signed))) {
            return { id, sentAt: new Date(seconds * 1_000), body: parse(text) };
          }
        }
      }
      throw new WebhookRefusedError('signatureWrong');
    },
  };
}

/** The headers of an event for a source with the scheme `standardWebhooks`. Repeat an event under the id of the first time. */
export async function signWebhook(
  secret: string,
  body: string | Uint8Array,
  { id = `msg_${crypto.randomUUID()}`, at = new Date() }: { id?: string; at?: Date } = {},
): Promise<WebhookHeaders> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const signature = await crypto.subtle.sign('HMAC', await importSecret(secret, 'sign'), toSigned(id, timestamp, body));
  const base64 = btoa(String.fromCharCode(...new Uint8Array(signature)));
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${base64}` };
}

async function importSecret(secret: string, use: 'sign' | 'verify'): Promise<CryptoKey> {
  const bytes = fromBase64(secret.replace(/^whsec_/, ''));
  if (!bytes || bytes.length === 0) throw new TypeError('A secret is base64, with or without whsec_ before it.');
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [use]);
}

/** As it came: text that is not UTF-8 would be another one after decoding. */
function toSigned(id: string, timestamp: string, body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const head = encoder.encode(`${id}.${timestamp}.`);
  const content = typeof body === 'string' ? encoder.encode(body) : body;
  const signed = new Uint8Array(head.length + content.length);
  signed.set(head);
  signed.set(content, head.length);
  return signed;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function readHeader(headers: IncomingHeaders, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof value === 'string' ? value : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WebhookRefusedError('bodyUnknown');
  }
}

interface NoticeBody {
  type: NoticeMessage['type'];
  data: { notices: NoticeMessage['notices'] };
}

/** Its signature is right, so the rest of it is as Passback writes it. */
function isNoticeBody(body: unknown): body is NoticeBody {
  if (typeof body !== 'object' || body === null || !('type' in body) || !('data' in body)) return false;
  const { type, data } = body;
  const isOurs = typeof type === 'string' && type.startsWith('passback.');
  return isOurs && typeof data === 'object' && data !== null && 'notices' in data && Array.isArray(data.notices);
}
