import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBackfillsOfTest } from '../helpers/backfills.js';
import { createTestDatabase } from '../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform, insertScore } from '../helpers/factories.js';

const { db } = await createTestDatabase();
const backfills = await createBackfillsOfTest(db);

test('x', async () => {
  const id = await backfills.upload([
    { column: { platformId: 'nowhere', contextId: 'c', lineItemId: 'l' }, userId: 'u', scoreGiven: 3 },
  ]);
  assert.equal(await backfills.preview(id), 'finished');
});
void [insertContext, insertLineItem, insertPlatform, insertScore];
