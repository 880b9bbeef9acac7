/** Webhook sources and signed events, as a grading service would send them. */
import { createHmac, randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { Webhook } from 'standardwebhooks';
import type { EventMapping, Verification } from '../../domain/webhook-source.js';
import { parseJson, type Answer, type Json, type TestApi } from './app.js';

export const STANDARD_SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
export const PLAIN_SECRET = 'a secret of sixteen or more bytes';

export const GITHUB: Verification = {
  scheme: 'hmacSha256',
  header: 'X-Hub-Signature-256',
  encoding: 'hex',
  prefix: 'sha256=',
};

export const STRIPE: Verification = {
  scheme: 'hmacSha256',
  header: 'Stripe-Signature',
  encoding: 'hex',
  parameters: { signature: 'v1', timestamp: 't' },
  signedContent: '{timestamp}.{body}',
};

/** An event as our imagined grader sends it. */
export interface GradedEvent {
  type?: unknown;
  id?: unknown;
  course?: unknown;
  student?: unknown;
  submission?: unknown;
  grade?: unknown;
  max?: unknown;
  feedback?: unknown;
  at?: unknown;
}

/** Where the facts of {@link GradedEvent} are, for events that name student and course themselves. */
export function namingMapping(platformId: string, change: Partial<EventMapping> = {}): EventMapping {
  return {
    type: { pointer: '/type', in: ['graded'] },
    platform: { value: platformId },
    context: '/course',
    student: '/student',
    column: { resourceId: { value: 'essay' }, label: { value: 'Essay' }, scoreMaximum: { value: 10 } },
    score: '/grade',
    maximum: '/max',
    comment: '/feedback',
    time: '/at',
    ...change,
  };
}

/** And for those that carry a reference. */
export const REFERENCE_MAPPING: EventMapping = {
  type: { pointer: '/type', in: ['graded'] },
  reference: '/submission',
  score: '/grade',
  maximum: '/max',
  time: '/at',
};

export function graded(change: GradedEvent = {}): GradedEvent {
  return { type: 'graded', student: 'ada', course: 'bio', grade: 7, max: 10, at: '2026-11-20T10:00:00Z', ...change };
}

/** Makes a source by the API; Standard Webhooks unless told otherwise. */
export async function createSource(
  api: Pick<TestApi, 'call'>,
  options: {
    name: string;
    mapping: object;
    verification?: Verification;
    secret?: string;
    limits?: object;
    platforms?: string[];
  },
): Promise<void> {
  const { verification = { scheme: 'standardWebhooks' }, ...rest } = options;
  const secret = verification.scheme === 'standardWebhooks' ? STANDARD_SECRET : PLAIN_SECRET;
  const { status, text } = await api.call('POST', '/v1/webhook-sources', {
    body: { secret, verification, ...rest, reason: 'a test' },
  });
  if (status !== 201) throw new Error(text);
}

export interface StandardOptions {
  id?: string;
  secret?: string;
  sentAt?: Date;
}

/** Signed by the standardwebhooks package itself. */
export function signStandard(body: string, options: StandardOptions = {}): Record<string, string> {
  const { id = `msg_${randomUUID()}`, secret = STANDARD_SECRET, sentAt = new Date() } = options;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, sentAt, body),
  };
}

export function hmac(
  content: string,
  { secret = PLAIN_SECRET, encoding = 'hex' }: { secret?: string; encoding?: 'hex' | 'base64' } = {},
): string {
  return createHmac('sha256', secret).update(content).digest(encoding);
}

/** Posts bytes as they are. */
export async function send(
  app: FastifyInstance,
  source: string,
  { body, headers }: { body: string | Buffer; headers: Record<string, string> },
): Promise<Answer> {
  const response = await app.inject({
    method: 'POST',
    url: `/v1/webhooks/${source}`,
    headers: { 'content-type': 'application/json', ...headers },
    payload: body,
  });
  const { statusCode: status, payload: text } = response;
  const json: Json = text.startsWith('{') ? parseJson(text) : null;
  return { status, headers: response.headers, body: json, text };
}

/** One event of a source with Standard Webhooks. */
export async function sendStandard(
  app: FastifyInstance,
  source: string,
  event: GradedEvent,
  options: StandardOptions = {},
): Promise<Answer> {
  const body = JSON.stringify(event);
  return send(app, source, { body, headers: signStandard(body, options) });
}
