import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRosters, type RosterMember } from '../../../db/courses/rosters.js';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, problemOf, textAt, type Json } from '../../helpers/app.js';
import { anyErased } from '../../helpers/any-erased.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const { db, call, syncs, temporal } = await createTestApi();
const rosters = createRosters(db, { storeNames: true, erased: anyErased() });
const ROLE = 'http://purl.imsglobal.org/vocab/lis/v2/membership#';

const member = (userId: string, role: string, status: RosterMember['status'] = 'Active'): RosterMember => ({
  ...{ userId, status, roles: [`${ROLE}${role}`], name: `Name of ${userId}` },
});

async function readAll(context: string, members: readonly RosterMember[]): Promise<void> {
  const read = await rosters.beginRead(context);
  await rosters.storePage({ context, read, members });
  await rosters.completeRead({ context, read, provesAbsence: true });
}

async function newRoster(): Promise<string> {
  const context = (await insertContext(db)).id;
  await readAll(context, [member('ann', 'Learner'), member('bob', 'Learner', 'Inactive'), member('tia', 'Instructor')]);
  return context;
}

const usersOf = (body: Json): unknown[] => {
  const memberships = at(body, 'memberships');
  return Array.isArray(memberships) ? memberships.map((entry) => at(entry, 'userId')) : [];
};

const filters: [string, string[]][] = [
  ['', ['ann', 'bob', 'tia']],
  ['role=Learner', ['ann', 'bob']],
  [`role=${encodeURIComponent(`${ROLE}Instructor`)}`, ['tia']],
  ['role=earner', []],
  ['standing=staff', ['tia']],
  ['status=Inactive', ['bob']],
  ['active=true', ['ann', 'tia']],
  ['active=false&role=learner', ['bob']],
  ['userId=ann', ['ann']],
];

for (const [query, users] of filters) {
  test(`lists memberships by ${query || 'nothing'}`, async () => {
    const answer = await call('GET', `/v1/contexts/${await newRoster()}/memberships?${query}`);
    assert.deepEqual(usersOf(answer.body), users, answer.text);
  });
}

test('refuses filters that it does not know the values of', async () => {
  const answer = await call('GET', `/v1/contexts/${await newRoster()}/memberships?status=Gone`);
  assert.deepEqual([answer.status, problemOf(answer.body)], [400, 'invalid-request']);
});

test('lists what changed, newest first, page by page', async () => {
  const context = await newRoster();
  await readAll(context, [member('ann', 'Mentor'), member('bob', 'Learner'), member('tia', 'Instructor')]);
  const first = await call('GET', `/v1/contexts/${context}/membership-changes?limit=1`);
  assert.deepEqual(
    [at(first.body, 'changes', 0, 'userId'), at(first.body, 'changes', 0, 'change')],
    ['bob', 'returned'],
  );
  const cursor = textAt(first.body, 'nextCursor');
  const next = await call('GET', `/v1/contexts/${context}/membership-changes?limit=1&cursor=${cursor}`);
  assert.equal(at(next.body, 'changes', 0, 'change'), 'roleChanged', next.text);
  assert.deepEqual(at(next.body, 'changes', 0, 'rolesBefore'), [`${ROLE}Learner`]);
  assert.deepEqual(at(next.body, 'changes', 0, 'rolesAfter'), [`${ROLE}Mentor`]);
  assert.equal(at(next.body, 'nextCursor'), null);
  const filtered = await call('GET', `/v1/contexts/${context}/membership-changes?change=returned&userId=bob`);
  assert.equal(at(filtered.body, 'changes', 0, 'userId'), 'bob');
  assert.equal(at(filtered.body, 'changes', 1), undefined);
});

test('names people to keys with the scope people:read only', async () => {
  const context = await newRoster();
  const ofFirst = async (scopes: string[]): Promise<unknown[]> => {
    const { secret: key } = await insertApiKey(db, { scopes });
    const { body } = await call('GET', `/v1/contexts/${context}/memberships?userId=ann`, { key });
    return [at(body, 'memberships', 0, 'userId'), at(body, 'memberships', 0, 'name')];
  };
  assert.deepEqual(await ofFirst(['read']), ['ann', null]);
  assert.deepEqual(await ofFirst(['read', 'operate', 'approve', 'scores:write', 'launches:write']), ['ann', null]);
  assert.deepEqual(await ofFirst(['read', 'people:read']), ['ann', 'Name of ann']);
  assert.deepEqual(await ofFirst(['admin']), ['ann', 'Name of ann']);
});

test('shows rosters to nobody who may not see the platform', async () => {
  const context = await newRoster();
  const { secret } = await insertApiKey(db, { scopes: ['read'], platforms: ['another'] });
  for (const list of ['memberships', 'membership-changes']) {
    assert.equal((await call('GET', `/v1/contexts/${context}/${list}`, { key: secret })).status, 404);
  }
});

test('explains a score that the roster keeps back as waiting for the enrolment', async () => {
  const context = (await insertContext(db)).id;
  const lineItem = (await insertLineItem(db, { context })).id;
  const columns = { failure_type: 'MemberLeft' };
  const { id } = await insertScore(db, { context, lineItem, userId: 'bob', state: 'held', columns });
  const { body, text } = await call('GET', `/v1/scores/${id}`);
  assert.deepEqual(
    [at(body, 'waitingFor', 'reason'), at(body, 'waitingFor', 'type')],
    ['enrolment', 'MemberLeft'],
    text,
  );
  assert.match(textAt(body, 'explanation', 'whatHappened'), /no longer an active member/);
  assert.match(textAt(body, 'explanation', 'whatHappensNext'), /sent by itself when the roster shows/);
});

test('reads the rosters of a platform again: of courses with a key for it, with an audit entry', async () => {
  const platform = await insertPlatform(db);
  const { id: withKey } = await insertContext(db, { deployment: platform.deployment });
  await insertServiceKey(db, { context: withKey });
  const { id: withoutRoster } = await insertContext(db, { deployment: platform.deployment });
  await insertServiceKey(db, { context: withoutRoster, columns: { names_and_roles: false } });
  await insertContext(db, { deployment: platform.deployment });
  syncs.length = 0;
  const path = `/v1/platforms/${platform.id}/roster-refresh`;
  const answer = await call('POST', path, { body: { reason: 'term begins' } });
  assert.equal(answer.status, 202, answer.text);
  assert.deepEqual([at(answer.body, 'contexts'), at(answer.body, 'nextCursor')], [1, null]);
  assert.deepEqual(
    syncs.map(({ context, roster, trigger }) => [context, roster, trigger]),
    [[withKey, true, 'operator']],
  );
  assert.deepEqual(
    await queryRows(
      db,
      `select outcome, reason from audit_entries where action = 'platforms.roster-refresh' and subject = ? order by id`,
      [platform.id],
    ),
    [
      { outcome: 'asked', reason: 'term begins' },
      { outcome: 'done', reason: 'term begins' },
    ],
  );
});

test('says so when Temporal cannot be told to read rosters, and keeps that it failed', async () => {
  const platform = await insertPlatform(db);
  const { id: context } = await insertContext(db, { deployment: platform.deployment });
  await insertServiceKey(db, { context });
  temporal.fails = true;
  const answer = await call('POST', `/v1/platforms/${platform.id}/roster-refresh`, { body: { reason: 'a test' } });
  temporal.fails = false;
  assert.deepEqual([answer.status, problemOf(answer.body)], [503, 'temporal-unavailable']);
  assert.deepEqual(
    await queryRows(db, 'select outcome from audit_entries where subject = ? order by id', [platform.id]),
    [{ outcome: 'asked' }, { outcome: 'failed' }],
  );
});

test('takes only operators for reading rosters again', async () => {
  const platform = await insertPlatform(db);
  const { secret } = await insertApiKey(db, { scopes: ['read', 'scores:write'] });
  const answer = await call('POST', `/v1/platforms/${platform.id}/roster-refresh`, {
    body: { reason: 'a test' },
    key: secret,
  });
  assert.equal(answer.status, 403);
});

test('takes a learner who launches for one who is back, and a teacher’s launch for nothing of the kind', async () => {
  const platform = await insertPlatform(db);
  const { id: context, context_id: id } = await insertContext(db, { deployment: platform.deployment });
  const lineItem = (await insertLineItem(db, { context })).id;
  const columns = { failure_type: 'MemberNotInContext', updated_at: new Date(Date.now() - 3_600_000) };
  const score = await insertScore(db, { context, lineItem, userId: 'ann', state: 'rejected', columns });
  const launch = (role: string) =>
    call('POST', '/v1/launches', {
      body: {
        idToken: {
          iat: Math.floor(Date.now() / 1_000),
          user: { id: 'ann', roles: [`${ROLE}${role}`] },
          platform: { id: platform.platform_id, deploymentId: platform.deployment_id },
          launch: { context: { id }, resourceLink: { id: 'link' } },
          services: {
            assignmentAndGrades: { available: true },
            namesAndRoles: { available: true },
            serviceKey: 'key',
          },
        },
      },
    });
  assert.equal(at((await launch('Instructor')).body, 'resumed'), 0);
  assert.equal(at((await launch('Learner')).body, 'resumed'), 1);
  assert.deepEqual(await queryRows(db, 'select state from scores where id = ?', [score.id]), [{ state: 'due' }]);
});

test('says how whole the roster of a course is', async () => {
  const context = await newRoster();
  const { id: lineItem } = await insertLineItem(db, { context });
  for (const userId of ['ann', 'zoe', 'yan']) await insertScore(db, { context, lineItem, userId });
  const look = async () => at((await call('GET', `/v1/contexts/${context}`)).body, 'roster');
  assert.deepEqual(await look(), { active: 2, gone: 1, missed: 0, unlisted: 2 });
  await readAll(context, [member('ann', 'Learner')]);
  assert.deepEqual(await look(), { active: 2, gone: 1, missed: 1, unlisted: 2 });
});
