import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, problemOf, textAt, type Json } from '../../helpers/app.js';
import { createBackfillRig } from '../../helpers/backfill-rig.js';
import { eventually } from '../../helpers/database.js';
import { insertApiKey } from '../../helpers/factories.js';
import { appliedValues } from '../../helpers/journal.js';
import type { RigCourse } from '../../helpers/rig.js';

const rig = await createBackfillRig({ approval: { scores: 2, drop: 25 } });

type Given = Record<string, number>;

/** Hands scores in with a key, and waits until the gradebook has them. */
async function handIn(course: RigCourse, key: string, given: Given): Promise<void> {
  const { platformId, contextId, columns } = course;
  const scores = Object.entries(given).map(([userId, scoreGiven]) => ({
    ...{ platformId, contextId, userId, scoreGiven, scoreMaximum: 10, lineItem: { id: columns[0] } },
  }));
  const answer = await rig.call('POST', '/v1/scores', { key, body: { scores } });
  assert.equal(at(answer.body, 'accepted'), scores.length, answer.text);
  await eventually('all are sent', async () => {
    const waiting = rig.db('scores').where({ context: course.context }).whereNot({ state: 'submitted' });
    return (await waiting.pluck('id')).length === 0;
  });
}

const listOf = async (query: string): Promise<Json[]> => {
  const { body, text } = await rig.call('GET', `/v1/score-revisions?${query}`);
  const found = at(body, 'scoreRevisions');
  assert.ok(Array.isArray(found), text);
  return found;
};

test('finds and undoes what a stolen key wrote, and the keys that it made, where nothing newer came', async () => {
  const course = await rig.createCourse({ students: 6 });
  const [ada = '', bob = '', cid = '', dan = '', eve = '', fay = ''] = course.students;
  const own = (await insertApiKey(rig.db)).secret;
  const stolen = await insertApiKey(rig.db);
  await handIn(course, own, { [ada]: 5, [bob]: 5, [cid]: 5, [eve]: 4 });
  await handIn(course, stolen.secret, { [fay]: 7 });
  const since = new Date().toISOString();
  const made = await rig.call('POST', '/v1/api-keys', {
    ...{ key: stolen.secret, body: { name: 'another', scopes: ['scores:write'], reason: 'nothing good' } },
  });
  await handIn(course, stolen.secret, { [ada]: 9, [bob]: 10, [cid]: 10, [dan]: 10 });
  await handIn(course, stolen.secret, { [ada]: 10 });
  await handIn(course, textAt(made.body, 'key'), { [eve]: 10 });
  await handIn(course, own, { [cid]: 6 });

  const found = await listOf(`apiKeyId=${stolen.id}&since=${since}`);
  assert.deepEqual(
    found
      .map((one) => [at(one, 'userId'), at(one, 'before', 'scoreGiven') ?? null, at(one, 'after', 'scoreGiven')])
      .toSorted(),
    [
      ...[
        [ada, 5, 9],
        [ada, 9, 10],
        [bob, 5, 10],
        [cid, 5, 10],
        [dan, null, 10],
        [eve, 4, 10],
      ],
    ].toSorted(),
  );
  assert.deepEqual(
    found
      .filter((one) => at(one, 'isCurrent') === false)
      .map((one) => at(one, 'userId'))
      .toSorted(),
    [ada, cid].toSorted(),
  );
  const first = await rig.call('GET', `/v1/score-revisions?apiKeyId=${stolen.id}&since=${since}&limit=4`);
  const next = textAt(first.body, 'nextCursor');
  assert.equal((await listOf(`apiKeyId=${stolen.id}&since=${since}&cursor=${next}`)).length, 2);

  const body = {
    reason: 'the key was stolen',
    author: 'Ada',
    filter: {},
    action: { restore: { apiKeyId: stolen.id, since } },
  };
  const begun = await rig.call('POST', '/v1/backfills', { body });
  assert.equal(begun.status, 202, begun.text);
  const id = textAt(begun.body, 'id');
  const waiting = await rig.whenIn(id, 'awaitingApproval');
  assert.deepEqual([at(waiting, 'lines'), at(waiting, 'approval', 'byAnother')], [4, true]);
  await rig.call('POST', `/v1/backfills/${id}/approve`, { key: rig.keys.other, body: { reason: 'looked at it' } });
  await rig.whenIn(id, 'finished');
  const applied = await appliedValues(rig, course);
  const last = [ada, bob, cid, dan, eve, fay].map((user) => applied.get(user)?.at(-1) ?? null);
  // What had no earlier grade is taken away, as an undo does it.
  assert.deepEqual(last, [5, 5, 6, Number.NaN, 4, 7]);
  // Nothing of the key is left that could be undone.
  const again = textAt((await rig.call('POST', '/v1/backfills', { body })).body, 'id');
  const failed = await rig.whenIn(again, 'failed', 'awaitingApproval', 'finished');
  assert.deepEqual([at(failed, 'state'), at(failed, 'failure', 'type')], ['failed', 'NothingToDo']);
});

test('undoes within a stretch of time, a part of what a key wrote, and only what the caller sees', async () => {
  const course = await rig.createCourse({ students: 3 });
  const beside = await rig.createCourse({ students: 1 });
  const [ada = '', bob = '', cid = ''] = course.students;
  const [dan = ''] = beside.students;
  const { id, secret } = await insertApiKey(rig.db);
  const since = new Date().toISOString();
  await handIn(course, secret, { [ada]: 5, [bob]: 5 });
  const until = new Date().toISOString();
  await handIn(course, secret, { [bob]: 6, [cid]: 6 });
  await handIn(beside, secret, { [dan]: 6 });
  const linesOf = async (restore: object, filter: object, key?: string): Promise<Json> => {
    const body = { reason: 'a test', author: 'Ada', dryRun: true, filter, action: { restore } };
    const begun = await rig.call('POST', '/v1/backfills', { body, ...(key !== undefined && { key }) });
    return at(await rig.whenIn(textAt(begun.body, 'id'), 'finished', 'failed'), 'lines') ?? null;
  };
  assert.equal(await linesOf({ apiKeyId: id, since, until }, {}), 1);
  assert.equal(await linesOf({ apiKeyId: id, since }, {}), 4);
  assert.equal(await linesOf({ apiKeyId: id, since }, { contextId: course.contextId }), 3);
  assert.equal(await linesOf({ apiKeyId: id, since: until }, { userId: bob }), 1);
  const { secret: limited } = await insertApiKey(rig.db, { platforms: [beside.platformId] });
  assert.equal(await linesOf({ apiKeyId: id, since }, {}, limited), 1);
  const page = await rig.call('GET', `/v1/score-revisions?apiKeyId=${id}&since=${since}`, { key: limited });
  assert.deepEqual(at(page.body, 'scoreRevisions', 0, 'userId'), dan);
  assert.equal(at(page.body, 'scoreRevisions', 1), undefined);
});

test('refuses to undo without a key or a time, or by a cursor of another list', async () => {
  for (const restore of [
    {},
    { apiKeyId: rig.keys.other },
    { since: 'yesterday', apiKeyId: '6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10' },
  ]) {
    const body = { reason: 'a test', author: 'Ada', filter: {}, action: { restore } };
    assert.equal(problemOf((await rig.call('POST', '/v1/backfills', { body })).body), 'invalid-request');
  }
  const { body } = await rig.call('GET', '/v1/score-revisions?cursor=MTI');
  assert.equal(problemOf(body), 'invalid-request');
});
