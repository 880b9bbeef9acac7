import type { FastifyInstance } from 'fastify';
import type { RouteOptions } from '../route.js';
import { createEventCarer } from './event-carer.js';
import { createSourceCache } from './source-cache.js';

/** What the routes of webhooks share; begins when the API is ready and ends with it. */
export function createWebhooks(
  app: FastifyInstance,
  { deps, settings }: Pick<RouteOptions, 'deps' | 'settings'>,
): RouteOptions['webhooks'] {
  const { store, workflows, now } = deps;
  const { log } = app;
  const sources = createSourceCache(store.webhooks.sources, {
    ...{ now, cacheMs: settings.webhookSourceCacheMs },
    onUnreadable: (source) => log.error({ source }, 'a secret of the source cannot be decrypted'),
  });
  const events = store.webhooks.processor;
  const carer = createEventCarer({ events, workflows, log, intervalMs: settings.webhookIntervalMs });
  app.addHook('onReady', async () => carer.start());
  app.addHook('onClose', async () => carer.stop());
  return { sources, carer };
}
