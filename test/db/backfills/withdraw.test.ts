import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { createBackfillsOfTest } from '../../helpers/backfills.js';
import { createTestDatabase } from '../../helpers/database.js';
import {
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const backfills = await createBackfillsOfTest(db);
const { store, apiKey } = backfills;

test('a new score that another was merged into stays as withdrawn, and a line whose score is gone ends', async () => {
  const { deployment, platform_id: platformId } = await insertPlatform(db);
  const { id: context, context_id: contextId } = await insertContext(db, { deployment });
  await insertServiceKey(db, { context });
  const { id: lineItem, line_item_id } = await insertLineItem(db, { context });
  const column = { platformId, contextId, lineItemId: line_item_id ?? '' };
  const id = await backfills.upload(['kept', 'gone'].map((userId) => ({ column, userId, scoreGiven: 8 })));
  await backfills.preview(id);
  await store.decide({ backfill: id, decision: 'approve', apiKey, reason: 'a test' });
  assert.equal((await store.releasePage({ backfill: id, deployment, limit: 10 })).lines, 2);
  const [kept] = await queryRows<{ id: string }>(db, `select id from scores where user_id = 'kept'`);
  const { id: merged } = await insertLineItem(db, { context });
  await insertScore(db, {
    ...{ context, lineItem: merged, userId: 'kept', state: 'superseded' },
    columns: { superseded_by: kept?.id ?? '' },
  });
  await db.raw(`delete from scores where user_id = 'gone'`);
  await store.decide({ backfill: id, decision: 'cancel', apiKey, reason: 'a test' });
  assert.equal(await store.withdraw(id), 1);
  assert.deepEqual(await store.noteOutcomes(id), { open: 0 });
  assert.equal(await store.finish(id), 'cancelled');
  const rows = await queryRows(db, 'select state, failure_type from scores where line_item = ?', [lineItem]);
  assert.deepEqual(rows, [{ state: 'rejected', failure_type: 'BackfillWithdrawn' }]);
  const changes = await store.listChanges({ backfill: id, after: 0, limit: 10 });
  assert.deepEqual(
    changes.map(({ userId, outcome }) => [userId, outcome]),
    [
      ['kept', 'unsent'],
      ['gone', 'overtaken'],
    ],
  );
});
