import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, problemOf, textAt, type Json } from '../../helpers/app.js';
import { insertApiKey } from '../../helpers/factories.js';
import { createKnownPerson } from '../../helpers/people.js';
import { searchDatabase } from '../../helpers/search-database.js';

const api = await createTestApi();
const { db, call } = api;
const ada = await createKnownPerson(api);
const { platformId, userId } = ada;

async function exportAda(): Promise<string> {
  const { status, body } = await call('POST', '/v1/people/export', {
    body: { platformId, userId, reason: 'a request' },
  });
  assert.equal(status, 202);
  const id = textAt(body, 'id');
  while ((await api.deps.store.personRequests.advance(id))?.state === 'running');
  return id;
}

const documentOf = (id: string, key?: string) =>
  call('GET', `/v1/people/requests/${id}/document`, key === undefined ? {} : { key });

test('an export has a record for every row that says who it is about, the bodies of events included', async () => {
  const id = await exportAda();
  const { body, headers } = await documentOf(id);
  assert.equal(headers['cache-control'], 'no-store');
  const records = at(body, 'records');
  assert.ok(Array.isArray(records));
  const tables = new Set(records.map((record: Json) => at(record, 'table')));
  const held = (await searchDatabase(db, ada.words)).map((name) => name.replace(/(_\d{8})?\..*/, ''));
  const operators = ['backfills'];
  assert.deepEqual(
    [...new Set(held)].filter((table) => !tables.has(table) && !operators.includes(table)),
    [],
  );
  const text = JSON.stringify(body);
  for (const word of ada.words) assert.ok(text.includes(word), word);
  assert.ok(!text.includes('"ben"'));
  const event = records.find((record: Json) => at(record, 'table') === 'webhook_events');
  assert.match(textAt(event, 'body'), /graded/);
});

test('its document is kept encrypted, for a day, and the request forgets whose it is', async () => {
  const id = await exportAda();
  const [request] = await queryRows<{ subject: Buffer | null }>(
    db,
    'select subject from person_requests where id = ?',
    [id],
  );
  assert.equal(request?.subject, null);
  assert.ok(!(await searchDatabase(db, ada.words)).some((name) => name.startsWith('person_')));
  await db.raw(`update person_requests set ended_at = now() - interval '25 hours' where id = ?`, [id]);
  assert.equal((await documentOf(id)).status, 404);
  await api.deps.store.personRequests.pruneDocuments();
  assert.equal((await queryRows(db, 'select 1 from person_export_parts where request = ?', [id])).length, 0);
});

test('who may not see the platform finds neither the person nor the request', async () => {
  const id = await exportAda();
  const { secret } = await insertApiKey(db, { scopes: ['admin'], platforms: ['another'] });
  const asked = await call('POST', '/v1/people/export', { key: secret, body: { platformId, userId, reason: 'why' } });
  assert.equal(problemOf(asked.body), 'unknown-platform');
  assert.equal((await call('GET', `/v1/people/requests/${id}`, { key: secret })).status, 404);
  assert.equal((await documentOf(id, secret)).status, 404);
});
