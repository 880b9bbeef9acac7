/** What docs/keys.md says of a key that is lost, run as it stands there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { SEALED_COLUMNS } from '../../db/vault/sealed-columns.js';
import { createTestApi, textAt } from '../helpers/app.js';
import { createKnownPerson, type KnownPerson } from '../helpers/people.js';
import { readRepositoryFile } from '../helpers/repository.js';
import { listSealed } from '../helpers/sealed-values.js';

const api = await createTestApi();
const { db } = api;
const [, statements = ''] =
  /^## When a key is lost\n[^]*?^```sql\n([^]*?)^```/m.exec(readRepositoryFile('docs/keys.md')) ?? [];

async function ask(kind: 'erase' | 'export', { platformId, userId }: KnownPerson): Promise<string> {
  const body = { platformId, userId, reason: 'a test' };
  const answer = await api.call('POST', `/v1/people/${kind}`, { body });
  assert.equal(answer.status, 202, answer.text);
  return textAt(answer.body, 'id');
}

test('all that a lost key closed can be deleted, so that the installation starts with another', async () => {
  const ada = await createKnownPerson(api);
  await ask('erase', ada);
  const exported = await ask('export', await createKnownPerson(api));
  while ((await api.deps.store.personRequests.advance(exported))?.state === 'running');
  const [lost, ...others] = await queryRows<{ id: string }>(db, 'select distinct wrapped_by as id from data_keys');
  assert.ok(lost !== undefined && others.length === 0);
  const tables = new Set((await listSealed(db)).map(({ place }) => place.column.split('.')[0]));
  for (const table of ['service_keys', 'person_hmac_keys', 'person_requests', 'person_export_parts']) {
    assert.ok(tables.has(table), table);
  }
  await db.raw(statements.replaceAll("'k1'", `'${lost.id}'`));
  assert.deepEqual(await listSealed(db), []);
  assert.deepEqual(await db('data_keys').select(), []);
  const requests = await db('person_requests').orderBy('seq').pluck<string[]>('state');
  assert.deepEqual(requests, ['failed', 'completed']);
  assert.equal((await api.call('POST', '/v1/people/erase', { body: { ...pick(ada), reason: 'again' } })).status, 202);
});

const pick = ({ platformId, userId }: KnownPerson) => ({ platformId, userId });

test('and it leaves out nothing that is encrypted', () => {
  for (const { table, dataKey } of Object.values(SEALED_COLUMNS)) {
    assert.match(statements, new RegExp(`^(delete from|update) ${table} [^;]*where ${dataKey} in`, 'm'), table);
  }
});
