import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { LtiaasError } from '../../../ltiaas/error.js';
import { at, createTestApi, textAt, problemOf } from '../../helpers/app.js';
import { insertApiKey, insertLineItem, insertScore } from '../../helpers/factories.js';

const api = await createTestApi();
const { db, call, syncs } = api;

const key = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  platformId: 'lms',
  deploymentId: 'd1',
  contextId: 'course',
  resourceLinkId: 'link',
  serviceKey: 'kept-key',
  ...change,
});

test('brings one key, then knows it', async () => {
  const first = await call('POST', '/v1/service-keys', { body: key({ productFamilyCode: 'moodle' }) });
  assert.equal(first.status, 200, first.text);
  assert.equal(at(first.body, 'serviceKeys', 0, 'outcome'), 'stored');
  const again = await call('POST', '/v1/service-keys', { body: key() });
  assert.equal(at(again.body, 'serviceKeys', 0, 'outcome'), 'unchanged', again.text);
});

test('brings CSV and NDJSON, each row with its own answer', async () => {
  const csv =
    'platformId,deploymentId,contextId,resourceLinkId,serviceKey\r\nlms,,"csv, 1",l,"k""1"\nlms,d1,csv-2,,\nlms,d1\n\nlms,d1,csv-3,,k3';
  const answer = await call('POST', '/v1/service-keys', { body: csv, headers: { 'content-type': 'text/csv' } });
  assert.equal(answer.status, 200, answer.text);
  const outcomes = [0, 1, 2, 3].map((index) => at(answer.body, 'serviceKeys', index, 'outcome'));
  assert.deepEqual(outcomes, ['stored', 'invalid', 'invalid', 'stored'], answer.text);
  assert.equal(at(answer.body, 'serviceKeys', 1, 'problem', 'pointer'), '/serviceKey');
  const rows = await queryRows(db, `select 1 from contexts where context_id in ('csv, 1', 'csv-3')`);
  assert.equal(rows.length, 2);
  const lines = `${JSON.stringify(key({ contextId: 'nd-1' }))}\nnonsense\n${JSON.stringify(key({ contextId: 'nd-2', launchedAt: 'x' }))}`;
  const streamed = await call('POST', '/v1/service-keys', {
    body: lines,
    headers: { 'content-type': 'application/x-ndjson' },
  });
  assert.deepEqual([at(streamed.body, 'stored'), at(streamed.body, 'invalid')], [1, 2], streamed.text);
  assert.equal(problemOf(at(streamed.body, 'serviceKeys', 1, 'problem')), 'malformed-line');
});

test('replaces no key that works by one of unknown age', async () => {
  await call('POST', '/v1/service-keys', { body: key({ contextId: 'age', serviceKey: 'working' }) });
  const unknown = await call('POST', '/v1/service-keys', { body: key({ contextId: 'age', serviceKey: 'kept' }) });
  assert.equal(at(unknown.body, 'serviceKeys', 0, 'outcome'), 'older', unknown.text);
  const context = textAt(unknown.body, 'serviceKeys', 0, 'context');
  await db.raw('update service_keys set rejected_at = now() where context = ?', [context]);
  const { id: lineItem } = await insertLineItem(db, { context });
  await insertScore(db, { context, lineItem });
  syncs.length = 0;
  const replaced = await call('POST', '/v1/service-keys', { body: key({ contextId: 'age', serviceKey: 'kept' }) });
  assert.equal(at(replaced.body, 'serviceKeys', 0, 'outcome'), 'stored');
  assert.equal(at(replaced.body, 'resumed'), 1);
  assert.equal(syncs[0]?.context, context);
});

test('needs the deployment of a platform that is not known', async () => {
  const answer = await call('POST', '/v1/service-keys', { body: key({ platformId: 'new', deploymentId: undefined }) });
  assert.equal(problemOf(at(answer.body, 'serviceKeys', 0, 'problem')), 'unknown-deployment', answer.text);
});

test('brings no key to a platform that the caller may not see', async () => {
  const { secret } = await insertApiKey(db, { scopes: ['launches:write'], platforms: ['another'] });
  const answer = await call('POST', '/v1/service-keys', { key: secret, body: [key()] });
  assert.equal(problemOf(at(answer.body, 'serviceKeys', 0, 'problem')), 'unknown-platform', answer.text);
});

test('lists the keys of one deployment, and none to whoever may not see its platform', async () => {
  const body = key({ deploymentId: 'd-two', contextId: 'apart', serviceKey: 'apart' });
  assert.equal((await call('POST', '/v1/service-keys', { body })).status, 200);
  const { secret: stranger } = await insertApiKey(db, { scopes: ['read'], platforms: ['another'] });
  const path = '/v1/service-keys?platformId=lms&deploymentId=d-two';
  const listed = (await call('GET', path)).body;
  assert.deepEqual([at(listed, 'serviceKeys', 0, 'contextId'), at(listed, 'serviceKeys', 1)], ['apart', undefined]);
  assert.deepEqual(at((await call('GET', path, { key: stranger })).body, 'serviceKeys'), []);
});

test('tests a connection step by step, and never shows the key', async () => {
  const stored = await call('POST', '/v1/service-keys', {
    body: key({ contextId: 'check', serviceKey: 'secret of check' }),
  });
  const context = textAt(stored.body, 'serviceKeys', 0, 'context');
  const listed = await call('GET', '/v1/service-keys?contextId=check');
  const id = textAt(listed.body, 'serviceKeys', 0, 'id');
  assert.equal(at(listed.body, 'serviceKeys', 0, 'context'), context);
  api.ltiaas.listLineItems = async ({ serviceKey }) => {
    assert.equal(serviceKey, 'secret of check');
    return [{ id: 'https://lms.example/items/1' }];
  };
  const good = await call('POST', `/v1/service-keys/${id}/check`);
  assert.equal(at(good.body, 'ok'), true, good.text);
  const facts = {
    kind: 'http',
    sent: true,
    method: 'GET',
    route: 'GET /api/lineitems',
    durationMs: 1,
    status: 401,
    answeredBy: 'ltiaas',
  } as const;
  api.ltiaas.listLineItems = async () => Promise.reject(new LtiaasError(facts));
  const bad = await call('POST', `/v1/service-keys/${id}/check`);
  assert.deepEqual(
    [at(bad.body, 'ok'), at(bad.body, 'steps', 1, 'ok'), at(bad.body, 'steps', 2, 'ok')],
    [false, false, true],
    bad.text,
  );
  assert.equal(typeof at(bad.body, 'steps', 1, 'advice'), 'string');
  await api
    .db('service_keys')
    .where({ id })
    .update({ ciphertext: Buffer.alloc(40) });
  const altered = await call('POST', `/v1/service-keys/${id}/check`);
  assert.deepEqual([at(altered.body, 'ok'), at(altered.body, 'steps', 0, 'type')], [false, 'ServiceKeyUnreadable']);
  const shown = await call('GET', `/v1/service-keys/${id}`);
  assert.ok(!`${listed.text}${shown.text}${good.text}${bad.text}`.includes('secret of check'));
  assert.equal((await call('DELETE', `/v1/service-keys/${id}?reason=done`)).status, 204);
  assert.equal((await call('DELETE', `/v1/service-keys/${id}?reason=done`)).status, 404);
});

test('takes no key of the future, which would keep out those of later launches', async () => {
  const bring = async (launchedAt: string): Promise<string> => {
    const { body } = await call('POST', '/v1/service-keys', {
      body: key({ contextId: 'clock', serviceKey: 'k', launchedAt }),
    });
    return `${textAt(body, 'serviceKeys', 0, 'outcome')} ${JSON.stringify(at(body, 'serviceKeys', 0, 'problem', 'pointer'))}`;
  };
  assert.equal(await bring(new Date(Date.now() + 3_600_000).toISOString()), 'invalid "/launchedAt"');
  // A clock that is a little ahead is taken for ours.
  assert.equal(await bring(new Date(Date.now() + 60_000).toISOString()), 'stored undefined');
  const rows = await queryRows(
    db,
    `select 1 from service_keys k join contexts c on c.id = k.context where c.context_id = 'clock' and k.launched_at <= now()`,
  );
  assert.equal(rows.length, 1);
});
