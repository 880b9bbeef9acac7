import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, textAt, problemOf, type Json } from '../../helpers/app.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertMembership,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const api = await createTestApi();
const { db, call, sends, syncs } = api;
const platform = await insertPlatform(db, { platformId: 'lms', deploymentId: 'd1' });

async function course(name: string): Promise<{ context: string; lineItem: string }> {
  const { id: context } = await insertContext(db, { deployment: platform.deployment, contextId: name });
  await insertServiceKey(db, { context, serviceKey: `secret of ${name}` });
  const { id: lineItem } = await insertLineItem(db, { context });
  return { context, lineItem };
}

async function stateOf(id: string): Promise<{ state: string; awaits_nightly: boolean; resting: boolean } | undefined> {
  const rows = await queryRows<{ state: string; awaits_nightly: boolean; resting: boolean }>(
    db,
    'select state, awaits_nightly, not_before > now() as resting from scores where id = ?',
    [id],
  );
  return rows[0];
}

const lastAudit = async (): Promise<Record<string, unknown> | undefined> =>
  (
    await queryRows<Record<string, unknown>>(
      db,
      'select action, subject, reason from audit_entries order by id desc limit 1',
    )
  )[0];

test('explains a rejected score, and retries it with what was set aside above it', async () => {
  const { context, lineItem } = await course('retry');
  const { id } = await insertScore(db, { context, lineItem, state: 'rejected' });
  await db.raw(
    `insert into attempts (score, revision, kind, outcome, status, failure_type, started_at, duration_ms, workflow_run, lane_token)
     values (?, 1, 'submit', 'rejected', 422, 'ScoreRejected', now(), 12, 'run-1', 1)`,
    [id],
  );
  await db.raw(`update line_items set parked_type = 'EveryScoreRefused', parked_at = now() where id = ?`, [lineItem]);
  const before = await call('GET', `/v1/scores/${id}`);
  assert.equal(at(before.body, 'rejection', 'type'), 'ScoreRejected', before.text);
  assert.equal(at(before.body, 'attempts', 0, 'status'), 422);
  assert.match(textAt(before.body, 'explanation', 'whatHappened'), /7\.5 of 10 .* status 422.* refused/);
  assert.match(textAt(before.body, 'explanation', 'whatYouCanDo'), /correct the score/);
  sends.length = 0;
  const answer = await call('POST', '/v1/scores/retry', { body: { ids: [id], reason: 'fixed' } });
  assert.equal(answer.status, 202, answer.text);
  assert.equal(at(answer.body, 'retried'), 1);
  assert.equal(at(answer.body, 'unparkedLineItems'), 1);
  assert.equal(sends.length, 1);
  assert.deepEqual(await stateOf(id), { state: 'due', awaits_nightly: false, resting: false });
  assert.deepEqual(await lastAudit(), { action: 'scores.retry', subject: id, reason: 'fixed' });
});

test('retries by filter only what is rejected, and never another platform', async () => {
  const { context, lineItem } = await course('filter');
  const rejected = await insertScore(db, { context, lineItem, state: 'rejected' });
  const submitted = await insertScore(db, { context, lineItem, state: 'submitted' });
  const { secret } = await insertApiKey(db, { scopes: ['operate'], platforms: ['another'] });
  const hidden = await call('POST', '/v1/scores/retry', {
    key: secret,
    body: { filter: { state: 'rejected' }, reason: 'a test' },
  });
  assert.equal(at(hidden.body, 'retried'), 0, hidden.text);
  const answer = await call('POST', '/v1/scores/retry', {
    body: { filter: { contextId: 'filter' }, reason: 'a test' },
  });
  assert.equal(at(answer.body, 'retried'), 1);
  assert.equal((await stateOf(rejected.id))?.state, 'due');
  assert.equal((await stateOf(submitted.id))?.state, 'submitted');
});

test('asks for ids or a filter', async () => {
  for (const body of [{}, { ids: [], filter: {} }, { ids: ['x'] }]) {
    assert.equal((await call('POST', '/v1/scores/retry', { body })).status, 400);
  }
});

test('lets go by a sync what waits for the night, in its scope only', async () => {
  const one = await course('night-1');
  const two = await course('night-2');
  const waiting = { awaits_nightly: true, priority: 3 };
  const first = await insertScore(db, { ...one, columns: waiting });
  const second = await insertScore(db, { ...two, columns: waiting });
  sends.length = 0;
  const answer = await call('POST', '/v1/syncs', { body: { context: one.context, reason: 'exam' } });
  assert.equal(answer.status, 202, answer.text);
  assert.equal(at(answer.body, 'released'), 1);
  assert.deepEqual(
    sends.map(({ gate }) => gate),
    [platform.gate],
  );
  assert.equal((await stateOf(first.id))?.awaits_nightly, false);
  assert.equal((await stateOf(second.id))?.awaits_nightly, true);
  const named = await call('POST', '/v1/syncs', {
    body: { platformId: 'lms', contextId: 'night-2', reason: 'a test' },
  });
  assert.equal(at(named.body, 'released'), 1, named.text);
  assert.equal((await call('POST', '/v1/syncs', { body: { all: true, reason: 'a test' } })).status, 202);
  assert.equal((await call('POST', '/v1/syncs', { body: { reason: 'a test' } })).status, 400);
  for (const [scope, status] of [
    [{ context: platform.id }, 404],
    [{ contextId: one.context }, 400],
  ] as const)
    assert.equal((await call('POST', '/v1/syncs', { body: { ...scope, reason: 'a test' } })).status, status);
});

test('shows a context with its columns and roster, page by page', async () => {
  const { context, lineItem } = await course('shown');
  for (const userId of ['a', 'b', 'c']) await insertMembership(db, { context, userId });
  const found = await call('GET', '/v1/contexts?platformId=lms&contextId=shown&parked=false');
  assert.equal(at(found.body, 'contexts', 0, 'id'), context, found.text);
  const one = await call('GET', `/v1/contexts/${context}`);
  assert.equal(at(one.body, 'workflow', 'workflowId'), `send/${platform.gate}`);
  assert.equal(at(one.body, 'roster'), null, 'it was never read');
  const ofPlatform = await call('GET', `/v1/platforms/${platform.id}`);
  const known = await db('contexts').where({ deployment: platform.deployment }).pluck<string[]>('id');
  assert.equal(at(ofPlatform.body, 'contexts'), known.length, ofPlatform.text);
  const page = await call('GET', `/v1/contexts/${context}/memberships?limit=2`);
  assert.deepEqual([at(page.body, 'memberships', 0, 'userId'), at(page.body, 'memberships', 1, 'userId')], ['a', 'b']);
  const next = await call(
    'GET',
    `/v1/contexts/${context}/memberships?limit=2&cursor=${textAt(page.body, 'nextCursor')}`,
  );
  assert.deepEqual([at(next.body, 'memberships', 0, 'userId'), at(next.body, 'nextCursor')], ['c', null]);
  const columns = await call('GET', `/v1/contexts/${context}/line-items`);
  assert.equal(at(columns.body, 'lineItems', 0, 'uuid'), lineItem, columns.text);
});

test('resumes a context, and reads its roster again', async () => {
  const { context, lineItem } = await course('resumed');
  await db.raw(`update contexts set parked_type = 'ContextConcluded', parked_at = now() where id = ?`, [context]);
  const { id } = await insertScore(db, { context, lineItem, columns: { not_before: new Date(Date.now() + 9e6) } });
  const waiting = await call('GET', `/v1/scores/${id}`);
  assert.equal(at(waiting.body, 'waitingFor', 'type'), 'ContextConcluded', waiting.text);
  const answer = await call('POST', `/v1/contexts/${context}/resume`, { body: { reason: 'reopened' } });
  assert.equal(at(answer.body, 'resumed'), 1, answer.text);
  assert.equal((await stateOf(id))?.resting, false);
  assert.equal(at((await call('GET', `/v1/contexts/${context}`)).body, 'parked'), null);
  syncs.length = 0;
  const refreshed = await call('POST', `/v1/contexts/${context}/roster-refresh`, { body: { reason: 'a test' } });
  assert.equal(refreshed.status, 202, refreshed.text);
  assert.deepEqual(syncs[0], { context, deployment: platform.deployment, trigger: 'operator', roster: true });
  assert.equal(api.causes.at(-1)?.request, refreshed.headers['x-request-id']);
  api.temporal.fails = true;
  const failed = await call('POST', `/v1/contexts/${context}/roster-refresh`, { body: { reason: 'a test' } });
  api.temporal.fails = false;
  assert.equal(failed.status, 503);
  assert.equal(problemOf(failed.body), 'temporal-unavailable');
});

test('changes limits for one deployment, with a reason', async () => {
  const listed = await call('GET', '/v1/platforms');
  assert.equal(at(listed.body, 'platforms', 0, 'platformId'), 'lms', listed.text);
  const path = `/v1/platforms/${platform.id}`;
  const body = { limits: { inFlightMax: 9, ratePerSecond: 2.5 }, deploymentId: 'd1', reason: 'agreed' };
  const changed = await call('PATCH', path, { body });
  assert.deepEqual(
    at(changed.body, 'deployments', 0, 'limits'),
    { inFlightMax: 9, inFlightNow: 9, ratePerSecond: 2.5 },
    changed.text,
  );
  const unlimited = await call('PATCH', path, { body: { limits: { ratePerSecond: null }, reason: 'a test' } });
  assert.equal(at(unlimited.body, 'deployments', 0, 'limits', 'ratePerSecond'), null);
  assert.equal(at(unlimited.body, 'deployments', 0, 'limits', 'inFlightMax'), 9);
  for (const wrong of [{ limits: { inFlightMax: 0 } }, { family: 'blackbord' }, { limit: {} }]) {
    assert.equal((await call('PATCH', path, { body: { ...wrong, reason: 'a test' } })).status, 400);
  }
});

test('lists the one platform that is asked for, and none to whoever may not see it', async () => {
  const { secret: stranger } = await insertApiKey(db, { scopes: ['read'], platforms: ['another'] });
  const idsOf = async (id: string, key?: string): Promise<Json[]> => {
    const { body, text } = await call('GET', `/v1/platforms?platformId=${id}`, key === undefined ? {} : { key });
    const platforms = at(body, 'platforms');
    assert.ok(Array.isArray(platforms), text);
    return platforms.map((one) => at(one, 'platformId') ?? null);
  };
  assert.deepEqual([await idsOf('lms'), await idsOf('lm'), await idsOf('lms', stranger)], [['lms'], [], []]);
});

test('resumes a platform whose breaker is open', async () => {
  await db.raw(`update gates set breaker = 'open', breaker_type = 'ApiKeyRejected', breaker_opened_at = now()`);
  const operations = await call('GET', '/v1/health/operations');
  assert.equal(at(operations.body, 'ok'), false);
  assert.equal(at(operations.body, 'findings', 0, 'type'), 'breakerOpen', operations.text);
  const answer = await call('POST', `/v1/platforms/${platform.id}/resume`, { body: { reason: 'key corrected' } });
  assert.equal(at(answer.body, 'deployments', 0, 'breaker', 'state'), 'closed', answer.text);
});

test('tells what is wrong: parked courses, missing keys, Temporal, workers', async () => {
  const { context, lineItem } = await course('wrong');
  await db.raw(`update contexts set parked_type = 'ServiceKeyRejected', parked_at = now() where id = ?`, [context]);
  await insertScore(db, { context, lineItem });
  api.temporal.pollers = 0;
  const types = async (): Promise<(Json | undefined)[]> => {
    const { body } = await call('GET', '/v1/health/operations');
    const findings = at(body, 'findings');
    return Array.isArray(findings) ? findings.map((finding) => at(finding, 'type')) : [];
  };
  const found = await types();
  for (const type of ['queueWithoutWorker', 'contextsParked', 'launchNeeded', 'scoresDue'])
    assert.ok(found.includes(type), type);
  api.temporal.fails = true;
  assert.equal((await types())[0], 'temporalUnreachable');
  const ready = await call('GET', '/readyz', { key: null });
  assert.deepEqual([ready.status, ready.body], [200, { status: 'degraded', database: 'ok', temporal: 'degraded' }]);
  api.temporal.fails = false;
  const { secret } = await insertApiKey(db, { scopes: ['read'], platforms: ['another'] });
  const hidden = await call('GET', '/v1/health/operations', { key: secret });
  assert.deepEqual(at(hidden.body, 'backlog'), []);
});
