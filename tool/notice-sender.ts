import { request } from 'undici';
import type { DeliveryFailure } from '../domain/notice.js';
import { createGuardedAgent, type GuardOptions } from './guarded-agent.js';
import { signWebhook } from './sign-webhook.js';

export interface NoticeSenderOptions extends Pick<GuardOptions, 'mayBePrivate' | 'lookup'> {
  /** For a whole try, in milliseconds. Default 15,000. */
  timeoutMs?: number;
}

/** One try of one message. */
export interface NoticeMessage {
  /** The same in all tries. */
  id: string;
  url: string;
  /** `whsec_<base64>`, each of which signs. */
  secrets: readonly string[];
  body: string;
  signal: AbortSignal;
}

/** What came of a try. */
export type NoticeAnswer = { status: number; failure: null } | { status: number | null; failure: DeliveryFailure };

export interface NoticeSender {
  /** Never rejects, and never follows a redirect: it would carry what is signed to somebody else. */
  send(message: NoticeMessage): Promise<NoticeAnswer>;
  close(): Promise<void>;
}

/** Nobody reads what a receiver says; so much of it is waited for, so that its connection can be used again. */
const MOST_BYTES = 64_000;
const GONE = 410;

/** Sends notices to wherever operators want them, and nowhere that they must not go. */
export function createNoticeSender(options: NoticeSenderOptions): NoticeSender {
  const { timeoutMs = 15_000, mayBePrivate, lookup } = options;
  const agent = createGuardedAgent({ connectMs: Math.min(timeoutMs, 10_000), mayBePrivate, ...(lookup && { lookup }) });
  return {
    async send({ id, url, secrets, body, signal }) {
      const timeout = AbortSignal.timeout(timeoutMs);
      const keys = secrets.map((secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'));
      const headers = {
        ...signWebhook(keys, { id, at: new Date(), body }),
        ...{ 'content-type': 'application/json', 'user-agent': 'passback' },
      };
      try {
        const response = await request(url, {
          ...{ method: 'POST', headers, body, dispatcher: agent },
          signal: AbortSignal.any([signal, timeout]),
        });
        const { statusCode: status } = response;
        // Given up halfway, the body tells of it by an event that nobody else waits for.
        response.body.on('error', () => undefined);
        await response.body.dump({ limit: MOST_BYTES }).catch(() => undefined);
        return toAnswer(status);
      } catch (error) {
        // The error may quote the address with what stands in it; the code says enough.
        return { status: null, failure: toFailure(error, timeout.aborted) };
      }
    },
    close: () => agent.destroy(),
  };
}

function toAnswer(status: number): NoticeAnswer {
  if (status >= 200 && status < 300) return { status, failure: null };
  if (status === GONE) return { status, failure: 'EndpointGone' };
  return { status, failure: status >= 300 && status < 400 ? 'EndpointRedirects' : 'EndpointRefused' };
}

function toFailure(error: unknown, isLate: boolean): DeliveryFailure {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ADDRESS_NOT_ALLOWED') return 'AddressNotAllowed';
  return isLate || code === 'UND_ERR_CONNECT_TIMEOUT' ? 'EndpointTooSlow' : 'EndpointUnreachable';
}
