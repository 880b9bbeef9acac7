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

test('reads the address of a filter as well, and takes nothing said twice', async () => {
  const body = { reason: 'a bug', author: 'Ada', filter: { platformId: 'lms' }, action: 'resend' };
  const dry = await call('POST', '/v1/backfills?dryRun=true&perSecond=2.5', { body });
  assert.equal(dry.status, 202, dry.text);
  assert.deepEqual([at(dry.body, 'dryRun'), at(dry.body, 'perSecond')], [true, 2.5]);
  const twice = await call('POST', '/v1/backfills?dryRun=true', { body: { ...body, dryRun: false } });
  assert.deepEqual([twice.status, at(twice.body, 'pointer')], [400, '/dryRun'], twice.text);
  const slip = await call('POST', '/v1/backfills?dryrun=true&release=afterPreview', { body });
  assert.match(textAt(slip.body, 'detail'), /did you mean "dryRun"/);
  const inBody = await call('POST', '/v1/backfills', { body: { ...body, dryrun: true } });
  assert.deepEqual([inBody.status, at(inBody.body, 'pointer')], [400, '/dryrun'], inBody.text);
});

test('lists changes by outcomes that there are, as they are shown', async () => {
  const { id } = await previewOf(await upload([HEAD, rowOf('a', 3), ''].join('\n')));
  const wrong = await call('GET', `/v1/backfills/${id}/changes?outcome=sent,rejectd`);
  assert.deepEqual([wrong.status, at(wrong.body, 'pointer')], [400, '/outcome'], wrong.text);
  assert.match(textAt(wrong.body, 'detail'), /did you mean "rejected"/);
  // A dry run has ended: what was planned will not be sent.
  const unsent = await call('GET', `/v1/backfills/${id}/changes?outcome=unsent`);
  assert.equal(at(unsent.body, 'changes', 0, 'outcome'), 'unsent', unsent.text);
  const pending = await call('GET', `/v1/backfills/${id}/changes?outcome=pending,staged`);
  assert.deepEqual(at(pending.body, 'changes'), []);
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
