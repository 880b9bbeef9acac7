import fastifyPlugin from 'fastify-plugin';
import { OPERATION_IDS } from '../operation-ids.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Its span, where traces are taken: what it causes names it. */
    span: RequestSpan | undefined;
  }
}

type Attributes = Readonly<Record<string, string | number | undefined>>;

interface RequestSpan {
  readonly traceparent: string;
  end(attributes: Attributes, failure?: string): void;
}

/** Of `metrics/traces.ts` what this needs. */
export interface RequestTraces {
  begin(span: { name: string; kind: 'server'; causes: readonly string[]; attributes: Attributes }): RequestSpan;
}

/** A span for each request, by its route: paths, queries, headers and bodies may hold what a trace must not. */
export const requestTracesPlugin = fastifyPlugin<{ traces: RequestTraces | undefined }>(
  async (app, { traces }) => {
    app.decorateRequest('span');
    if (!traces) return;
    app.addHook('onRequest', async (request) => {
      const { method, id } = request;
      const { url: route } = request.routeOptions;
      const { traceparent } = request.headers;
      request.span = traces.begin({
        ...{ name: route === undefined ? method : `${method} ${route}`, kind: 'server' },
        causes: typeof traceparent === 'string' ? [traceparent] : [],
        attributes: {
          ...{ 'http.request.method': method, 'http.route': route, 'passback.request': id },
          'passback.operation': OPERATION_IDS[`${method} ${route}`],
        },
      });
    });
    app.addHook('onResponse', async ({ span }, { statusCode: status }) => {
      span?.end({ 'http.response.status_code': status }, status >= 500 ? String(status) : undefined);
    });
  },
  { name: 'request-traces' },
);
