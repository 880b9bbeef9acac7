import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestApi, parseJson, at, type Json } from '../helpers/app.js';
import { insertContext, insertLineItem, insertPlatform } from '../helpers/factories.js';

const api = await createTestApi();
const { db, call } = api;
const { deployment, gate } = await insertPlatform(db, { platformId: 'lms', deploymentId: 'd1' });
const { id: context } = await insertContext(db, { deployment, contextId: 'algebra' });
const lineItemId = 'https://lms.example/line-items/quiz';
await insertLineItem(db, { context, lineItemId });

/** The lines that a call leaves behind, at level info and above. */
async function linesOf(work: () => Promise<unknown>): Promise<Json[]> {
  api.logs.length = 0;
  await work();
  return api.logs.map(parseJson).filter((line) => Number(at(line, 'level')) >= 30);
}

const score = (userId: string): Json => ({
  ...{ platformId: 'lms', contextId: 'algebra', userId, scoreGiven: 1, scoreMaximum: 10 },
  lineItem: { id: lineItemId },
});

test('a request leaves one line: operation, status, time, id, caller, and the workflows that it told', async () => {
  let requestId: unknown;
  const lines = await linesOf(async () => {
    const answer = await call('POST', '/v1/scores', { body: score('ada') });
    requestId = answer.headers['x-request-id'];
    assert.equal(answer.status, 202, answer.text);
  });
  const [key] = await db('api_keys').pluck<string[]>('id');
  assert.equal(lines.length, 1, JSON.stringify(lines));
  const [line] = lines;
  assert.ok(Number(at(line, 'durationMs')) >= 0);
  const shown = ['msg', 'operation', 'method', 'route', 'status', 'requestId', 'caller', 'workflows', 'workflowsTold'];
  assert.deepEqual(
    shown.map((name) => at(line, name)),
    ['request', 'handInScores', 'POST', '/v1/scores', 202, requestId, key, [`send/${gate}`], 1],
  );
  assert.deepEqual(api.sends, [{ gate, trigger: 'api' }]);
  assert.deepEqual(api.causes, [{ request: requestId }]);
});

test('what only a workflow does is told of its request too', async () => {
  const { headers } = await call('POST', `/v1/contexts/${context}/roster-refresh`, { body: { reason: 'new term' } });
  assert.deepEqual(api.causes.at(-1), { request: headers['x-request-id'] });
});

test('a probe leaves a line only when it fails', async () => {
  const probe = (path: string) => call('GET', path, { key: null });
  assert.deepEqual(await linesOf(() => Promise.all([probe('/livez'), probe('/readyz')])), []);
});

test('each thing that Temporal could not be told of is one warning, in the same words', async (t) => {
  api.temporal.fails = true;
  t.after(() => (api.temporal.fails = false));
  const lines = await linesOf(async () => {
    await call('POST', '/v1/scores', { body: { scores: [score('bob'), score('carl')] } });
    await call('POST', '/v1/backfills', {
      body: { filter: { contextId: 'algebra' }, action: 'resend', reason: 'a test', author: 'us' },
    });
  });
  const warnings = lines.filter((line) => at(line, 'level') === 40);
  assert.equal(warnings.length, 2, JSON.stringify(lines));
  for (const warning of warnings) {
    assert.equal(at(warning, 'msg'), 'Temporal could not be told; the sweep will find what is due');
    assert.equal(at(warning, 'failure'), 'Error');
  }
});
