import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { createRosters, type RosterMember } from '../../../db/courses/rosters.js';
import { createTestDatabase } from '../../helpers/database.js';
import { breakDatabase } from '../../helpers/database-faults.js';
import { anyErased } from '../../helpers/any-erased.js';
import { insertContext } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const rosters = createRosters(db, { storeNames: false, erased: anyErased() });

const member = (userId: string, change: Partial<RosterMember> = {}): RosterMember => ({
  ...{ userId, roles: ['http://purl.imsglobal.org/vocab/lis/v2/membership#Learner'], status: 'Active' },
  ...change,
});

const newContext = async (): Promise<string> => (await insertContext(db)).id;

const readAll = async (context: string, users: readonly string[]): Promise<{ seen?: number; left?: number }> => {
  const read = await rosters.beginRead(context);
  await rosters.storePage({ context, read, members: users.map((userId) => member(userId)) });
  const { seen, left } = (await rosters.completeRead({ context, read, provesAbsence: true })) ?? {};
  return { ...(seen !== undefined && { seen }), ...(left !== undefined && { left }) };
};

async function listStatus(context: string): Promise<Record<string, string>> {
  const rows = await queryRows<{ user_id: string; status: string }>(
    db,
    'select user_id, status from memberships where context = ? order by 1',
    [context],
  );
  return Object.fromEntries(rows.map(({ user_id, status }) => [user_id, status]));
}

test('who is missing from two complete reads is inactive, and not before', async () => {
  const context = await newContext();
  assert.deepEqual(await readAll(context, ['ann', 'bob']), { seen: 2, left: 0 });
  assert.deepEqual(await readAll(context, ['ann']), { seen: 1, left: 0 });
  assert.deepEqual(await listStatus(context), { ann: 'Active', bob: 'Active' });
  assert.deepEqual(await readAll(context, ['ann']), { seen: 1, left: 1 });
  assert.deepEqual(await listStatus(context), { ann: 'Active', bob: 'Inactive' });
  assert.deepEqual(await readAll(context, ['ann']), { seen: 1, left: 0 });
});

test('who is seen again is active, and may miss one read again', async () => {
  const context = await newContext();
  for (const users of [['bob'], [], ['bob'], []]) await readAll(context, users);
  assert.deepEqual(await listStatus(context), { bob: 'Active' });
  await readAll(context, []);
  assert.deepEqual(await listStatus(context), { bob: 'Inactive' });
  await readAll(context, ['bob']);
  assert.deepEqual(await listStatus(context), { bob: 'Active' });
});

test('a read that breaks off takes nothing over', async () => {
  const context = await newContext();
  await readAll(context, ['ann']);
  const read = await rosters.beginRead(context);
  await rosters.storePage({ context, read, members: [member('ann', { status: 'Inactive' }), member('new')] });
  assert.deepEqual(await listStatus(context), { ann: 'Active' });
});

test('a read during which a newer one began changes nothing', async () => {
  const context = await newContext();
  const old = await rosters.beginRead(context);
  await rosters.storePage({ context, read: old, members: [member('ann')] });
  const read = await rosters.beginRead(context);
  await rosters.storePage({ context, read: old, members: [member('bob')] });
  assert.equal(await rosters.completeRead({ context, read: old, provesAbsence: true }), undefined);
  await rosters.storePage({ context, read, members: [member('cleo')] });
  await rosters.completeRead({ context, read, provesAbsence: true });
  assert.deepEqual(await listStatus(context), { cleo: 'Active' });
});

test('a read with entries that nobody understood takes over who was listed, and proves nobody’s absence', async () => {
  const context = await newContext();
  await readAll(context, ['ann', 'bob']);
  for (let times = 0; times < 3; times += 1) {
    const read = await rosters.beginRead(context);
    await rosters.storePage({ context, read, members: [member('ann'), member('new')] });
    await rosters.completeRead({ context, read, provesAbsence: false });
  }
  assert.deepEqual(await listStatus(context), { ann: 'Active', bob: 'Active', new: 'Active' });
});

test('reads that break off, however many, make nobody inactive', async () => {
  const context = await newContext();
  await readAll(context, ['ann', 'bob']);
  for (let times = 0; times < 3; times += 1) {
    const read = await rosters.beginRead(context);
    await rosters.storePage({ context, read, members: [member('ann')] });
  }
  assert.deepEqual(await listStatus(context), { ann: 'Active', bob: 'Active' });
  await readAll(context, ['ann']);
  assert.deepEqual(await listStatus(context), { ann: 'Active', bob: 'Active' });
});

test('a person who is listed twice, on one page or on two, has all roles, and is active if any entry is', async () => {
  const context = await newContext();
  const read = await rosters.beginRead(context);
  const page = { context, read, members: [member('ann'), member('ann', { status: 'Inactive', roles: ['Mentor'] })] };
  await rosters.storePage(page);
  await rosters.storePage(page);
  await rosters.storePage({ context, read, members: [member('bob', { roles: ['Mentor'], status: 'Inactive' })] });
  await rosters.storePage({ context, read, members: [member('ann', { roles: ['Auditor'] }), member('bob')] });
  const outcome = await rosters.completeRead({ context, read, provesAbsence: true });
  assert.equal(outcome?.seen, 2);
  const rows = await queryRows(
    db,
    'select status, roles, standing from memberships where context = ? order by user_id',
    [context],
  );
  assert.deepEqual(rows, [
    { status: 'Active', roles: [...member('').roles, 'Mentor', 'Auditor'], standing: 'learner' },
    { status: 'Active', roles: ['Mentor', ...member('').roles], standing: 'learner' },
  ]);
});

test('what an earlier read listed of a person does not count for the next one', async () => {
  const context = await newContext();
  await rosters.storePage({ context, read: await rosters.beginRead(context), members: [member('ann')] });
  const read = await rosters.beginRead(context);
  await rosters.storePage({ context, read, members: [member('ann', { roles: ['Mentor'], status: 'Inactive' })] });
  await rosters.completeRead({ context, read, provesAbsence: true });
  const rows = await queryRows(db, 'select status, roles from memberships where context = ?', [context]);
  assert.deepEqual(rows, [{ status: 'Inactive', roles: ['Mentor'] }]);
});

test('one course’s roster says nothing of another’s', async () => {
  const [one, other] = [await newContext(), await newContext()];
  await readAll(other, ['bob']);
  for (let times = 0; times < 3; times += 1) await readAll(one, ['ann']);
  assert.deepEqual(await listStatus(other), { bob: 'Active' });
});

test('names and e-mails are kept only where that is configured, and dropped where it no longer is', async () => {
  const context = await newContext();
  const people = [member('ann', { name: 'Ann', email: 'ann@school.example' })];
  const store = async (storeNames: boolean): Promise<unknown[]> => {
    const own = createRosters(db, { storeNames, erased: anyErased() });
    const read = await own.beginRead(context);
    await own.storePage({ context, read, members: people });
    await own.completeRead({ context, read, provesAbsence: true });
    return queryRows(db, 'select name, email from memberships where context = ?', [context]);
  };
  assert.deepEqual(await store(false), [{ name: null, email: null }]);
  assert.deepEqual(await store(true), [{ name: 'Ann', email: 'ann@school.example' }]);
  assert.deepEqual(await store(false), [{ name: null, email: null }]);
});

test('a complete read is noted with its time', async () => {
  const context = await newContext();
  const isNoted = (): Promise<unknown[]> =>
    queryRows(db, 'select roster_read_at is not null as noted from contexts where id = ?', [context]);
  await rosters.beginRead(context);
  assert.deepEqual(await isNoted(), [{ noted: false }]);
  await readAll(context, []);
  assert.deepEqual(await isNoted(), [{ noted: true }]);
});

test('a member that PostgreSQL refuses takes no other of the page with it', async () => {
  const context = await newContext();
  await readAll(context, ['ann']);
  const read = await rosters.beginRead(context);
  // Longer than an entry of an index may be, however well it is packed.
  const endless = randomBytes(8_000).toString('hex');
  const members = ['bob', endless, 'eve'].map((userId) => member(userId));
  assert.deepEqual(await rosters.storePage({ context, read, members }), { refused: ['54000'], erased: 0 });
  const outcome = await rosters.completeRead({ context, read, provesAbsence: false });
  assert.deepEqual([outcome?.seen, outcome?.joined, outcome?.refused], [2, 2, []]);
  assert.deepEqual(await listStatus(context), { ann: 'Active', bob: 'Active', eve: 'Active' });
});

test('a member that PostgreSQL refuses to take over takes no other of the read with it', async (t) => {
  const context = await newContext();
  await readAll(context, ['ann']);
  const when = `new.user_id = 'bob' and new.context = '${context}'`;
  t.after(await breakDatabase(db, { table: 'memberships', on: 'insert', when, code: '23514' }));
  const read = await rosters.beginRead(context);
  await rosters.storePage({ context, read, members: ['bob', 'eve'].map((userId) => member(userId)) });
  const outcome = await rosters.completeRead({ context, read, provesAbsence: true });
  assert.deepEqual([outcome?.joined, outcome?.refused], [1, ['23514']]);
  assert.deepEqual(await listStatus(context), { ann: 'Active', eve: 'Active' });
});
