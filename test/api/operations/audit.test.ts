import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, problemOf, textAt, type Json } from '../../helpers/app.js';
import { insertApiKey, insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';
import { createSource, namingMapping } from '../../helpers/webhooks.js';

const api = await createTestApi();
const { call, db } = api;

interface Tenant {
  platform: string;
  platformId: string;
  context: string;
  score: string;
  key: { id: string; secret: string };
}

async function insertTenant(platformId: string): Promise<Tenant> {
  const platform = await insertPlatform(db, { platformId });
  const { id: context } = await insertContext(db, { deployment: platform.deployment });
  const { id: lineItem } = await insertLineItem(db, { context });
  const { id: score } = await insertScore(db, { context, lineItem, state: 'rejected' });
  const key = await insertApiKey(db, { platforms: [platformId], columns: { name: `key of ${platformId}` } });
  return { platform: platform.id, platformId, context, score, key };
}

const north = await insertTenant('north');
const south = await insertTenant('south');

async function act(method: 'POST' | 'DELETE', path: string, body: object | undefined, key?: string): Promise<Json> {
  const answer = await call(method, path, { body, ...(key !== undefined && { key }) });
  assert.ok(answer.status < 300, answer.text);
  return answer.body;
}

async function list(query = '', key?: string): Promise<Json[]> {
  const answer = await call('GET', `/v1/audit${query}`, key === undefined ? {} : { key });
  assert.equal(answer.status, 200, answer.text);
  const entries = at(answer.body, 'auditEntries');
  assert.ok(Array.isArray(entries));
  return entries;
}

const wordsOf = (entries: readonly Json[]): (Json | undefined)[] => entries.map((entry) => at(entry, 'reason'));

test('says who did what to what, when and why, newest first', async () => {
  const began = new Date();
  await act('POST', `/v1/contexts/${south.context}/pause`, { reason: 'exams' }, south.key.secret);
  await act('POST', `/v1/contexts/${south.context}/resume`, { reason: 'over' }, south.key.secret);
  const [resumed, paused, ...others] = await list(`?subject=${south.context}`);
  assert.deepEqual(others, []);
  const { id, secret } = south.key;
  assert.deepEqual(paused, {
    ...{ id: textAt(paused, 'id'), at: textAt(paused, 'at'), apiKey: id, keyName: 'key of south' },
    ...{ action: 'contexts.pause', subject: south.context, reason: 'exams', details: { resumesAt: null } },
    ...{ requestId: textAt(paused, 'requestId'), outcome: 'done', answers: null, hash: textAt(paused, 'hash') },
  });
  assert.ok(Number(at(paused, 'id')) < Number(at(resumed, 'id')));
  assert.ok(Date.parse(textAt(paused, 'at')) >= began.getTime() - 1_000);
  assert.equal(at(resumed, 'action'), 'contexts.resume');
  assert.deepEqual(wordsOf(await list(`?apiKey=${id}&action=contexts.pause`, secret)), ['exams']);
  assert.deepEqual(wordsOf(await list(`?apiKey=${id}&action=contexts`, secret)), ['over', 'exams']);
  assert.deepEqual(wordsOf(await list(`?requestId=${textAt(paused, 'requestId')}`)), ['exams']);
  assert.deepEqual(wordsOf(await list(`?platformId=south&outcome=done`)), ['over', 'exams']);
  assert.deepEqual(await list(`?platformId=south&outcome=failed`), []);
  assert.deepEqual(await list(`?apiKey=${id}&action=context`), []);
});

test('tells a key of some platforms of those, and of its own deeds', async () => {
  const ofNorth = { reason: 'of north' };
  await act('POST', `/v1/platforms/${north.platform}/pause`, ofNorth);
  await act('POST', `/v1/platforms/${north.platform}/resume`, ofNorth);
  await act('POST', '/v1/scores/retry', { ids: [north.score], ...ofNorth });
  await act('POST', `/v1/scores/${north.score}/withdraw`, ofNorth);
  await act('POST', '/v1/syncs', { platformId: 'north', ...ofNorth });
  await act('POST', '/v1/syncs', { context: north.context, ...ofNorth });
  await createSource(api, { name: 'grader', mapping: namingMapping('north'), platforms: ['north'] });
  await act('POST', '/v1/webhook-events/replay', { filter: { source: 'grader' }, ...ofNorth });
  await act('DELETE', '/v1/webhook-sources/grader?reason=of+north', undefined);
  const key = await act('POST', '/v1/api-keys', { name: 'more', scopes: ['read'], platforms: ['north'], ...ofNorth });
  await act('DELETE', `/v1/api-keys/${textAt(key, 'id')}?reason=of+north`, undefined);
  await act('POST', '/v1/scores/retry', { filter: { state: 'rejected' }, reason: 'of all' });
  await act('POST', '/v1/syncs', { all: true, reason: 'of all' });
  await act('POST', '/v1/scores/retry', { ids: [north.score], reason: 'of south' }, south.key.secret);
  await act('POST', '/v1/syncs', { platformId: 'north', reason: 'of south' }, south.key.secret);
  const seen = await list('', north.key.secret);
  assert.equal(seen.length, 11);
  for (const entry of seen) {
    assert.match(textAt(entry, 'reason'), /^(of north|for the test|a test)$/);
    // What the operators of all call their keys is theirs.
    assert.equal(at(entry, 'keyName'), null);
  }
  const ofSouth = await list('', south.key.secret);
  assert.deepEqual(wordsOf(ofSouth), ['of south', 'of south', 'over', 'exams']);
  assert.doesNotMatch(JSON.stringify(ofSouth), new RegExp([north.platform, north.context, north.score].join('|')));
  const { secret } = await insertApiKey(db, { platforms: ['nowhere'] });
  assert.deepEqual(await list('', secret), []);
  assert.ok(wordsOf(await list()).includes('of all'));
});

test('is read page by page, and by time', async () => {
  const all = await list('?limit=500');
  const seen: Json[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await call('GET', `/v1/audit?limit=4${cursor === '' ? '' : `&cursor=${cursor}`}`);
    const page = at(body, 'auditEntries');
    assert.ok(Array.isArray(page) && page.length <= 4);
    seen.push(...page);
    const next = at(body, 'nextCursor');
    cursor = typeof next === 'string' ? next : null;
  }
  assert.deepEqual(seen, all);
  const middle = textAt(all[5], 'at');
  const since = await list(`?limit=500&since=${middle}`);
  const until = await list(`?limit=500&until=${middle}`);
  assert.deepEqual([...since, ...until], all);
  assert.ok(since.length >= 6 && until.length > 0);
});

test('is for admins', async () => {
  const { secret } = await insertApiKey(db, { scopes: ['read', 'operate'] });
  assert.equal((await call('GET', '/v1/audit', { key: secret })).status, 403);
  for (const query of ['since=yesterday', 'action=scores%25', 'cursor=x', 'key=x']) {
    assert.equal(problemOf((await call('GET', `/v1/audit?${query}`)).body), 'invalid-request', query);
  }
});

test('notes keys of courses that were handed in', async () => {
  const before = (await list()).length;
  const body = { platformId: 'north', deploymentId: '1', contextId: 'bio', serviceKey: 'a key' };
  const { status, text } = await call('POST', '/v1/service-keys', { body });
  assert.equal(status, 200, text);
  const [entry, ...others] = await list();
  assert.equal(others.length, before);
  const [{ id, requestId } = { id: '', requestId: '' }] = await queryRows<{ id: string; requestId: string }>(
    db,
    'select id, brought_request as "requestId" from service_keys where brought_by is not null',
  );
  assert.deepEqual(
    [at(entry, 'action'), at(entry, 'subject'), at(entry, 'requestId')],
    ['service-keys.import', id, requestId],
  );
});
