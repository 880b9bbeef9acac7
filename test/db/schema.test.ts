/**
 * `db/schema.sql` says what the migrations make. After a change of a migration write it anew:
 * `UPDATE_SCHEMA=1 node --import tsx --test test/db/schema.test.ts`
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { describeSchema } from '../../db/server/describe-schema.js';
import { queryRows, type Database } from '../../db/server/knex.js';
import { createTestDatabase } from '../helpers/database.js';
import { readRepositoryFile, root } from '../helpers/repository.js';

const { db } = await createTestDatabase();
const FILE = 'db/schema.sql';
const HEAD = `-- What the migrations make, for reading. Written by test/db/schema.test.ts, which says how.\n\n`;

test('db/schema.sql describes a freshly migrated database', async () => {
  const described = HEAD + (await describeSchema(db));
  if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(path.join(root, FILE), described);
  assert.equal(readRepositoryFile(FILE), described);
});

const changes: Record<string, string> = {
  'a new column': 'alter table scores add column extra text',
  'another type': 'alter table scores alter column tries type bigint',
  'another default': 'alter table scores alter column tries set default 1',
  'a column that may be null': 'alter table scores alter column tries drop not null',
  'a missing check': 'alter table scores drop constraint scores_revision_check',
  'a missing foreign key': 'alter table scores drop constraint scores_superseded_by_fkey',
  'a missing index': 'drop index scores_user',
  'a changed index': 'drop index scores_user; create index scores_user on scores (context)',
  'another fill factor': 'alter table scores reset (fillfactor)',
  'a new table': 'create table extra (id integer)',
  'another key of partitions': `drop table attempts; create table attempts (started_at timestamptz) partition by list (started_at)`,
  'a missing index of a partitioned table': 'drop index attempts_score',
  'a missing default partition': 'drop table attempts_default',
  'a missing function': 'drop function note_gate_success(uuid)',
  'a changed function': `create or replace function note_gate_success(p_gate uuid) returns void
    language sql as $$ select null::void $$`,
};
for (const [what, sql] of Object.entries(changes)) {
  test(`shows ${what}`, async () => {
    const before = await describeSchema(db);
    const trx = await db.transaction();
    try {
      await trx.raw(sql);
      assert.notEqual(await describeSchema(trx), before);
    } finally {
      await trx.rollback();
    }
  });
}

test('names no week of a partitioned table, so that it says the same next week', async () => {
  const before = await describeSchema(db);
  const trx = await db.transaction();
  try {
    await trx.raw(`select make_attempts_week(now() + interval '90 days')`);
    assert.equal(await describeSchema(trx), before);
  } finally {
    await trx.rollback();
  }
});

const listUnindexed = (on: Database): Promise<{ name: string }[]> =>
  queryRows(
    on,
    `select k.conname as name from pg_constraint k
     where k.contype = 'f' and k.connamespace = 'public'::regnamespace and not exists (
       select 1 from pg_index i
       where i.indrelid = k.conrelid and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] = k.conkey)`,
  );

test('every foreign key has an index that begins with its columns', async () => {
  assert.deepEqual(await listUnindexed(db), []);
  const trx = await db.transaction();
  try {
    await trx.raw('drop index webhook_events_score');
    assert.deepEqual(await listUnindexed(trx), [{ name: 'webhook_events_score_fkey' }]);
  } finally {
    await trx.rollback();
  }
});
