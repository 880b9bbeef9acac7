import { namesOf } from '../../domain/reach.js';
import type { FastifyRequest } from 'fastify';
import { findSourceFaults, type SourceFault } from '../../domain/webhook-source.js';
import { callerOf } from '../plugins/auth.js';
import type { SourceParts, WebhookSource } from '../../db/webhooks/webhook-sources.js';
import { notFound, ProblemError } from '../problems.js';
import type { RouteOptions } from '../route.js';
import { secretBytes, SHORTEST_SECRET } from './verify.js';

/** What all of these routes do with a source. */
export interface SourceDesk {
  sources: RouteOptions['deps']['store']['webhooks']['sources'];
  /** @throws {ProblemError} `not-found`, also for what the caller may not see */
  get(request: FastifyRequest, name: string): Promise<WebhookSource>;
  /** Every deed leaves an audit row, and changes what may be remembered of the sources. */
  note(
    request: FastifyRequest,
    action: string,
    source: Pick<WebhookSource, 'name' | 'platforms'>,
    reason: string,
    details?: Record<string, unknown>,
  ): Promise<void>;
}

export function createSourceDesk({ deps, webhooks }: RouteOptions): SourceDesk {
  const { audit } = deps.store;
  const { sources } = deps.store.webhooks;
  return {
    sources,
    async get(request, name) {
      const found = await sources.find({ name, platforms: callerOf(request).platforms });
      if (!found) throw notFound('webhook source');
      return found;
    },
    async note(request, action, { name: subject, platforms }, reason, details) {
      webhooks.sources.forget();
      await audit.insert({ apiKey: callerOf(request).apiKeyId, action, subject, reason, details, platforms });
    },
  };
}

export function toSource(source: WebhookSource): WebhookSource & ReturnType<typeof namesOf> & { url: string } {
  return { ...source, ...namesOf(source.platforms), url: `/v1/webhooks/${source.name}` };
}

/** @throws {ProblemError} that names everything that would not work. */
export function checkSource(
  source: Pick<SourceParts, 'verification' | 'mapping'>,
  secrets: readonly string[],
  at: string,
): void {
  const errors: SourceFault[] = findSourceFaults(source);
  if (secrets.some((secret) => secretBytes(source.verification, secret) === undefined)) {
    const detail = `A secret needs ${SHORTEST_SECRET} bytes or more, written as the verification says.`;
    errors.push({ pointer: at, detail });
  }
  const [first] = errors;
  if (first) throw new ProblemError('invalid-webhook-source', first.detail, { pointer: first.pointer, errors });
}
