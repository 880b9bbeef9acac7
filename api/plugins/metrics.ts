import fastifyPlugin from 'fastify-plugin';
import type { ApiMetrics } from '../watching/api-metrics.js';

/** Times every request, by its route: never by its path. */
export const metricsPlugin = fastifyPlugin<{ metrics: ApiMetrics | undefined }>(
  async (app, { metrics }) => {
    app.addHook('onResponse', async (request, reply) => {
      const route = request.routeOptions.url ?? 'none';
      const labels = { method: request.method, route, status: reply.statusCode };
      metrics?.observeRequest(labels, reply.elapsedTime / 1_000);
    });
  },
  { name: 'metrics' },
);
