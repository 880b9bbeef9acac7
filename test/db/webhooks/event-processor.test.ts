import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIRST_PAGE } from '../../../db/bulk/page.js';
import { queryRows } from '../../../db/server/knex.js';
import { replayPage } from '../../../db/webhooks/webhook-events.js';
import { createWebhookStore } from '../../../db/webhooks/webhook-store.js';
import { DEFAULT_SOURCE_LIMITS } from '../../../domain/webhook-source.js';
import { createTestDatabase } from '../../helpers/database.js';
import {
  insertContext,
  insertLineItem,
  insertMembership,
  insertPlatform,
  createTestVault,
} from '../../helpers/factories.js';
import { namingMapping, STANDARD_SECRET } from '../../helpers/webhooks.js';

const { db } = await createTestDatabase();
const { platform_id, deployment } = await insertPlatform(db);
const { id: context, context_id } = await insertContext(db, { deployment });
const { line_item_id } = await insertLineItem(db, { context });
const store = createWebhookStore(db, createTestVault());
const made = await store.sources.insert({
  ...{ name: 'grader', platforms: null, secret: STANDARD_SECRET, limits: DEFAULT_SOURCE_LIMITS },
  verification: { scheme: 'standardWebhooks' },
  mapping: namingMapping(platform_id, { column: { id: { value: line_item_id ?? '' } } }),
});

async function storeEvent(student: string, grade: number, at: string, course = context_id): Promise<string> {
  const body = JSON.stringify({ type: 'graded', student, course, grade, max: 10, at });
  const event = { source: made?.id ?? '', eventId: `${student} ${at}`, digest: Buffer.alloc(32), body };
  return (await store.events.store(event)).id;
}

test('looks at each event once, and ends with the newest grades, where several processes do so at once', async () => {
  for (let grade = 9; grade >= 0; grade -= 1) {
    for (let student = 0; student < 20; student += 1) {
      await storeEvent(`student-${student}`, grade, `2026-11-20T0${grade}:00:00Z`);
    }
  }
  let seen = 0;
  const processor = async (): Promise<void> => {
    for (let events = 1; events > 0;) {
      ({ events } = await store.processor.process({ limit: 7 }));
      seen += events;
    }
  };
  await Promise.all([processor(), processor(), processor()]);
  assert.equal(seen, 200);
  const states = await queryRows(db, 'select distinct state, score is null as without from webhook_events');
  assert.deepEqual(states, [{ state: 'scored', without: false }]);
  const grades = await queryRows<{ grade: number }>(
    db,
    `select distinct (value -> 'scoreGiven')::int as grade from scores`,
  );
  assert.deepEqual(grades, [{ grade: 9 }]);
});

test('changes nothing when an event is looked at twice', async () => {
  const id = await storeEvent('twice', 5, '2026-11-20T10:00:00Z');
  await store.processor.process({ limit: 10 });
  const revisions = () => queryRows(db, `select revision, value, changed_at from scores where user_id = 'twice'`);
  const before = await revisions();
  assert.equal(before.length, 1);
  await store.events.replay({ id, platforms: null });
  await store.processor.process({ limit: 10 });
  assert.deepEqual(await revisions(), before);
  const [event] = await queryRows(db, 'select state, outcome from webhook_events where id = ?', [id]);
  assert.deepEqual(event, { state: 'scored', outcome: 'unchanged' });
});

test('stores no column for a student of another course', async () => {
  const named = await insertContext(db, { deployment, columns: { roster_read_at: new Date() } });
  await insertMembership(db, { context, userId: 'eve' });
  const id = await storeEvent('eve', 5, '2026-11-20T10:00:00Z', named.context_id);
  await store.processor.process({ limit: 10 });
  assert.equal((await store.events.find({ id, platforms: null }))?.reason, 'studentOfAnotherCourse');
  assert.deepEqual(await queryRows(db, 'select 1 from line_items where context = ?', [named.id]), []);
});

test('keeps an event whose data key cannot be unwrapped, until it can', async () => {
  const id = await storeEvent('sealed', 5, '2026-11-20T10:00:00Z');
  await db.raw(`update data_keys set wrapped_by = 'gone'`);
  await createWebhookStore(db, createTestVault()).processor.process({ limit: 10 });
  const stateOf = async () => (await store.events.find({ id, platforms: null }))?.state;
  const found = await store.events.find({ id, platforms: null });
  assert.equal(found?.reason, 'unreadable');
  await db.raw(`update data_keys set wrapped_by = 'test'`);
  const filter = { platforms: null, source: 'grader', reason: 'unreadable' };
  assert.equal((await replayPage(db, filter, { after: FIRST_PAGE, limit: 10 })).acted, 1);
  await store.processor.process({ limit: 10 });
  assert.equal(await stateOf(), 'scored');
});
