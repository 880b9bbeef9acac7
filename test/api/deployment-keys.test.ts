import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBackfills } from '../../db/backfills/backfills.js';
import { at, createTestApi, problemOf, textAt, type Json } from '../helpers/app.js';
import { anyErased } from '../helpers/any-erased.js';
import { insertLineItem, insertScore, unique } from '../helpers/factories.js';
import { GITHUB, namingMapping } from '../helpers/webhooks.js';

const api = await createTestApi();
const { db, call } = api;
const reason = 'a test';

interface Place {
  deployment: string;
  context: string;
  lineItem: string;
  lineItemId: string;
  score: string;
  serviceKey: string;
}

/** A deployment of one institution, with a course and a score; all share a registration of the LMS. */
async function insertInstitution(deploymentId: string): Promise<Place> {
  const launch = await call('POST', '/v1/launches', {
    body: {
      idToken: {
        platform: { id: 'shared', deploymentId },
        launch: { context: { id: 'bio' } },
        services: { assignmentAndGrades: { available: true }, serviceKey: `key of ${deploymentId}` },
      },
    },
  });
  assert.equal(launch.status, 201, launch.text);
  const context = textAt(launch.body, 'context');
  const [deployment = ''] = await db('contexts').where({ id: context }).pluck<string[]>('deployment');
  const { id: lineItem, line_item_id: lineItemId } = await insertLineItem(db, { context });
  const { id: score } = await insertScore(db, {
    context,
    lineItem,
    state: 'rejected',
    userId: `ada of ${deploymentId}`,
  });
  const serviceKey = textAt(launch.body, 'serviceKeyId');
  return { deployment, context, lineItem, lineItemId: lineItemId ?? '', score, serviceKey };
}

const north = await insertInstitution('north');
const south = await insertInstitution('south');
const [platform = ''] = await db('platforms').pluck<string[]>('id');
await db.raw(`update scores set updated_at = now() - interval '1 hour'`);

async function make(change: object, key = api.adminKey): Promise<{ id: string; key: string; body: Json }> {
  const body = { name: unique('key'), scopes: ['admin'], reason, ...change };
  const made = await call('POST', '/v1/api-keys', { key, body });
  assert.equal(made.status, 201, made.text);
  return { id: textAt(made.body, 'id'), key: textAt(made.body, 'key'), body: made.body };
}

const ofNorth = [{ platformId: 'shared', deploymentId: 'north' }];
const limited = await make({ deployments: ofNorth });
const { key } = limited;
const get = (path: string) => call('GET', path, { key });

test('shows what a key is limited to by names', async () => {
  const { body } = await get('/v1/whoami');
  for (const shown of [limited.body, body]) {
    assert.deepEqual([at(shown, 'platforms'), at(shown, 'deployments')], [[], ofNorth]);
  }
  const whole = await call('GET', '/v1/whoami');
  assert.deepEqual([at(whole.body, 'platforms'), at(whole.body, 'deployments')], [null, null]);
});

test('lists what is of the deployment, and nothing of its neighbours', async () => {
  for (const path of [
    ...['/v1/scores', '/v1/contexts', '/v1/line-items', '/v1/service-keys', '/v1/platforms'],
    '/v1/scores?updatedAfter=2026-01-01T00:00:00Z',
  ]) {
    const { text, status } = await get(path);
    assert.equal(status, 200, text);
    assert.match(text, /north/, path);
    assert.doesNotMatch(text, /south/, path);
  }
  const all = await call('GET', '/v1/failures/count');
  const own = await get('/v1/failures/count');
  assert.deepEqual([at(all.body, 'count'), at(own.body, 'count')], [2, 1], own.text);
  const { body } = await get(`/v1/platforms/${platform}`);
  assert.equal(at(body, 'contexts'), 1);
  for (const path of [
    '/v1/health/operations',
    '/v1/failures',
    '/v1/runs',
    '/v1/results',
    '/v1/audit',
    '/v1/bulk-operations',
  ]) {
    assert.doesNotMatch((await get(path)).text, /south/, path);
  }
});

test('answers for a neighbour’s things as for things that are not there', async () => {
  const paths = (of: Place): [string, string][] => [
    ['GET', `/v1/scores/${of.score}`],
    ['GET', `/v1/scores/${of.score}/story`],
    ['GET', `/v1/contexts/${of.context}`],
    ['GET', `/v1/contexts/${of.context}/memberships`],
    ['GET', `/v1/line-items/${of.lineItem}`],
    ['GET', `/v1/service-keys/${of.serviceKey}`],
    ['POST', `/v1/contexts/${of.context}/pause`],
    ['POST', `/v1/contexts/${of.context}/resume`],
    ['POST', `/v1/deployments/${of.deployment}/pause`],
    ['POST', `/v1/deployments/${of.deployment}/resume`],
  ];
  const ask = async ([method, path]: [string, string]): Promise<number> =>
    method === 'GET' ? (await get(path)).status : (await call('POST', path, { key, body: { reason } })).status;
  for (const path of paths(south)) assert.equal(await ask(path), 404, path.join(' '));
  for (const path of paths(north)) assert.ok([200, 202].includes(await ask(path)), path.join(' '));
});

test('does nothing to a whole platform', async () => {
  for (const path of ['pause', 'resume', 'roster-refresh']) {
    const refused = await call('POST', `/v1/platforms/${platform}/${path}`, { key, body: { reason } });
    assert.equal(refused.status, 403, path);
  }
  const limits = { limits: { inFlightMax: 3 }, reason };
  assert.equal((await call('PATCH', `/v1/platforms/${platform}`, { key, body: limits })).status, 403);
  const notice = { url: 'https://tool.example', format: 'slack', kinds: ['breakerOpen'], reason };
  assert.equal((await call('POST', '/v1/notices', { key, body: notice })).status, 403);
});

test('takes scores and launches of the deployment only', async () => {
  const hand = (change: object) =>
    call('POST', '/v1/scores', {
      key,
      body: { platformId: 'shared', contextId: 'bio', userId: 'bob', scoreGiven: 1, scoreMaximum: 1, ...change },
    });
  const own = await hand({ deploymentId: 'north', lineItem: { id: north.lineItemId } });
  assert.equal(own.status, 202, own.text);
  const unnamed = await hand({ lineItem: { id: north.lineItemId } });
  assert.equal(unnamed.status, 202, unnamed.text);
  const theirs = await hand({ deploymentId: 'south', lineItem: { id: south.lineItemId } });
  assert.deepEqual([theirs.status, problemOf(at(theirs.body, 'scores', 0, 'problem'))], [422, 'unknown-deployment']);
  const none = await hand({ deploymentId: 'none', lineItem: { id: south.lineItemId } });
  assert.equal(problemOf(at(none.body, 'scores', 0, 'problem')), 'unknown-deployment');
  const launch = (deploymentId: string) => {
    const idToken = { platform: { id: 'shared', deploymentId }, launch: { context: { id: 'bio' } }, services: {} };
    return call('POST', '/v1/launches', { key, body: { idToken } });
  };
  assert.ok((await launch('north')).status < 300);
  assert.equal((await launch('south')).status, 403);
  const bring = (deploymentId?: string) =>
    call('POST', '/v1/service-keys', {
      key,
      body: {
        platformId: 'shared',
        contextId: 'bio',
        serviceKey: 'kept-by-the-tool',
        ...(deploymentId && { deploymentId }),
      },
    });
  assert.ok((await bring('north')).status < 300);
  assert.ok((await bring()).status < 300);
  const refused = await bring('south');
  assert.match(refused.text, /unknown-deployment/);
});

test('retries the deployment’s scores only', async () => {
  const retried = await call('POST', '/v1/scores/retry', { key, body: { filter: { platformId: 'shared' }, reason } });
  assert.equal(at(retried.body, 'retried'), 1, retried.text);
  const states = await db('scores')
    .whereIn('id', [north.score, south.score])
    .orderBy('user_id')
    .pluck<string[]>('state');
  assert.deepEqual(states, ['due', 'rejected']);
});

test('makes nothing that reaches further', async () => {
  const narrower = await make({}, key);
  assert.deepEqual(at(narrower.body, 'deployments'), ofNorth);
  for (const wider of [{ platforms: ['shared'] }, { deployments: [{ platformId: 'shared', deploymentId: 'south' }] }]) {
    const refused = await call('POST', '/v1/api-keys', {
      key,
      body: { name: 'x', scopes: ['read'], reason, ...wider },
    });
    assert.equal(refused.status, 403, refused.text);
    const source = {
      name: 'wide',
      verification: GITHUB,
      secret: 'a-secret-of-the-service',
      mapping: namingMapping('shared'),
    };
    assert.equal(
      (await call('POST', '/v1/webhook-sources', { key, body: { ...source, reason, ...wider } })).status,
      403,
    );
  }
  const whole = await make({ platforms: ['shared'] });
  assert.equal((await make({ deployments: ofNorth }, whole.key)).id.length, 36);
  const keys = at((await get('/v1/api-keys')).body, 'apiKeys');
  const ids = Array.isArray(keys) ? keys.map((one) => textAt(one, 'id')) : [];
  assert.ok(ids.includes(narrower.id) && !ids.includes(whole.id));
});

test('shows a backfill to who reaches all that it touches, and corrects what its author reaches', async () => {
  const { backfills } = api.deps.store;
  const start = async (bearer: string): Promise<string> => {
    const body = { reason, author: 'Ada', filter: { platformId: 'shared' }, action: 'resend', dryRun: true };
    const started = await call('POST', '/v1/backfills', { key: bearer, body });
    assert.equal(started.status, 202, started.text);
    return textAt(started.body, 'id');
  };
  const preview = createBackfills(db, { erased: anyErased() });
  const ends = await Promise.all(
    [key, api.adminKey].map(async (bearer) => {
      const id = await start(bearer);
      for (let step = await preview.begin(id); step;) step = await preview.advance(id, step);
      await preview.conclude(id);
      return { id, columns: await backfills.listColumns({ backfill: id, after: -1, limit: 10 }) };
    }),
  );
  const [own, theirs] = ends;
  assert.deepEqual(
    ends.map(({ columns }) => columns.map(({ lineItemId }) => lineItemId).toSorted()),
    [[north.lineItemId], [north.lineItemId, south.lineItemId].toSorted()],
  );
  assert.equal((await get(`/v1/backfills/${own?.id ?? ''}`)).status, 200);
  assert.equal((await get(`/v1/backfills/${theirs?.id ?? ''}`)).status, 404);
});
