import { namesOf } from '../../domain/reach.js';
import type { FastifyRequest } from 'fastify';
import { findSourceFaults, type SourceFault } from '../../domain/webhook-source.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import type { SourceParts, WebhookSource } from '../../db/webhooks/webhook-sources.js';
import { notFound, ProblemError } from '../problems.js';
import type { RouteOptions } from '../route.js';
import { secretBytes, SHORTEST_SECRET } from './verify.js';

/** What all of these routes do with a source. */
export interface SourceDesk {
  sources: RouteOptions['deps']['store']['webhooks']['sources'];
  /** @throws {ProblemError} `not-found`, also for what the caller may not see */
  get(request: FastifyRequest, name: string): Promise<WebhookSource>;
  /**
   * Does something to a source, with its audit entry in the same transaction, and changes what may be remembered of the
   * sources. What gives false, or nothing, is not done.
   */
  act<T>(request: FastifyRequest, deed: SourceDeed<T>): Promise<T>;
}

export interface SourceDeed<T> {
  source: { name: string; platforms: readonly string[] | null };
  reason: string;
  work: (sources: SourceDesk['sources']) => Promise<T>;
  /** What the entry says beside. */
  saying?: (done: T) => Record<string, unknown>;
}

export function createSourceDesk({ deps, webhooks }: RouteOptions): SourceDesk {
  const { sources } = deps.store.webhooks;
  return {
    sources,
    async get(request, name) {
      const found = await sources.find({ name, platforms: callerOf(request).platforms });
      if (!found) throw notFound('webhook source');
      return found;
    },
    async act(request, { source: { name: subject, platforms }, reason, work, saying }) {
      const done = await deps.store.transact(async (store) => {
        const result = await work(store.webhooks.sources);
        if (result === false || result === undefined) return result;
        await store.audit.insert(entryOf(request, { subject, reason, platforms, details: saying?.(result) }));
        return result;
      });
      webhooks.sources.forget();
      return done;
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
