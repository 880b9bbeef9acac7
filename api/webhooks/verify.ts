import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  DEFAULT_TOLERANCE_SECONDS,
  type HmacSha256,
  type TimeFormat,
  type Verification,
} from '../../domain/webhook-source.js';
import { headerOf, readStandardHeaders } from './standard-headers.js';

/** A request as far as a signature speaks of it. */
export interface SignedRequest {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As it came: a signature is of bytes, not of what they mean. */
  body: Buffer;
}

export type SignatureFault = 'signatureMissing' | 'signatureWrong' | 'timestampMissing' | 'timestampOutside';

const SIGNATURE_BYTES = 32;
/** Signatures in one header: more than two secrets in rotation, and few enough to cost nothing. */
const MOST_SIGNATURES = 8;
/** Takes the place of a secret that is not there, so that every answer costs as much. */
const NO_SECRET = randomBytes(32);

/** What a source that does not exist is verified against; nothing is ever signed with this. */
export const DUMMY_SOURCE: { verification: Verification; secrets: readonly string[] } = {
  verification: { scheme: 'hmacSha256', header: 'x-signature', encoding: 'hex' },
  secrets: [],
};

interface Presented {
  signatures: readonly string[];
  encoding: 'hex' | 'base64';
  timestamp: string | undefined;
  timestampFormat: TimeFormat;
  wantsTimestamp: boolean;
  /** What stands before and after the body in what was signed. */
  around: readonly [string, string];
}

/** What is wrong with the signature of a request; undefined: nothing. */
export function findSignatureFault(...judged: Parameters<typeof judgeSignature>): SignatureFault | undefined {
  const judgement = judgeSignature(...judged);
  return 'fault' in judgement ? judgement.fault : undefined;
}

/**
 * Whether one of the secrets signed this request, lately, and the signature that it made. Two signatures are always computed
 * and compared in constant time, whatever is wrong (why not by a library: docs/decisions/0011).
 */
export function judgeSignature(
  request: SignedRequest,
  { verification, secrets }: { verification: Verification; secrets: readonly string[] },
  now: Date,
): { fault: SignatureFault } | { signature: Buffer } {
  const presented = present(request, verification);
  const candidates = presented.signatures.slice(0, MOST_SIGNATURES).map((text) => decode(text, presented.encoding));
  const keys = [secrets[0], secrets[1]].map((secret) => secret && secretBytes(verification, secret));
  let taken: Buffer | undefined;
  for (const key of keys) {
    const [before, after] = presented.around;
    const signature = createHmac('sha256', key ?? NO_SECRET)
      .update(before)
      .update(request.body)
      .update(after)
      .digest();
    for (const candidate of candidates.length > 0 ? candidates : [undefined]) {
      const isEqual = timingSafeEqual(signature, candidate ?? NO_SECRET);
      if (isEqual && candidate !== undefined && key !== undefined) taken = signature;
    }
  }
  if (presented.signatures.length === 0) return { fault: 'signatureMissing' };
  if (presented.wantsTimestamp && presented.timestamp === undefined) return { fault: 'timestampMissing' };
  if (!taken) return { fault: 'signatureWrong' };
  if (!presented.wantsTimestamp) return { signature: taken };
  const tolerance = (verification.toleranceSeconds ?? DEFAULT_TOLERANCE_SECONDS) * 1_000;
  const sentAt = readTimestamp(presented.timestamp ?? '', presented.timestampFormat);
  return Math.abs(sentAt - now.getTime()) <= tolerance ? { signature: taken } : { fault: 'timestampOutside' };
}

/**
 * Whether any header could hold a signature of 32 bytes, of whatever source. Without one, no source takes the request, and none
 * needs to be looked at: the answer tells nothing of which there are.
 */
export function mayBeSigned(headers: SignedRequest['headers']): boolean {
  return Object.values(headers).some((value) => /[\w+/-]{43}/.test(String(value)));
}

/** The bytes of a secret as it was handed in; undefined when it is not written as its source says, or too short. */
export function secretBytes(verification: Verification, secret: string): Buffer | undefined {
  const encoding = verification.scheme === 'standardWebhooks' ? 'base64' : (verification.secretEncoding ?? 'utf8');
  const text = verification.scheme === 'standardWebhooks' ? secret.replace(/^whsec_/, '') : secret;
  if (encoding === 'base64' && !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined;
  if (encoding === 'hex' && !/^([0-9a-fA-F]{2})+$/.test(text)) return undefined;
  const bytes = Buffer.from(text, encoding);
  return bytes.length >= SHORTEST_SECRET ? bytes : undefined;
}

/** Bytes; what is shorter can be tried out. */
export const SHORTEST_SECRET = 16;

function present(request: SignedRequest, verification: Verification): Presented {
  if (verification.scheme === 'hmacSha256') return presentHmac(request, verification);
  const { id, timestamp, signature } = readStandardHeaders(request);
  return {
    signatures: (signature ?? '')
      .split(' ')
      .flatMap((part) => (part.startsWith('v1,') ? [part.slice('v1,'.length)] : [])),
    encoding: 'base64',
    timestamp,
    timestampFormat: 'unixSeconds',
    wantsTimestamp: true,
    around: [`${id ?? ''}.${timestamp ?? ''}.`, ''],
  };
}

function presentHmac({ headers }: SignedRequest, verification: HmacSha256): Presented {
  const header = (name: string): string | undefined => headerOf(headers, name);
  const { parameters, prefix = '', encoding, timestampHeader, timestampFormat = 'unixSeconds' } = verification;
  const value = header(verification.header);
  const pairs = parameters ? readParameters(value ?? '') : [];
  const of = (name: string | undefined): string[] => pairs.flatMap(([key, text]) => (key === name ? [text] : []));
  const whole = parameters ? of(parameters.signature) : value === undefined ? [] : [value.trim()];
  const timestamp = timestampHeader === undefined ? of(parameters?.timestamp)[0] : header(timestampHeader);
  const [before = '', after = ''] = (verification.signedContent ?? '{body}')
    .split('{body}')
    .map((part) => part.replaceAll('{timestamp}', () => timestamp ?? ''));
  return {
    signatures: whole.flatMap((text) => (text.startsWith(prefix) ? [text.slice(prefix.length)] : [])),
    encoding,
    timestamp,
    timestampFormat,
    wantsTimestamp: timestampHeader !== undefined || parameters?.timestamp !== undefined,
    around: [before, after],
  };
}

/** `t=1,v1=abc`, as Stripe writes it; a value may hold `=` itself. */
function readParameters(value: string): [string, string][] {
  return value.split(',').flatMap((pair): [string, string][] => {
    const end = pair.indexOf('=');
    return end < 0 ? [] : [[pair.slice(0, end).trim(), pair.slice(end + 1).trim()]];
  });
}

function decode(text: string, encoding: 'hex' | 'base64'): Buffer | undefined {
  if (encoding === 'hex' && !/^[0-9a-fA-F]{64}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, encoding);
  return bytes.length === SIGNATURE_BYTES ? bytes : undefined;
}

/** NaN for what is no time: it lies in no window. */
function readTimestamp(text: string, format: TimeFormat): number {
  if (format === 'iso8601') return Date.parse(text);
  if (!/^\d{1,16}$/.test(text)) return Number.NaN;
  return Number(text) * (format === 'unixSeconds' ? 1_000 : 1);
}
