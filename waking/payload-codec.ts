import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ValueError, type Payload, type PayloadCodec } from '@temporalio/common';

export interface CodecKey {
  /** Stands beside what it encrypted. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

const ENCODING = 'binary/encrypted';
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts all that we hand to Temporal but ids and search attributes, by the first key; decrypts by each. What is not encrypted
 * is taken as it is, so that keys can be given to a server that has open workflows. Undefined: without keys.
 */
export function createPayloadCodec(keys: readonly CodecKey[]): PayloadCodec | undefined {
  const [first] = keys;
  if (!first) return undefined;
  return {
    encode: async (payloads) => payloads.map((payload) => encrypt(payload, first)),
    decode: async (payloads) => payloads.map((payload) => decrypt(payload, keys)),
  };
}

function encrypt(payload: Payload, { id, key }: CodecKey): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(boundTo(id));
  const data = Buffer.concat([iv, cipher.update(toText(payload)), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: Buffer.from(ENCODING), 'encryption-key-id': Buffer.from(id) }, data };
}

/** @throws {ValueError} */
function decrypt(payload: Payload, keys: readonly CodecKey[]): Payload {
  const { metadata, data } = payload;
  if (textOf(metadata?.['encoding']) !== ENCODING) return payload;
  const id = textOf(metadata?.['encryption-key-id']);
  const key = keys.find((candidate) => candidate.id === id)?.key;
  // The id of a key is shown, and may be anything where somebody else wrote it.
  if (!key) throw new ValueError('A payload is encrypted by a key that is not in TEMPORAL_CODEC_KEYS.');
  const sealed = Buffer.from(data ?? []);
  if (sealed.length < IV_BYTES + TAG_BYTES) throw new ValueError(NOT_OURS);
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(id)).setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return fromText(decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8'));
  } catch {
    throw new ValueError(NOT_OURS);
  }
}

const NOT_OURS = 'A payload was changed, or encrypted by another key of the same id.';

function boundTo(id: string): Buffer {
  return Buffer.from(`passback-temporal-payload:${id}`);
}

/** A payload within a payload: its metadata says how its data is to be read. */
function toText({ metadata, data }: Payload): string {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, toBase64(value)] as const);
  return JSON.stringify({ metadata: Object.fromEntries(entries), data: toBase64(data) });
}

function fromText(text: string): Payload {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || !isRecord(value['metadata'])) throw new Error('It is no payload.');
  const entries = Object.entries(value['metadata']).map(([name, base64]) => [name, fromBase64(base64)] as const);
  return { metadata: Object.fromEntries(entries), data: fromBase64(value['data']) };
}

function toBase64(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('base64');
}

function fromBase64(text: unknown): Uint8Array {
  return Buffer.from(typeof text === 'string' ? text : '', 'base64');
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
