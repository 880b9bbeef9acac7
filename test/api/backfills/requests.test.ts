import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, problemOf, textAt } from '../../helpers/app.js';
import { createBackfillApi, HEAD, rowOf } from '../../helpers/backfill-api.js';
import { insertApiKey } from '../../helpers/factories.js';

const { db, call, upload, previewOf } = await createBackfillApi();

test('gives one backfill for one idempotency key, also when the file is sent again', async () => {
  const file = [HEAD, rowOf('a', 3), ''].join('\n');
  const headers = { 'idempotency-key': 'march' };
  const first = await upload(file, { headers });
  const again = await upload(file, { headers });
  assert.equal(at(again.body, 'id'), textAt(first.body, 'id'));
  assert.equal(again.headers['idempotent-replayed'], 'true');
  const other = await upload([HEAD, rowOf('a', 4), ''].join('\n'), { headers });
  assert.deepEqual([other.status, problemOf(other.body)], [422, 'idempotency-key-reused']);
});

test('insists on a reason and an author', async () => {
  const answer = await call('POST', '/v1/backfills?reason=x', { body: HEAD, headers: { 'content-type': 'text/csv' } });
  assert.deepEqual([answer.status, at(answer.body, 'pointer')], [400, '/author']);
  const filter = await call('POST', '/v1/backfills', { body: { reason: 'x', filter: { platformId: 'lms' } } });
  assert.equal(filter.status, 400);
});

test('shows a backfill only to keys that may see all of its platforms', async () => {
  const { secret: limited } = await insertApiKey(db, { platforms: ['another'] });
  const { id } = await previewOf(await upload([HEAD, rowOf('a', 3), ''].join('\n')));
  assert.equal((await call('GET', `/v1/backfills/${id}`, { key: limited })).status, 404);
  const own = await upload([HEAD, rowOf('a', 3), ''].join('\n'), { key: limited });
  const { kinds, problems } = await previewOf(own);
  assert.deepEqual(kinds, { refused: 1 });
  assert.equal(at(problems, 0, 'type'), 'unknownPlatform');
});
