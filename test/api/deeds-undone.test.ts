/** A deed and its entry in the audit trail stand or fall together, whichever deed it is: they are collected from `DEEDS`. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DEEDS } from '../../api/deeds.js';
import { queryRows } from '../../db/server/knex.js';
import { asApp } from '../helpers/database.js';
import { watchWrites } from '../helpers/written-rows.js';
import { createDeedWorld } from './deed-cases.js';

const { api, cases, countAsked } = await createDeedWorld();
const { app, call, db } = api;
after(() => app.close());
const written = await watchWrites(db, { but: ['api_keys'] });
/** That a key was used is nobody's deed. */
const readKeys = () => queryRows(db, `select to_jsonb(k) - 'last_used_at' as key from api_keys k order by id`);

it('has a case for each deed that leaves an entry', () => {
  const told = Object.entries(DEEDS).flatMap(([name, deed]) => ('action' in deed ? [name] : []));
  assert.deepEqual(cases.map(({ name }) => name).toSorted(), told.toSorted());
});

const refuse = () => db.raw('alter table audit_entries add constraint refuse check (false) not valid');
const allow = () => db.raw('alter table audit_entries drop constraint refuse');

describe('where no audit entry can be written', () => {
  for (const { name, ask } of cases) {
    it(`${name} leaves all as it was`, async () => {
      const before = { keys: await readKeys(), asked: countAsked() };
      await written.take();
      await refuse();
      const answers = await ask().finally(allow);
      for (const { statusCode, payload } of answers) assert.equal(statusCode, 500, payload);
      assert.deepEqual(await written.take(), []);
      assert.deepEqual({ keys: await readKeys(), asked: countAsked() }, before);
    });
  }

  it('a file of corrections is not gone on with', async () => {
    await refuse();
    const file = { body: 'platformId,contextId,lineItemId,userId,scoreGiven\nlms,bio,https://lms.example/1,ada,8\n' };
    const path = '/v1/backfills?reason=a+test&author=Ada';
    const answer = await call('POST', path, { ...file, headers: { 'content-type': 'text/csv' } }).finally(allow);
    assert.equal(answer.status, 500, answer.text);
    const [backfill] = await queryRows(db, 'select source, state from backfills order by created_at desc limit 1');
    assert.deepEqual(backfill, { source: 'upload', state: 'receiving' });
  });
});

/** What was said to PostgreSQL after an audit entry, in the transaction of it. */
const afterEntries: string[] = [];
/** By connection: whether its transaction has written an entry. */
const transactions = new Map<string, boolean>();
asApp(db).on('query', ({ sql, __knexUid: connection }: { sql: string; __knexUid: string }) => {
  const isEntry = sql.includes('insert into audit_entries');
  if (sql.startsWith('BEGIN')) transactions.set(connection, false);
  else if (/^(COMMIT|ROLLBACK(?! TO))/.test(sql)) transactions.delete(connection);
  else if (isEntry && transactions.has(connection)) transactions.set(connection, true);
  else if (!isEntry && transactions.get(connection)) afterEntries.push(sql);
});

describe('where one can', () => {
  let first = '';
  before(async () => {
    const [newest = ''] = await db('audit_chain').pluck<string[]>('position');
    first = newest;
  });

  for (const { name, action, ask } of cases) {
    it(`${name} leaves one that names its request, as the last thing of its transaction`, async () => {
      afterEntries.length = 0;
      const answers = await ask();
      for (const { statusCode, payload, headers } of answers) {
        assert.ok(statusCode < 400, payload);
        const requestId = String(headers['x-request-id']);
        const actions = await db('audit_entries').where({ request_id: requestId }).pluck<string[]>('action');
        assert.ok(
          actions.some((one) => one === action || one.startsWith(`${action}.`)),
          `${action} of ${requestId} is not among ${actions.join(', ')}`,
        );
      }
      assert.deepEqual(afterEntries, []);
    });
  }

  it('no deed forgets its request', async () => {
    const anonymous = await db('audit_entries')
      .where('id', '>', first)
      .whereNull('request_id')
      .pluck<string[]>('action');
    assert.deepEqual(anonymous, []);
  });
});
