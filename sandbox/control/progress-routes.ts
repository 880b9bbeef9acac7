import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { ProgressSetupSchema, ProgressTroubleSchema } from '../schemas/progress.js';
import { strict } from '../schemas/setup.js';
import type { SandboxState } from '../state/sandbox-state.js';

/** What the tool's score source knows, how it misbehaves, and what it was asked. */
export const progressRoutes: FastifyPluginCallbackTypebox<{ state: SandboxState }> = (app, { state }, done) => {
  app.put('/_sandbox/progress', { schema: { body: ProgressSetupSchema } }, (request, reply) => {
    state.progress.set(request.body);
    return reply.code(204).send();
  });

  const troubles = Type.Object({ troubles: Type.Array(ProgressTroubleSchema) }, strict);
  app.put('/_sandbox/progress/troubles', { schema: { body: troubles } }, (request, reply) => {
    state.progress.setTroubles(request.body.troubles);
    return reply.code(204).send();
  });

  app.get('/_sandbox/progress/asks', () => ({ asks: state.progress.asks() }));
  done();
};
