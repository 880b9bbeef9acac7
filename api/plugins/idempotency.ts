import { createHmac } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { IdempotencyKeys, StoredAnswer } from '../../db/access/idempotency-keys.js';
import { ProblemError, toProblem, type Problem } from '../problems.js';
import { callerOf, secretOf } from './auth.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Takes `Idempotency-Key`: so does every POST, without saying so. */
    idempotent?: boolean;
    /** The route carries a stream out once for its key by itself; other streams are refused with one. */
    idempotentStreams?: boolean;
    /** Its answer holds what we keep no more than a hash of: a repetition is told that it was carried out. */
    answersSecret?: boolean;
  }
  interface FastifyRequest {
    idempotencyClaim: { key: string; claimedAt: Date } | null;
  }
}

/**
 * Carries a POST out once for an `Idempotency-Key`, which is unique per API key and kept for a day; a repetition gets the
 * stored answer. Answers of 5xx are not kept, nor are those with a secret. What answers line by line takes no key and says
 * so: none is ever ignored. Other methods are safe to repeat as they are.
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export const idempotencyPlugin = fastifyPlugin<{ keys: IdempotencyKeys }>(
  async (app, { keys }) => {
    app.decorateRequest('idempotencyClaim', null);
    app.addHook('onRoute', (route) => {
      if (route.method === 'POST') route.config = { ...route.config, idempotent: true };
    });
    // Before anything is read: a caller whose key cannot be used must not think that it was.
    app.addHook('onRequest', async (request) => {
      if (request.routeOptions.config.idempotent) keyOf(request);
    });
    app.addHook('preHandler', async (request, reply) => {
      const key = request.routeOptions.config.idempotent ? keyOf(request) : null;
      if (key === null) return;
      if (isStream(request)) return refuseStream(request);
      const claim = await keys.claim({ apiKey: callerOf(request).apiKeyId, key }, requestHash(request));
      switch (claim.kind) {
        case 'claimed':
          request.idempotencyClaim = { key, claimedAt: claim.claimedAt };
          return;
        case 'answered': {
          const { status, contentType, body } = claim.answer;
          return reply.code(status).headers({ 'content-type': contentType, 'idempotent-replayed': 'true' }).send(body);
        }
        case 'inProgress':
          throw new ProblemError('idempotency-in-progress', 'Wait for its answer, or repeat this later.', {
            headers: { 'retry-after': '1' },
          });
        case 'reused':
          throw new ProblemError('idempotency-key-reused', 'Use a new key for each different request.');
      }
    });
    app.addHook('onSend', async (request, reply, payload) => {
      const claim = request.idempotencyClaim;
      if (!claim) return;
      const name = { apiKey: callerOf(request).apiKeyId, key: claim.key };
      const { statusCode: status } = reply;
      try {
        if (status >= 500 || typeof payload !== 'string') await keys.forget(name, claim.claimedAt);
        else if (status < 400 && request.routeOptions.config.answersSecret) {
          await keys.complete(name, claim.claimedAt, ANSWER_NOT_KEPT);
        } else {
          const contentType = String(reply.getHeader('content-type'));
          await keys.complete(name, claim.claimedAt, { status, contentType, body: payload });
        }
      } catch {
        // What was asked for is done; a repetition finds the key under way, and after a minute carries it out again.
        request.log.warn('the answer could not be kept under its idempotency key');
      }
    });
  },
  { name: 'idempotency', dependencies: ['auth'] },
);

const ANSWER_NOT_KEPT: StoredAnswer = toStored(
  toProblem(
    'idempotent-answer-not-kept',
    'If the secret was lost with its answer, end what was made (it is in its list), and ask again under a new key.',
  ),
);

function toStored(problem: Problem): StoredAnswer {
  return {
    status: problem.status,
    contentType: 'application/problem+json; charset=utf-8',
    body: JSON.stringify(problem),
  };
}

/** @throws {ProblemError} for one that cannot be kept */
export function keyOf({ headers }: FastifyRequest): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new ProblemError('invalid-request', 'An Idempotency-Key has 1 to 255 printable characters.');
}

function refuseStream({ routeOptions }: FastifyRequest): void {
  if (routeOptions.config.idempotentStreams) return;
  throw new ProblemError(
    'invalid-request',
    'A stream of lines takes no Idempotency-Key: each line may be repeated safely.',
  );
}

function isStream({ body }: FastifyRequest): boolean {
  return typeof body === 'object' && body !== null && 'pipe' in body && typeof body.pipe === 'function';
}

/** Keyed with the caller's API key or session, which is stored nowhere: what a request held cannot be found by trying. */
function requestHash(request: FastifyRequest): Buffer {
  const { method, url, body } = request;
  const [json, file] = Buffer.isBuffer(body) ? [null, body] : [body ?? null, ''];
  return createHmac('sha256', callerOf(request).token ?? secretOf(request) ?? '')
    .update(JSON.stringify([method, url, json]))
    .update(file)
    .digest();
}
