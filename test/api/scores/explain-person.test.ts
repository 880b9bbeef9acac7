import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi, problemOf, textAt, type Answer, type Json } from '../../helpers/app.js';
import {
  insertApiKey,
  insertContext,
  insertDeployment,
  insertLineItem,
  insertMembership,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';
import { listOf } from '../../helpers/stories.js';

const api = await createTestApi();
const { db, call } = api;
const { id: platform, platform_id: platformId, deployment } = await insertPlatform(db);
const bio = await insertContext(db, { deployment, columns: { roster_read_at: new Date(), title: 'Biology' } });
await insertServiceKey(db, { context: bio.id });
const essay = await insertLineItem(db, { context: bio.id, columns: { resource_id: 'essay', label: 'Essay' } });
const quiz = await insertLineItem(db, { context: bio.id });
for (const userId of ['ada', 'bob']) await insertMembership(db, { context: bio.id, userId });

const explain = (who: object, key?: string): Promise<Answer> =>
  call('POST', '/v1/explain', {
    body: { platformId, contextId: bio.context_id, ...who },
    ...(key !== undefined && { key }),
  });

async function told(who: object, key?: string): Promise<Json> {
  const { status, body, text } = await explain(who, key);
  assert.equal(status, 200, text);
  return body;
}

const findingsOf = (answer: Json): string[] => listOf(at(answer, 'findings')).map((finding) => textAt(finding, 'kind'));

await insertScore(db, {
  ...{ context: bio.id, lineItem: essay.id, userId: 'ada', state: 'submitted' },
  columns: { submitted: null },
});
const refused = await insertScore(db, {
  ...{ context: bio.id, lineItem: quiz.id, userId: 'ada', state: 'rejected', value: { scoreGiven: 8 } },
  columns: { revision: 2, submitted: JSON.stringify({ scoreGiven: 4, scoreMaximum: 10 }), submitted_revision: 1 },
});

test('tells of each column what the tool has, what the LMS took, and what helps', async () => {
  const answer = await told({ userId: 'ada' });
  assert.equal(at(answer, 'verdict'), 'Of 2 scores of this student 1 is in the gradebook.');
  assert.deepEqual(findingsOf(answer), []);
  assert.deepEqual([at(answer, 'course', 'id'), at(answer, 'course', 'title')], [bio.id, 'Biology']);
  assert.deepEqual(at(answer, 'person'), { status: 'Active', standing: 'other' });
  const [quizScore, essayScore] = listOf(at(answer, 'scores')).toSorted((one) =>
    at(one, 'state') === 'rejected' ? -1 : 1,
  );
  assert.equal(at(quizScore, 'id'), refused.id);
  assert.deepEqual([at(quizScore, 'tool', 'scoreGiven'), at(quizScore, 'gradebook', 'scoreGiven')], [8, 4]);
  assert.equal(
    at(quizScore, 'verdict'),
    'The gradebook took 4 of 10 before, and not 8 of 10: The LMS refused this score.',
  );
  const calls = listOf(at(quizScore, 'help')).map((help) => at(help, 'call', 'path') ?? null);
  assert.deepEqual(calls, [null, '/v1/scores/retry']);
  assert.deepEqual([at(essayScore, 'gradebook', 'scoreGiven'), at(essayScore, 'shown')], [7.5, null]);
  assert.equal(at(essayScore, 'lineItem', 'label'), 'Essay');
  assert.match(textAt(essayScore, 'verdict'), /^In the gradebook/);
});

test('tells the administrator of the LMS what was answered last', async () => {
  const attempt = { ...{ score: refused.id, kind: 'submit', outcome: 'rejected', lane_token: 1, duration_ms: 20 } };
  await db('attempts').insert([
    { ...attempt, revision: 1, status: 500, excerpt: 'not now', started_at: new Date(Date.now() - 60_000) },
    { ...attempt, revision: 2, status: 422, excerpt: 'no student', started_at: new Date() },
  ]);
  const scores = listOf(at(await told({ userId: 'ada' }), 'scores'));
  const of = (state: string): string =>
    textAt(scores.find((one) => at(one, 'state') === state) ?? {}, 'forAdministrator');
  assert.match(of('rejected'), /status 422: “no student”/);
  assert.doesNotMatch(of('rejected'), /not now/);
  assert.match(of('submitted'), /not called for it yet/);
});

test('tells of one column by any of its names', async () => {
  for (const lineItem of [
    { resourceId: 'essay' },
    { id: essay.line_item_id },
    { id: essay.line_item_id, resourceId: 'essay' },
  ]) {
    const answer = await told({ userId: 'ada', lineItem });
    assert.equal(listOf(at(answer, 'scores')).length, 1);
    assert.match(textAt(answer, 'verdict'), /^In the gradebook: the LMS took 7\.5 of 10/);
  }
});

test('says that we never received a score for the student', async () => {
  const answer = await told({ userId: 'bob' });
  assert.equal(at(answer, 'verdict'), 'We never received a score for this student in this course.');
  assert.deepEqual(findingsOf(answer), ['noScore']);
  const ofColumn = await told({ userId: 'bob', lineItem: { resourceId: 'essay' } });
  assert.equal(at(ofColumn, 'verdict'), 'We never received a score for this student in this column.');
});

test('says that the column is not known', async () => {
  for (const lineItem of [{ resourceId: 'other' }, { id: essay.line_item_id, resourceId: 'other' }]) {
    const answer = await told({ userId: 'ada', lineItem });
    assert.match(textAt(answer, 'verdict'), /^This column is not known in the course/);
    assert.deepEqual([findingsOf(answer), at(answer, 'scores')], [['unknownColumn'], []]);
  }
});

test('says what the roster says of the user, once it was read', async () => {
  assert.deepEqual(findingsOf(await told({ userId: 'nobody' })), ['noScore', 'notInRoster']);
  await insertMembership(db, { context: bio.id, userId: 'left', columns: { status: 'Inactive' } });
  assert.deepEqual(findingsOf(await told({ userId: 'left' })), ['noScore', 'leftRoster']);
  await insertMembership(db, { context: bio.id, userId: 'mentor', columns: { standing: 'observer' } });
  assert.deepEqual(findingsOf(await told({ userId: 'mentor' })), ['noScore', 'hasNoGrades']);
  const unread = await insertContext(db, { deployment });
  assert.deepEqual(findingsOf(await told({ contextId: unread.context_id, userId: 'ada' })), ['noScore', 'noKey']);
});

test('says that the course has never been launched, or the LMS', async () => {
  const ways: [object, string, RegExp][] = [
    [{ contextId: 'other' }, 'neverLaunched', /^This course has never been launched/],
    [{ deploymentId: 'other' }, 'unknownDeployment', /^This deployment of the LMS is not known/],
    [{ platformId: 'other' }, 'unknownPlatform', /^This LMS is not known/],
  ];
  for (const [who, kind, verdict] of ways) {
    const answer = await told({ userId: 'ada', ...who });
    assert.match(textAt(answer, 'verdict'), verdict);
    assert.deepEqual([findingsOf(answer), at(answer, 'course'), at(answer, 'scores')], [[kind], null, []]);
  }
});

test('a platform that a key may not see looks to it like one that is not there', async () => {
  const { secret: key } = await insertApiKey(db, { scopes: ['read'], platforms: ['another'] });
  assert.deepEqual(await told({ userId: 'ada' }, key), await told({ userId: 'ada', platformId: 'none' }));
  const { secret: own } = await insertApiKey(db, { scopes: ['read'], platforms: [platformId] });
  assert.equal(listOf(at(await told({ userId: 'ada' }, own), 'scores')).length, 2);
});

test('asks which of several courses is meant', async () => {
  const other = await insertDeployment(db, { platform });
  await insertContext(db, { deployment: other.id, contextId: bio.context_id });
  const answer = await explain({ userId: 'ada' });
  assert.deepEqual([answer.status, problemOf(answer.body)], [422, 'ambiguous-deployment']);
  const [first = ''] = await db('deployments').where({ id: deployment }).pluck<string[]>('deployment_id');
  assert.equal(listOf(at(await told({ userId: 'ada', deploymentId: first }), 'scores')).length, 2);
  await db('contexts').where({ deployment: other.id }).delete();
});

test('refuses what it does not know, and keeps ids out of the log', async () => {
  for (const body of [
    { userId: 'ada', user: 'ada' },
    { userId: 'ada', lineItem: {} },
    { userId: 'ada', lineItem: { name: 'x' } },
    {},
  ]) {
    assert.equal((await explain(body)).status, 400, JSON.stringify(body));
  }
  const { secret: key } = await insertApiKey(db, { scopes: ['scores:write'] });
  assert.equal((await explain({ userId: 'ada' }, key)).status, 403);
  api.logs.length = 0;
  await told({ userId: 'student-4711' });
  assert.ok(api.logs.every((line) => !line.includes('student-4711')));
});
