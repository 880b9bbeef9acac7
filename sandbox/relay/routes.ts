import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyError } from 'fastify';
import Type from 'typebox';
import { ControlError } from '../state/control-error.js';
import type { SandboxState } from '../state/sandbox-state.js';
import { refusal } from './answer.js';
import { getIdToken } from './id-token.js';
import { createLineItem, deleteLineItem, getLineItem, listLineItems, updateLineItem } from './line-items.js';
import { listMemberships } from './memberships.js';
import { runCall, type RelayCall } from './pipeline.js';
import { listResults, submitScore } from './scores.js';

const text = Type.Optional(Type.String());
const limit = Type.Optional(Type.Integer({ minimum: 1 }));
const lineItemParams = Type.Object({ lineItemId: Type.String() });

const unnamed = { lineItemId: null, userId: null, score: null } as const;

/** The LTIAAS API (docs.ltiaas.com/api): launches, columns, scores, rosters. */
export const relayRoutes: FastifyPluginCallbackTypebox<{ state: SandboxState }> = (app, { state }, done) => {
  // As tolerant as an Express server: an empty body is no error, a vendor's JSON type is JSON.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser(/^application\/(.+\+)?json/, { parseAs: 'string' }, (_request, body, parsed) => {
    try {
      parsed(null, body === '' ? undefined : JSON.parse(String(body)));
    } catch {
      parsed(new ControlError(400, 'The body is not JSON.'));
    }
  });

  // A body that is not JSON, or a query that does not fit, in LTIAAS's shape rather than Fastify's.
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const answer = refusal(error.statusCode ?? 500, 'INVALID_REQUEST', error.message);
    return reply.code(answer.status).send(answer.body);
  });

  app.get(
    '/api/idtoken',
    { schema: { querystring: Type.Object({ raw: Type.Optional(Type.Boolean()) }) } },
    (request, reply) =>
      runCall(state, request, reply, {
        ...unnamed,
        route: 'idToken',
        service: 'none',
        perform: (target) => getIdToken(target, request.query.raw === true),
      }),
  );

  const rosterQuery = Type.Object({ role: text, limit, resourceLinkId: text, url: text });
  app.get('/api/memberships', { schema: { querystring: rosterQuery } }, (request, reply) =>
    runCall(state, request, reply, {
      ...unnamed,
      route: 'memberships',
      service: 'nrps',
      perform: (target) => listMemberships(target, request.query),
    }),
  );

  const lineItemsQuery = Type.Object({ resourceLinkId: text, resourceId: text, tag: text, limit, url: text });
  app.get('/api/lineitems', { schema: { querystring: lineItemsQuery } }, (request, reply) =>
    runCall(state, request, reply, {
      ...unnamed,
      route: 'lineItems',
      service: 'ags',
      perform: (target) => listLineItems(target, request.query),
    }),
  );

  app.post('/api/lineitems', (request, reply) =>
    runCall(state, request, reply, {
      ...unnamed,
      route: 'createLineItem',
      service: 'ags',
      perform: (target) => createLineItem(state, target, request.body),
    }),
  );

  addLineItemRoutes(app, { state }, done);
};

const addLineItemRoutes: FastifyPluginCallbackTypebox<{ state: SandboxState }> = (app, { state }, done) => {
  const ofLineItem = (route: RelayCall['route'], lineItemId: string, perform: RelayCall['perform']): RelayCall => ({
    ...unnamed,
    route,
    service: 'ags',
    lineItemId,
    perform,
  });

  app.get('/api/lineitems/:lineItemId', { schema: { params: lineItemParams } }, (request, reply) => {
    const { lineItemId } = request.params;
    return runCall(
      state,
      request,
      reply,
      ofLineItem('lineItem', lineItemId, (target) => getLineItem(target, lineItemId)),
    );
  });

  app.put('/api/lineitems/:lineItemId', { schema: { params: lineItemParams } }, (request, reply) => {
    const { lineItemId } = request.params;
    const perform: RelayCall['perform'] = (target) => updateLineItem(target, lineItemId, request.body);
    return runCall(state, request, reply, ofLineItem('updateLineItem', lineItemId, perform));
  });

  app.delete('/api/lineitems/:lineItemId', { schema: { params: lineItemParams } }, (request, reply) => {
    const { lineItemId } = request.params;
    const perform: RelayCall['perform'] = (target) => deleteLineItem(target, lineItemId);
    return runCall(state, request, reply, ofLineItem('deleteLineItem', lineItemId, perform));
  });

  const resultsQuery = Type.Object({ userId: text, limit, url: text });
  app.get(
    '/api/lineitems/:lineItemId/scores',
    { schema: { params: lineItemParams, querystring: resultsQuery } },
    (request, reply) => {
      const { lineItemId } = request.params;
      const perform: RelayCall['perform'] = (target) => listResults(target, lineItemId, request.query);
      const call = ofLineItem('results', lineItemId, perform);
      return runCall(state, request, reply, { ...call, userId: request.query.userId ?? null });
    },
  );

  // The hot path: no schema of Fastify's, the body is checked once by a compiled validator.
  app.post<{ Params: { lineItemId: string } }>('/api/lineitems/:lineItemId/scores', (request, reply) => {
    const { lineItemId } = request.params;
    const score: unknown = request.body ?? null;
    return runCall(state, request, reply, {
      route: 'submitScore',
      service: 'ags',
      lineItemId,
      userId: userIdOf(score),
      score,
      perform: (target) => submitScore(state, target, lineItemId, score),
    });
  });
  done();
};

function userIdOf(score: unknown): string | null {
  if (typeof score !== 'object' || score === null || !('userId' in score)) return null;
  const { userId } = score;
  return typeof userId === 'string' || typeof userId === 'number' ? String(userId) : null;
}
