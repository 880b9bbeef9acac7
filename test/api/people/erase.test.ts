import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, textAt, type TestApi } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { createKnownPerson, type KnownPerson } from '../../helpers/people.js';
import { searchDatabase } from '../../helpers/search-database.js';

const api = await createTestApi();
const { db, call } = api;

async function erase(of: TestApi, { platformId, userId }: KnownPerson): Promise<string> {
  const body = { platformId, userId, reason: 'a request of 3 March' };
  const answer = await of.call('POST', '/v1/people/erase', { body });
  assert.equal(answer.status, 202, answer.text);
  return textAt(answer.body, 'id');
}

async function carryOut(id: string): Promise<void> {
  for (;;) {
    const done = await api.deps.store.personRequests.advance(id);
    if (done?.state !== 'running') return;
  }
}

test('an erasure leaves nothing in any column that says who it was, and leaves others alone', async () => {
  const ada = await createKnownPerson(api);
  const before = await searchDatabase(db, ada.words);
  assert.ok(before.includes('memberships.email') && before.includes('scores.value'), before.join());
  const others = await countOthers();
  const id = await erase(api, ada);
  assert.deepEqual(api.people.at(-1), id);
  await carryOut(id);
  assert.deepEqual(await searchDatabase(db, ada.words), []);
  assert.deepEqual(await countOthers(), others);
  const { body } = await call('GET', `/v1/people/requests/${id}`);
  assert.equal(at(body, 'state'), 'completed');
  assert.deepEqual(at(body, 'columns', 0, 'lineItemId'), ada.column.id);
  assert.equal(at(body, 'columns', 0, 'isCertain'), true);
});

const countOthers = () =>
  queryRows(
    db,
    `select (select count(*) from scores where user_id = 'ben') as scores,
       (select count(*) from memberships where user_id = 'ben') as members,
       (select count(*) from backfill_items where user_id = 'ben' and score_given = 4) as lines`,
  );

test('an erasure that was under way when its database was backed up ends on the server that it is restored onto', async () => {
  const ada = await createKnownPerson(api);
  const id = await erase(api, ada);
  await api.deps.store.personRequests.advance(id);
  // Where the server that is lost had come to.
  await db('person_requests').where({ id }).update({ horizon: '4000000000' });
  await eventually(
    'the erasure ends',
    async () => (await api.deps.store.personRequests.advance(id))?.state !== 'running',
  );
  const { body } = await call('GET', `/v1/people/requests/${id}`);
  assert.equal(at(body, 'state'), 'completed');
  assert.deepEqual(await searchDatabase(db, ada.words), []);
});
