import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRetention } from '../../../db/privacy/retention.js';
import { queryRows } from '../../../db/server/knex.js';
import { RETENTION_CLASSES, RETENTION_DEFAULTS } from '../../../domain/retention.js';
import { createBackfillsOfTest } from '../../helpers/backfills.js';
import { createTestApi } from '../../helpers/app.js';
import { createTestDatabase, eventually } from '../../helpers/database.js';
import { createSource, GITHUB, graded, hmac, namingMapping, send } from '../../helpers/webhooks.js';
import { insertApiKey, insertContext, insertLineItem, insertMembership, insertScore } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const store = createRetention(db);
const removeAll = async () => {
  const removed: Record<string, number> = {};
  for (const name of store.classes) removed[name] = (await store.removePage(name)).removed;
  return removed;
};
const NOTHING = Object.fromEntries(RETENTION_CLASSES.map((name) => [name, 0]));
const countOf = async (table: string): Promise<number> =>
  Number((await queryRows<{ n: string }>(db, 'select count(*) as n from ??', [table]))[0]?.n);

test('removes of each class what is older than it is kept, and nothing that is newer or still of use', async () => {
  const { id: context } = await insertContext(db);
  const { id: lineItem } = await insertLineItem(db, { context });
  const left = { status: 'Inactive' };
  for (const userId of ['ann', 'ben', 'holds']) await insertMembership(db, { context, userId, columns: left });
  await insertScore(db, { context, lineItem, userId: 'holds', state: 'held', columns: { failure_type: 'MemberLeft' } });
  const { id: score } = await insertScore(db, { context, lineItem, userId: 'ann', state: 'submitted' });
  await db.raw(
    `insert into drifts (context, line_item, score, user_id, kind, revision, score_maximum, ended_at)
     select ?, ?, ?, 'ann', 'missing', 1, 10, e from unnest(array[null, now(), now() - interval '401 days']::timestamptz[]) e`,
    [context, lineItem, score],
  );
  await db.raw(
    `insert into membership_changes (context, user_id, change, status, read, at)
     select ?, 'ann', 'left', 'Inactive', 1, at from unnest(array[now(), now() - interval '401 days']) at`,
    [context],
  );
  const { id: apiKey } = await insertApiKey(db);
  await db.raw(
    `insert into audit_entries (api_key, action, subject, reason, at)
     select ?, 'scores.retry', 'two', 'why', at from unnest(array[now() - interval '2556 days', now()]) at`,
    [apiKey],
  );
  await db.raw(
    `insert into runs (id, kind, trigger, state, ends_by, ended_at)
     select gen_random_uuid(), 'sync', 'api', 'completed', now(), at from unnest(array[now(), now() - interval '401 days']) at`,
  );
  const backfills = await createBackfillsOfTest(db);
  const column = { platformId: 'lms', contextId: 'none' };
  const old = await backfills.upload([{ column: { ...column, lineItemId: 'a' } }]);
  await backfills.upload([{ column: { ...column, lineItemId: 'a' } }]);
  await db.raw(`update backfills set state = 'finished', finished_at = now() - interval '401 days' where id = ?`, [
    old,
  ]);
  await db.raw(`update memberships set updated_at = now() - interval '401 days' where user_id <> 'ben'`);
  assert.deepEqual(await removeAll(), { events: 0, members: 2, drifts: 1, lines: 1, runs: 1, audit: 1 });
  assert.deepEqual(await removeAll(), NOTHING);
  assert.deepEqual(
    await Promise.all(['memberships', 'membership_changes', 'drifts', 'audit_entries', 'backfill_items'].map(countOf)),
    [2, 1, 2, 3, 1],
  );
});

test('leaves signatures of webhooks, of whatever age, whose events are gone: what was caught is taken no second time', async () => {
  const api = await createTestApi({ db });
  const { app } = api;
  const source = 'by-hub';
  await createSource(api, { name: source, mapping: namingMapping('lms'), verification: GITHUB });
  const body = JSON.stringify(graded());
  const headers = { 'x-hub-signature-256': `sha256=${hmac(body)}` };
  const first = await send(app, source, { body, headers });
  assert.equal(first.status, 202, first.text);
  await eventually(
    'it is over',
    async () => (await queryRows(db, `select 1 from webhook_events where state = 'stored'`)).length === 0,
  );
  await db.raw(
    `update webhook_events set state = 'ignored', received_at = now() - interval '9 years', state_since = now() - interval '9 years'`,
  );
  await db.raw(`update webhook_signatures set seen_at = seen_at - interval '9 years'`);
  await db.raw(`update webhook_secrets set created_at = created_at - interval '10 years'`);
  assert.equal((await removeAll())['events'], 1);
  await api.deps.store.webhooks.prune();
  assert.deepEqual([await countOf('webhook_events'), await countOf('webhook_signatures')], [0, 1]);
  assert.equal((await send(app, source, { body, headers })).status, 202);
  assert.equal(await countOf('webhook_events'), 0);
  await app.close();
});

test('removes a page at a time, and says when nothing is left', async () => {
  const { id: context } = await insertContext(db);
  const days = RETENTION_DEFAULTS.members / 86_400_000 + 1;
  await db.raw(
    `insert into membership_changes (context, user_id, change, status, read, at)
     select ?, 'u' || n, 'left', 'Inactive', 1, now() - make_interval(days => ?) from generate_series(1, 1500) n`,
    [context, days],
  );
  assert.deepEqual(await store.removePage('members'), { removed: 1_000, isDone: false });
  assert.deepEqual(await store.removePage('members'), { removed: 500, isDone: true });
});
