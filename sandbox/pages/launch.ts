import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { ControlError } from '../state/control-error.js';
import { createLaunch } from '../state/launches.js';
import type { SandboxState } from '../state/sandbox-state.js';

const text = Type.Optional(Type.String());
const querystring = Type.Object({
  /** The tool's launch address, as the LTIAAS account has it. */
  tool: Type.String(),
  contextId: Type.String(),
  ...{ platformId: text, deploymentId: text, resourceLinkId: text, userId: text },
});

/** A click on the activity in the LMS: LTIAAS checks the launch, and sends the browser on to the tool with an `ltik`. */
export const launchRoutes: FastifyPluginCallbackTypebox<{ state: SandboxState }> = (app, { state }, done) => {
  app.get('/launch', { schema: { querystring } }, (request, reply) => {
    const { tool, ...setup } = request.query;
    const address = URL.canParse(tool) ? new URL(tool) : undefined;
    if (address === undefined || !['http:', 'https:'].includes(address.protocol))
      throw new ControlError(400, 'The tool is an address that begins with http:// or https://.');
    address.searchParams.set('ltik', createLaunch(state, setup).ltik);
    return reply.header('cache-control', 'no-store').redirect(address.href);
  });
  done();
};
