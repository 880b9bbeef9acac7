import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Callers } from './callers.js';
import type { ApiSettings, Deps } from './app.js';
import type { Facts } from './operations/facts.js';
import { causeOf, warnUntold } from './temporal/tell-workflow.js';
import type { ListHours } from './operations/hourly-calls.js';
import type { SpoolSpace } from './spool-space.js';
import { createWaker, type Waker } from './temporal/waker.js';
import type { EventCarer } from './webhooks/event-carer.js';
import type { SourceCache } from './webhooks/source-cache.js';

/** An instance whose handlers take their types from the TypeBox schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What every file of routes gets. */
export interface RouteOptions {
  deps: Deps;
  settings: ApiSettings;
  callers: Callers;
  /** How the whole goes, looked up once for all who ask. */
  facts: () => Promise<Facts>;
  hourlyCalls: ListHours;
  webhooks: { sources: SourceCache; carer: EventCarer };
  /** For uploads and answers that wait. */
  space: SpoolSpace;
}

/** Wakes contexts on behalf of one request; a failure is logged once, and the sweep does the rest. */
export function wakerOf(request: FastifyRequest, { deps, settings }: RouteOptions): Waker {
  return createWaker(deps.workflows, {
    most: settings.wakesPerRequest,
    cause: causeOf(request),
    onTold: ({ workflowId }) => request.told.add(workflowId),
    onFailure: (error) => warnUntold(request.log, error),
  });
}
