/** What an upgrade does to whoever works meanwhile, and what the release before makes of the schema afterwards. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RELEASES } from '../../../db/migrations/releases.js';
import { migrate, NewerDatabaseError } from '../../../db/server/migrate.js';
import { asApp, createTestDatabase, whenBlocked } from '../../helpers/database.js';
import { insertContext } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
/** Builds an index, for which nobody may write meanwhile. */
const ONE = '20261127_7300_attempts__index_time';
const NEXT_RELEASE = '20991231_0100_of_the_next_release';

test('a migration that waits for a table gives way to those who work, and is made once the table is free', async () => {
  await db.raw('drop index attempts_started');
  await db('migrations').where({ name: ONE }).delete();
  const recording = await db.transaction();
  await recording.raw('lock table attempts in row exclusive mode');
  const migrated = migrate(db);
  await whenBlocked(db);
  // It stands in the line behind the migration, which would wait for as long as the first one takes.
  await db.raw(
    'insert into attempts (score, revision, kind, outcome, started_at, duration_ms, lane_token) values (gen_random_uuid(), 1, ?, ?, now(), 1, 1)',
    ['submit', 'submitted'],
  );
  await recording.commit();
  assert.deepEqual(await migrated, [ONE]);
});

test('runs on the schema of the next release, as owner and as the application, and leaves it as it is', async () => {
  await db('migrations').insert({ name: NEXT_RELEASE, batch: 99, migration_time: new Date() });
  assert.deepEqual(await migrate(db), []);
  assert.deepEqual(await migrate(asApp(db)), []);
  await insertContext(db);
});

test('does not start on a schema that has lost what it needs', async () => {
  await db.raw(`comment on table migrations is 'oldest release that may use this schema: 99.0.0'`);
  await assert.rejects(migrate(db), NewerDatabaseError);
  await assert.rejects(migrate(asApp(db)), NewerDatabaseError);
});

test('refuses a schema on which another release has left out what this one needs', async () => {
  await db.raw(
    `comment on table migrations is 'oldest release that may use this schema: ${RELEASES[0]?.version ?? ''}'`,
  );
  await db('migrations').where({ name: ONE }).delete();
  await assert.rejects(migrate(db), NewerDatabaseError);
});
