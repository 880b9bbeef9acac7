import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import fastify, { type FastifyInstance } from 'fastify';
import { progressRoutes } from './control/progress-routes.js';
import { readRoutes } from './control/read-routes.js';
import { contextRoutes, platformRoutes } from './control/setup-routes.js';
import { troubleRoutes } from './control/trouble-routes.js';
import { launchRoutes } from './pages/launch.js';
import { pageRoutes } from './pages/routes.js';
import { relayRoutes } from './relay/routes.js';
import { createSandboxState } from './state/sandbox-state.js';
import { scoreSourceRoutes } from './tool/score-source.js';

export interface SandboxOptions {
  /** The key that callers of the LTIAAS API must show. */
  apiKey: string;
  /** LTIAAS's and the LMSes' clock in milliseconds; default: the real one. */
  now?: () => number;
}

/**
 * An LTIAAS with LMSes behind it, in memory: the LTIAAS API under /api, the control API under /_sandbox (no
 * authentication: bind it to loopback), a tool's score source under /tool, pages for people at / and
 * /gradebook/{contextId}.
 */
export function buildSandbox(options: SandboxOptions): FastifyInstance {
  const state = createSandboxState({ apiKey: options.apiKey, now: options.now ?? Date.now });
  const app = fastify({
    logger: false,
    // Calls that hang on purpose must not hold up the end of the process.
    forceCloseConnections: true,
    // A line item id is a URL and stands in the path as one encoded part; the router's own limit is 100 characters.
    routerOptions: { maxParamLength: 2000 },
    keepAliveTimeout: 60_000,
    bodyLimit: 16 * 1024 * 1024,
  });
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  const all = [
    relayRoutes,
    platformRoutes,
    contextRoutes,
    troubleRoutes,
    progressRoutes,
    readRoutes,
    pageRoutes,
    launchRoutes,
  ];
  for (const routes of [...all, scoreSourceRoutes]) {
    app.register(routes, { state });
  }
  return app;
}
