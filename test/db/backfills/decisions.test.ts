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
  const decide = (decision: BackfillDecision, reason = 'again') =>
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
      ['backfills.start', 'a bug'],
      ['backfills.approve', 'looks right'],
      ['backfills.pause', 'wait'],
      ['backfills.pause', 'again'],
      ['backfills.cancel', 'stop'],
      ['backfills.cancel', 'again'],
    ],
  );
});

test('starts nothing, from a file, a filter or an undo, of which the audit trail cannot tell', async () => {
  const { id: original } = await createPreviewed();
  const receiving = await backfills.insert();
  await db.raw(`alter table audit_entries add constraint refuse check (action !~ 'start|undo') not valid`);
  const count = async () => (await queryRows(db, 'select 1 from backfills')).length;
  const before = await count();
  await assert.rejects(store.complete(receiving, {}, null), /refuse/);
  assert.equal((await store.getStatus(receiving))?.state, 'receiving');
  await assert.rejects(backfills.insert({ source: 'filter', action: 'resend' }), /refuse/);
  await assert.rejects(backfills.insert({ source: 'undo', action: 'restore', undoOf: original }), /refuse/);
  assert.equal(await count(), before);
  await db.raw('alter table audit_entries drop constraint refuse');
  const undo = await backfills.insert({ source: 'undo', action: 'restore', undoOf: original });
  const kept = await queryRows(db, 'select action, reason, details from audit_entries where subject = ?', [undo]);
  assert.deepEqual(kept, [{ action: 'backfills.undo', reason: 'a bug', details: { author: 'Ada', undoOf: original } }]);
});

test('takes back nothing of a backfill that was resumed before its halt got so far', async () => {
  const { id, decide, page } = await createPreviewed();
  for (const decision of ['approve', 'pause', 'resume'] as const) await decide(decision);
  assert.equal((await store.releasePage(page)).lines, 1);
  assert.equal(await store.withdraw(id), 0);
  assert.deepEqual(await store.noteOutcomes(id), { open: 1 });
});
