/** What keys that are limited to some platforms are told of the backfills of others. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { at, problemOf, textAt } from '../../helpers/app.js';
import { createBackfillApi, HEAD, rowOf } from '../../helpers/backfill-api.js';
import { createBackfillsOfTest } from '../../helpers/backfills.js';
import { insertApiKey, insertContext, insertLineItem, insertPlatform } from '../../helpers/factories.js';

const { db, call, upload, previewOf } = await createBackfillApi();
const backfills = await createBackfillsOfTest(db);
const other = await insertPlatform(db, { platformId: 'other' });
const law = await insertContext(db, { deployment: other.deployment, contextId: 'law' });
await insertLineItem(db, { context: law.id, lineItemId: 'https://other.example/quiz' });
const { secret: key } = await insertApiKey(db, { platforms: ['lms'] });
const { secret: alike } = await insertApiKey(db, { platforms: ['lms'] });
const line = { line: 2, userId: 'eve', scoreGiven: 3, scoreMaximum: 10, changedAt: null, more: null };
const wet = { dryRun: 'false' };
const column = { platformId: 'lms', contextId: 'bio', lineItemId: 'https://lms.example/quiz' };
const foreign = { platformId: 'other', contextId: 'law', lineItemId: 'https://other.example/quiz' };

test('a backfill that stands in the way is named to who sees it', async () => {
  const both = await backfills.upload([
    { column, userId: 'ada', scoreGiven: 3, scoreMaximum: 10, line: 2 },
    { column: foreign, userId: 'ada', scoreGiven: 3, scoreMaximum: 10, line: 3 },
  ]);
  await backfills.preview(both);
  const file = [HEAD, rowOf('ada', 4), ''].join('\n');
  const told = await upload(file, { query: wet });
  assert.deepEqual([told.status, problemOf(told.body)], [409, 'backfill-overlaps']);
  assert.match(textAt(told.body, 'detail'), new RegExp(both));
  const untold = await upload(file, { query: wet, key });
  assert.deepEqual([untold.status, problemOf(untold.body)], [409, 'backfill-overlaps']);
  assert.doesNotMatch(untold.text, new RegExp(both));
  const mine = await call('GET', '/v1/backfills?state=failed', { key });
  assert.equal(at(mine.body, 'backfills', 0, 'failure', 'type'), 'OverlapsAnother');
  assert.equal(at(mine.body, 'backfills', 0, 'failure', 'backfill'), null);
  const seen = await call('GET', `/v1/backfills/${textAt(mine.body, 'backfills', 0, 'id')}`);
  assert.equal(at(seen.body, 'failure', 'backfill'), both);
});

test('one of a key that reaches no further is named', async () => {
  const { id } = await previewOf(await upload([HEAD, rowOf('bob', 4), ''].join('\n'), { query: wet, key: alike }));
  const told = await upload([HEAD, rowOf('bob', 5), ''].join('\n'), { query: wet, key });
  assert.match(textAt(told.body, 'detail'), new RegExp(id));
});

test('one that comes in is not shown before all is known that it touches', async () => {
  const coming = await backfills.insert({ reason: 'the names of others' });
  const stager = backfills.store.createStager(coming);
  await stager.stage({ problems: [], corrections: [{ ...line, column }] });
  for (const path of [`/v1/backfills/${coming}`, '/v1/backfills'])
    assert.doesNotMatch((await call('GET', path, { key })).text, /names of others/);
  await backfills.store.complete(coming, {}, null);
  assert.equal((await call('GET', `/v1/backfills/${coming}`, { key })).status, 404);
  await backfills.preview(coming);
  assert.equal((await call('GET', `/v1/backfills/${coming}`, { key })).status, 200);
});

test('one without any column is no matter of a limited key', async () => {
  const empty = await backfills.insert({ source: 'filter', action: 'resend', parameters: { filter: {} } });
  await db('backfills').where({ id: empty }).update({ state: 'awaitingApproval' });
  const counted = async (as?: string): Promise<boolean> =>
    (await call('GET', '/v1/health/operations', as === undefined ? {} : { key: as })).text.includes('Unapproved');
  const { secret: nobody } = await insertApiKey(db, { platforms: ['nowhere'] });
  assert.deepEqual([await counted(), await counted(nobody)], [true, false]);
});

test('a cursor with the id of a key of others leads where one of no key leads', async () => {
  const { id: theirs } = await insertApiKey(db, { platforms: ['other'] });
  await insertApiKey(db, { platforms: ['lms'], columns: { created_at: new Date(0) } });
  const list = (id: string) =>
    call('GET', `/v1/api-keys?cursor=${Buffer.from(id).toString('base64url')}`, { key }).then(({ text }) => text);
  assert.equal(await list(theirs), await list(randomUUID()));
});
