/** No way in brings a person back who was erased. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createLaunches } from '../../../db/courses/launches.js';
import { createRosters } from '../../../db/courses/rosters.js';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, problemOf, textAt } from '../../helpers/app.js';
import { createBackfillsOfTest } from '../../helpers/backfills.js';
import { anyErased } from '../../helpers/any-erased.js';
import { createTestVault } from '../../helpers/factories.js';
import { addRoster, createKnownPerson, scoreOf, sendEvent } from '../../helpers/people.js';
import { searchDatabase } from '../../helpers/search-database.js';

const api = await createTestApi();
const { db, call } = api;
const ada = await createKnownPerson(api);
const { platformId, userId, contextId } = ada;
const ofAda = { platformId, userId, reason: 'a request' };
const erased = textAt((await call('POST', '/v1/people/erase', { body: ofAda })).body, 'id');
while ((await api.deps.store.personRequests.advance(erased))?.state === 'running');

const assertAway = async (): Promise<void> => assert.deepEqual(await searchDatabase(db, ada.words), []);

test('a score is refused by itself, with a reason', async () => {
  const scores = [scoreOf(ada), scoreOf(ada, { userId: 'ben', comment: 'fine' })];
  const { status, body } = await call('POST', '/v1/scores', { body: { scores } });
  assert.equal(status, 202);
  assert.equal(problemOf(at(body, 'scores', 0, 'problem')), 'person-erased');
  assert.equal(at(body, 'scores', 1, 'problem'), null);
  await assertAway();
});

test('so is a line of a stream', async () => {
  const { text } = await call('POST', '/v1/scores', {
    body: `${JSON.stringify(scoreOf(ada))}\n`,
    headers: { 'content-type': 'application/x-ndjson' },
  });
  assert.match(text, /person-erased/);
  await assertAway();
});

test('an event ends without a trace of whose it was, and so does a repetition', async () => {
  for (let times = 0; times < 2; times += 1) {
    assert.deepEqual(await sendEvent(api, ada), { state: 'ignored', reason: 'personErased' });
    await assertAway();
  }
});

test('neither does one that cannot be used keep whose it is', async () => {
  assert.deepEqual(await sendEvent(api, ada, 'no time'), { state: 'ignored', reason: 'personErased' });
  await assertAway();
});

test('a roster leaves the person out, and says how many it left out', async () => {
  assert.equal(await addRoster(api, ada, [userId, 'ben']), 1);
  await assertAway();
});

test('a roster that began before the erasure does not take over the person either', async () => {
  await db.raw('update contexts set roster_read = roster_read + 1 where id = ?', [ada.context]);
  const [{ read } = { read: 0 }] = await queryRows<{ read: number }>(
    db,
    `insert into membership_drafts (context, read, user_id, roles, status, standing, name)
     select id, roster_read, ?, array['Learner'], 'Active', 'learner', ? from contexts where id = ? returning read`,
    [userId, ada.name, ada.context],
  );
  const rosters = createRosters(db, { storeNames: true, erased: anyErased() });
  await rosters.completeRead({ context: ada.context, read, provesAbsence: false });
  await assertAway();
});

test('a reference is not tied to the person', async () => {
  const { lineItem } = scoreOf(ada);
  const answer = await call('PUT', `/v1/references/tied-${platformId}/another`, {
    body: { platformId, contextId, lineItem, userId },
  });
  assert.equal(answer.status, 422);
  assert.equal(problemOf(answer.body), 'person-erased');
});

test('a launch is recorded without its learner', async () => {
  const launches = createLaunches(db, { vault: createTestVault() });
  const [deploymentId = ''] = await db('deployments as d')
    .join('contexts as c', 'c.deployment', 'd.id')
    .where('c.id', ada.context)
    .pluck<string[]>('d.deployment_id');
  const { resumed } = await launches.record({
    ...{ platformId, deploymentId, contextId, family: 'canvas', launchedAt: new Date(), learnerId: userId },
    serviceKey: { secret: `key-${randomUUID()}`, assignmentAndGrades: true, namesAndRoles: true },
  });
  assert.equal(resumed, 0);
  await assertAway();
});

test('a line of a backfill says why it is refused, and no longer whose it was', async () => {
  const backfills = await createBackfillsOfTest(db);
  const column = { platformId, contextId, lineItemId: ada.column.id };
  const id = await backfills.upload([
    { column, userId, scoreGiven: 2, scoreMaximum: 10, more: { comment: ada.comment } },
  ]);
  await backfills.preview(id);
  const lines = await queryRows(db, 'select state, kind, reason from backfill_items where backfill = ?', [id]);
  assert.deepEqual(lines, [{ state: 'skipped', kind: 'refused', reason: 'personErased' }]);
  await assertAway();
});

test('the same id on another platform is somebody else', async () => {
  const other = await createKnownPerson(api);
  const { body } = await call('POST', '/v1/scores', { body: scoreOf({ ...other, userId }, { scoreGiven: 1 }) });
  assert.equal(at(body, 'scores', 0, 'outcome'), 'accepted');
});

test('an operator readmits the person, once, and an audit entry says who did', async () => {
  const readmit = () => call('POST', '/v1/people/readmit', { body: ofAda });
  assert.equal((await readmit()).status, 200);
  assert.equal((await readmit()).status, 404);
  const { body } = await call('POST', '/v1/scores', { body: scoreOf(ada) });
  assert.equal(at(body, 'scores', 0, 'outcome'), 'accepted');
  const entries = await queryRows(
    db,
    `select action, subject from audit_entries where action like 'people.%' order by id`,
  );
  assert.deepEqual(entries, [
    { action: 'people.erase', subject: erased },
    { action: 'people.readmit', subject: erased },
  ]);
});
