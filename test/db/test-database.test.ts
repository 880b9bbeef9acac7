import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { createTestDatabase } from '../helpers/database.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertMembership,
  insertResourceLink,
  insertScore,
  insertServiceKey,
} from '../helpers/factories.js';

const { db } = await createTestDatabase();

test('gives each caller a migrated database of its own', async (t) => {
  const other = await createTestDatabase(t);
  await db.raw(`insert into platforms (platform_id) values ('only here')`);
  assert.equal((await queryRows(db, 'select * from platforms')).length, 1);
  assert.equal((await queryRows(other.db, 'select * from platforms')).length, 0);
});

test('factories make rows that the schema takes, in every state of a score', async (t) => {
  const own = await createTestDatabase(t);
  const context = await insertContext(own.db);
  const lineItem = await insertLineItem(own.db, { context: context.id });
  const link = await insertResourceLink(own.db, { context: context.id });
  await insertServiceKey(own.db, { context: context.id, resourceLink: link.id });
  await insertMembership(own.db, { context: context.id });
  await insertApiKey(own.db, { platforms: ['one'] });
  for (const state of ['due', 'sending', 'unknown', 'submitted', 'rejected'] as const) {
    const score = await insertScore(own.db, { context: context.id, lineItem: lineItem.id, state });
    assert.equal(score.state, state);
  }
});
