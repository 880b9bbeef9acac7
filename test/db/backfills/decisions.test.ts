import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import type { BackfillDecision } from '../../../domain/backfill.js';
import { createBackfillsOfTest } from '../../helpers/backfills.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform, insertServiceKey } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const backfills = await createBackfillsOfTest(db);
const { store, apiKey } = backfills;

/** Previewed, with one line, which is a new score. */
async function createPreviewed() {
  const { platform_id: platformId, deployment } = await insertPlatform(db);
  const { id: context, context_id: contextId } = await insertContext(db, { deployment });
  await insertServiceKey(db, { context });
  const { line_item_id: lineItemId } = await insertLineItem(db, { context });
  const column = { platformId, contextId, lineItemId: lineItemId ?? '' };
  const id = await backfills.upload([{ column, userId: 'ada', scoreGiven: 8, scoreMaximum: 10 }]);
  assert.equal(await backfills.preview(id), 'awaitingApproval');
  const decide = (decision: BackfillDecision, reason?: string) =>
    store.decide({ backfill: id, decision, apiKey, reason });
  return { id, decide, page: { backfill: id, deployment, limit: 10 } };
}

test('keeps who decided and why, also when it is said again, and nothing of what is refused', async () => {
  const { id, decide } = await createPreviewed();
  const done = (state: string) => ({ isDone: true, state, isByAuthor: false });
  assert.deepEqual(await decide('pause'), { isDone: false, state: 'awaitingApproval', isByAuthor: false });
  assert.deepEqual(await decide('approve', 'looks right'), done('releasing'));
  assert.deepEqual(await decide('pause', 'wait'), done('paused'));
  assert.deepEqual(await decide('pause'), done('paused'));
  assert.deepEqual(await decide('approve', 'no'), { isDone: false, state: 'paused', isByAuthor: false });
  assert.deepEqual(await decide('cancel', 'stop'), done('cancelling'));
  assert.equal(await store.finish(id), 'cancelled');
  assert.deepEqual(await decide('cancel'), done('cancelled'));
  const sql = 'select action, reason from audit_entries where subject = ? and api_key = ? order by id';
  const kept = await queryRows<{ action: string; reason: string | null }>(db, sql, [id, apiKey]);
  assert.deepEqual(
    kept.map(({ action, reason }) => [action, reason]),
    [
      ['backfills.approve', 'looks right'],
      ['backfills.pause', 'wait'],
      ['backfills.pause', null],
      ['backfills.cancel', 'stop'],
      ['backfills.cancel', null],
    ],
  );
});

test('takes back nothing of a backfill that was resumed before its halt got so far', async () => {
  const { id, decide, page } = await createPreviewed();
  for (const decision of ['approve', 'pause', 'resume'] as const) await decide(decision);
  assert.equal((await store.releasePage(page)).lines, 1);
  assert.equal(await store.withdraw(id), 0);
  assert.deepEqual(await store.noteOutcomes(id), { open: 1 });
});
