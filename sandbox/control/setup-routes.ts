import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import {
  ContextPatchSchema,
  ContextSetupSchema,
  LineItemPatchSchema,
  LineItemSetupSchema,
  MemberPatchSchema,
  MemberSetupSchema,
  PlatformPatchSchema,
  PlatformSetupSchema,
} from '../schemas/setup.js';
import { LaunchSetupSchema } from '../schemas/views.js';
import { ControlError } from '../state/control-error.js';
import { createLaunch } from '../state/launches.js';
import type { SandboxState } from '../state/sandbox-state.js';
import { addMember, createContext, createLineItem, createPlatform, patchPlatform } from '../state/setup.js';
import { toContextSummary, toContextView, toLaunchView, toLineItemView, toPlatformView } from './to-view.js';

const text = Type.Optional(Type.String());
const platformParams = Type.Object({ platformId: Type.String() });
const contextParams = Type.Object({ contextId: Type.String() });
const deployment = Type.Object({ deploymentId: text });
/** Only needed where two platforms have a course of the same id. */
const onPlatform = Type.Object({ platformId: text, deploymentId: text });

interface Options {
  state: SandboxState;
}

/** Platforms: register, look at, switch. */
export const platformRoutes: FastifyPluginCallbackTypebox<Options> = (app, { state }, done) => {
  app.get('/_sandbox/platforms', () => ({ platforms: state.store.platforms().map(toPlatformView) }));

  app.post('/_sandbox/platforms', { schema: { body: PlatformSetupSchema } }, (request) =>
    toPlatformView(createPlatform(state, request.body)),
  );

  const one = { params: platformParams, querystring: deployment };
  app.get('/_sandbox/platforms/:platformId', { schema: one }, (request) =>
    toPlatformView(state.store.getPlatform({ ...request.params, ...request.query })),
  );

  app.patch('/_sandbox/platforms/:platformId', { schema: { ...one, body: PlatformPatchSchema } }, (request) => {
    const platform = state.store.getPlatform({ ...request.params, ...request.query });
    patchPlatform(platform, request.body);
    return toPlatformView(platform);
  });

  app.delete('/_sandbox/platforms/:platformId/traffic', { schema: one }, (request) => {
    const platform = state.store.getPlatform({ ...request.params, ...request.query });
    platform.traffic.reset();
    return toPlatformView(platform);
  });
  done();
};

/** Courses, their people and columns, and launches from them. */
export const contextRoutes: FastifyPluginCallbackTypebox<Options> = (app, { state }, done) => {
  const one = { params: contextParams, querystring: onPlatform };

  app.get('/_sandbox/contexts', () => ({ contexts: state.store.contexts().map(toContextSummary) }));

  app.post('/_sandbox/contexts', { schema: { body: ContextSetupSchema } }, (request) =>
    toContextView(createContext(state, request.body)),
  );

  app.get('/_sandbox/contexts/:contextId', { schema: one }, (request) =>
    toContextView(state.store.getContext({ ...request.params, ...request.query })),
  );

  app.patch('/_sandbox/contexts/:contextId', { schema: { ...one, body: ContextPatchSchema } }, (request) => {
    const context = state.store.getContext({ ...request.params, ...request.query });
    const { services, ...rest } = request.body;
    Object.assign(context, rest, { services: { ...context.services, ...services } });
    return toContextSummary(context);
  });

  app.post('/_sandbox/contexts/:contextId/members', { schema: { ...one, body: MemberSetupSchema } }, (request) =>
    addMember(state, state.store.getContext({ ...request.params, ...request.query }), request.body),
  );

  const memberParams = Type.Object({ contextId: Type.String(), userId: Type.String() });
  const oneMember = { params: memberParams, querystring: onPlatform, body: MemberPatchSchema };
  app.patch('/_sandbox/contexts/:contextId/members/:userId', { schema: oneMember }, (request) => {
    const { contextId, userId } = request.params;
    const member = state.store.getContext({ contextId, ...request.query }).members.get(userId);
    if (member === undefined) throw new ControlError(404, 'No such member.');
    return Object.assign(member, request.body);
  });

  app.post('/_sandbox/contexts/:contextId/line-items', { schema: { ...one, body: LineItemSetupSchema } }, (request) =>
    toLineItemView(
      createLineItem(state, state.store.getContext({ ...request.params, ...request.query }), request.body),
    ),
  );

  const lineItemQuery = Type.Object({ lineItemId: Type.String() });
  app.patch('/_sandbox/line-items', { schema: { querystring: lineItemQuery, body: LineItemPatchSchema } }, (request) =>
    toLineItemView(Object.assign(state.store.getLineItem(request.query.lineItemId), request.body)),
  );

  app.post('/_sandbox/launches', { schema: { body: LaunchSetupSchema } }, (request) =>
    toLaunchView(createLaunch(state, request.body)),
  );
  done();
};
