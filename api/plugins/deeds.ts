import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { AuditEntry, AuditTrail } from '../../db/access/audit-entries.js';
import { DEEDS, type Deed } from '../deeds.js';
import { ProblemError } from '../problems.js';
import { callerOf } from './auth.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What it leaves behind; from `DEEDS`, unless the route says it itself. Every route that changes something has one. */
    deed?: Deed;
  }
}

const CHANGING: readonly string[] = ['POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * No route that changes something starts without saying what it leaves behind. After each deed the head of the audit trail is
 * told to the log, so that it lies outside of the database too.
 */
export const deedsPlugin = fastifyPlugin<{ audit: Pick<AuditTrail, 'head'> }>(
  async (app, { audit }) => {
    app.addHook('onRoute', (route) => {
      for (const method of [route.method].flat()) {
        if (!CHANGING.includes(method)) continue;
        const deed = route.config?.deed ?? DEEDS[`${method} ${route.url}`];
        if (!deed) throw new Error(`The route ${method} ${route.url} names no action for the audit trail.`);
        route.config = { ...route.config, deed };
      }
    });
    let told = '';
    app.addHook('onSend', async (request, reply) => {
      const { deed } = request.routeOptions.config;
      if (!deed || 'exempt' in deed || reply.statusCode >= 400) return;
      // The next deed tells of this one too.
      const head = await audit.head().catch(() => undefined);
      if (!head || head.position === told) return;
      told = head.position;
      request.log.info({ auditHead: `${head.position}:${head.hash}` }, 'the audit trail has grown');
    });
  },
  { name: 'deeds' },
);

export type DeedEntry = Omit<AuditEntry, 'apiKey' | 'action' | 'requestId' | 'answer'> & {
  /** What the action says behind another point. */
  how?: string;
};

/** The entry of what this request does: who, and what, are known. */
export function entryOf(request: FastifyRequest, { how, ...entry }: DeedEntry): AuditEntry {
  const { deed } = request.routeOptions.config;
  if (!deed || 'exempt' in deed) throw new Error('A route without an action writes into the audit trail.');
  const action = how === undefined ? deed.action : `${deed.action}.${how}`;
  return { ...entry, action, apiKey: callerOf(request).apiKeyId, requestId: request.id };
}

/**
 * Does what no transaction of ours reaches: an entry says before what is asked for, another one after it how that went. Where
 * only the first is there, nobody knows. `saying`: what the second one tells beside.
 */
export async function doOutside<T>(
  request: FastifyRequest,
  audit: Pick<AuditTrail, 'ask' | 'insert'>,
  { entry, work, saying }: { entry: DeedEntry; work: () => Promise<T>; saying?: (done: T) => Record<string, unknown> },
): Promise<T> {
  const asked = entryOf(request, entry);
  const to = await audit.ask(asked);
  try {
    const done = await work();
    await answer({ ...asked, answer: { to, outcome: 'done' }, details: { ...asked.details, ...saying?.(done) } });
    return done;
  } catch (error) {
    const type = error instanceof ProblemError ? error.problem.type : null;
    await answer({ ...asked, answer: { to, outcome: 'failed' }, details: { ...asked.details, problem: type } });
    throw error;
  }

  /** What is done is not undone by this: the first entry stands. */
  async function answer(said: AuditEntry): Promise<void> {
    await audit.insert(said).catch(() => request.log.error({ asked: to }, 'an audit entry got no answer'));
  }
}
