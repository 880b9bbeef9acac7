import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, textAt, problemOf, type Json } from '../../helpers/app.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertDeployment,
  insertPlatform,
  insertServiceKey,
} from '../../helpers/factories.js';

const api = await createTestApi();
const { db, call, sends } = api;

const platform = await insertPlatform(db, { platformId: 'lms', deploymentId: 'd1' });
const context = await insertContext(db, { deployment: platform.deployment, contextId: 'course' });
const column = await insertLineItem(db, { context: context.id, lineItemId: 'https://lms.example/columns/1' });
await insertServiceKey(db, { context: context.id });

const item = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  platformId: 'lms',
  contextId: 'course',
  lineItem: { id: column.line_item_id },
  userId: 'student-1',
  scoreGiven: 7.5,
  scoreMaximum: 10,
  ...change,
});

test('accepts a score, stores it before it answers, and wakes its sender', async () => {
  sends.length = 0;
  const answer = await call('POST', '/v1/scores', { body: item({ userId: 'first' }) });
  assert.equal(answer.status, 202, answer.text);
  assert.equal(at(answer.body, 'accepted'), 1);
  assert.equal(at(answer.body, 'scores', 0, 'outcome'), 'accepted');
  assert.equal(at(answer.body, 'scores', 0, 'revision'), 1);
  assert.equal(at(answer.body, 'workflows', 0, 'workflowId'), `send/${platform.gate}`);
  assert.deepEqual(sends, [{ gate: platform.gate, trigger: 'api' }]);
  const [row] = await queryRows<{ state: string; priority: number }>(
    db,
    `select * from scores where user_id = 'first'`,
  );
  assert.equal(row?.state, 'due');
  assert.equal(row?.priority, 1);
});

test('answers each item in order: unchanged, newer, older', async () => {
  const at1 = '2026-01-01T10:00:00Z';
  const body = [
    item({ userId: 'order', changedAt: at1 }),
    item({ userId: 'order', changedAt: at1 }),
    item({ userId: 'order', changedAt: '2026-01-01T11:00:00+01:00', scoreGiven: 8 }),
    item({ userId: 'order', changedAt: '2025-12-31T10:00:00Z', scoreGiven: 1 }),
  ];
  const { body: answer } = await call('POST', '/v1/scores', { body: { scores: body } });
  const outcomes = [0, 1, 2, 3].map((index) => [
    at(answer, 'scores', index, 'outcome'),
    at(answer, 'scores', index, 'revision'),
  ]);
  assert.deepEqual(outcomes, [
    ['accepted', 1],
    ['unchanged', 1],
    ['accepted', 2],
    ['superseded', 2],
  ]);
});

const refused: [string, Record<string, unknown>, string, string][] = [
  ['an unknown platform', { platformId: 'nobody' }, 'unknown-platform', '/platformId'],
  ['an unknown deployment', { deploymentId: 'nowhere' }, 'unknown-deployment', '/deploymentId'],
  ['an unknown context', { contextId: 'nowhere' }, 'unknown-context', '/contextId'],
  ['a negative score', { scoreGiven: -0.5 }, 'invalid-score', '/scoreGiven'],
  ['a score in quotes', { scoreGiven: '7' }, 'invalid-score', '/scoreGiven'],
  ['a missing score', { scoreGiven: undefined }, 'score-given-missing', '/scoreGiven'],
  ['a null score', { scoreGiven: null }, 'score-given-missing', '/scoreGiven'],
  ['a score together with clear', { clear: true }, 'invalid-score', '/clear'],
  ['a missing maximum', { scoreMaximum: undefined }, 'invalid-score', '/scoreMaximum'],
  ['a maximum of zero', { scoreMaximum: 0 }, 'invalid-score', '/scoreMaximum'],
  ['a missing user', { userId: undefined }, 'invalid-score', '/userId'],
  ['an empty user', { userId: '' }, 'invalid-score', '/userId'],
  ['a user with NUL', { userId: 'a\0b' }, 'invalid-score', '/userId'],
  ['half a surrogate pair', { userId: 'a\ud800b' }, 'invalid-score', '/userId'],
  ['an endless user', { userId: 'u'.repeat(1_025) }, 'invalid-score', '/userId'],
  ['an unheard-of progress', { activityProgress: 'Done' }, 'invalid-score', '/activityProgress'],
  ['an unheard-of grading', { gradingProgress: 'Graded' }, 'invalid-score', '/gradingProgress'],
  ['an unheard-of submit', { submit: 'later' }, 'invalid-score', '/submit'],
  ['a date without a zone', { changedAt: '2026-01-01T10:00:00' }, 'invalid-score', '/changedAt'],
  ['a date that is none', { changedAt: '2026-02-30T10:00:00Z' }, 'invalid-score', '/changedAt'],
  ['a date far ahead', { changedAt: new Date(Date.now() + 90_000_000).toISOString() }, 'invalid-score', '/changedAt'],
  ['a long comment', { comment: 'c'.repeat(10_001) }, 'invalid-score', '/comment'],
  ['no column', { lineItem: {} }, 'invalid-score', '/lineItem'],
  ['a column that is a string', { lineItem: 'x' }, 'invalid-score', '/lineItem'],
  [
    'a new column without a label',
    { lineItem: { resourceId: 'r', scoreMaximum: 1 } },
    'invalid-score',
    '/lineItem/label',
  ],
  ['a bad submission time', { submission: { startedAt: 5 } }, 'invalid-score', '/submission/startedAt'],
];

for (const [description, change, type, pointer] of refused) {
  test(`refuses ${description} and takes its neighbours`, async () => {
    const body = [item({ userId: 'left' }), item({ userId: 'bad', ...change }), item({ userId: 'right' })];
    const answer = await call('POST', '/v1/scores', { body });
    assert.equal(answer.status, 202, answer.text);
    assert.equal(at(answer.body, 'invalid'), 1, answer.text);
    const problem = at(answer.body, 'scores', 1, 'problem');
    assert.equal(problemOf(problem), type, JSON.stringify(problem));
    assert.equal(at(problem, 'pointer'), pointer);
    assert.equal(at(answer.body, 'scores', 1, 'id'), null);
    assert.notEqual(at(answer.body, 'scores', 0, 'outcome'), 'invalid');
    assert.notEqual(at(answer.body, 'scores', 2, 'outcome'), 'invalid');
  });
}

test('takes a score above its maximum, a zero, an emoji and members that nobody knows', async () => {
  const body = [
    item({ userId: 'above', scoreGiven: 12 }),
    item({ userId: 'zero', scoreGiven: 0 }),
    item({ userId: 'emoji-🎓', comment: '👍', whatever: { is: 'here' } }),
  ];
  const answer = await call('POST', '/v1/scores', { body });
  assert.equal(at(answer.body, 'accepted'), 3, answer.text);
});

test('clears a grade only when asked to', async () => {
  await call('POST', '/v1/scores', { body: item({ userId: 'clear' }) });
  const pending = await call('POST', '/v1/scores', { body: item({ userId: 'clear', gradingProgress: 'NotReady' }) });
  assert.equal(problemOf(at(pending.body, 'scores', 0, 'problem')), 'would-clear-grade', pending.text);
  const cleared = await call('POST', '/v1/scores', {
    body: item({ userId: 'clear', scoreGiven: undefined, clear: true }),
  });
  assert.equal(at(cleared.body, 'scores', 0, 'outcome'), 'accepted', cleared.text);
  const [row] = await queryRows<{ value: Json }>(db, `select value from scores where user_id = 'clear'`);
  assert.equal(at(row?.value, 'scoreGiven'), null);
});

test('lets a nightly score wait and wakes nobody for it', async () => {
  sends.length = 0;
  const answer = await call('POST', '/v1/scores', { body: item({ userId: 'night', submit: 'nightly' }) });
  assert.deepEqual(at(answer.body, 'workflows'), []);
  assert.deepEqual(sends, []);
  const score = await call('GET', `/v1/scores/${textAt(answer.body, 'scores', 0, 'id')}`);
  assert.equal(at(score.body, 'waitingFor', 'reason'), 'nightlyRun', score.text);
});

test('answers 202 when Temporal is down, without the workflow', async () => {
  api.temporal.fails = true;
  const answer = await call('POST', '/v1/scores', { body: item({ userId: 'outage' }) });
  api.temporal.fails = false;
  assert.equal(answer.status, 202);
  assert.equal(at(answer.body, 'accepted'), 1);
  assert.deepEqual(at(answer.body, 'workflows'), []);
});

test('stops asking Temporal after the first failure, and keeps every score', async () => {
  const courses = await Promise.all(Array.from({ length: 60 }, () => insertContext(db)));
  const places = await db('platforms')
    .join('deployments', 'deployments.platform', 'platforms.id')
    .whereIn(
      'deployments.id',
      courses.map(({ deployment }) => deployment),
    )
    .select<{ id: string; platform_id: string }[]>('deployments.id', 'platform_id');
  const platformOf = new Map(places.map(({ id, platform_id }) => [id, platform_id]));
  sends.length = 0;
  api.temporal.fails = true;
  const body = courses.map(({ context_id, deployment }) =>
    item({
      ...{ platformId: platformOf.get(deployment), deploymentId: undefined, contextId: context_id },
      lineItem: { resourceLinkId: 'link' },
    }),
  );
  const answer = await call('POST', '/v1/scores', { body });
  api.temporal.fails = false;
  assert.equal(at(answer.body, 'accepted'), 60, answer.text);
  assert.ok(sends.length <= 16, `${sends.length} tries`);
});

test('hides platforms that the key is not for', async () => {
  const { secret } = await insertApiKey(db, { scopes: ['scores:write', 'read'], platforms: ['another'] });
  const posted = await call('POST', '/v1/scores', { key: secret, body: item() });
  assert.equal(problemOf(at(posted.body, 'scores', 0, 'problem')), 'unknown-platform');
  const listed = await call('GET', '/v1/scores', { key: secret });
  assert.deepEqual(listed.body, { scores: [], readUntil: null, nextCursor: null });
  const mine = await call('POST', '/v1/scores', { body: item({ userId: 'hidden' }) });
  const one = await call('GET', `/v1/scores/${textAt(mine.body, 'scores', 0, 'id')}`, { key: secret });
  assert.equal(one.status, 404);
});

test('asks for the deployment where a course id stands in two', async () => {
  const { platform_id, id, deployment } = await insertPlatform(db, { platformId: 'many' });
  const other = await insertDeployment(db, { platform: id, deploymentId: 'b' });
  for (const each of [deployment, other.id]) {
    await db.raw(`insert into contexts (deployment, context_id) values (?, 'twin')`, [each]);
  }
  const answer = await call('POST', '/v1/scores', { body: item({ platformId: platform_id, contextId: 'twin' }) });
  assert.equal(problemOf(at(answer.body, 'scores', 0, 'problem')), 'ambiguous-deployment', answer.text);
});

test('refuses a body that is none of the three forms', async () => {
  for (const body of ['7', '"x"', 'null', '{"scores":{}}', '']) {
    const answer = await call('POST', '/v1/scores', { body });
    assert.equal(answer.status, 400, `${body}: ${answer.text}`);
  }
  const broken = await call('POST', '/v1/scores', { body: '{"scoreGiven": NaN}' });
  assert.equal(broken.status, 400);
  assert.equal(problemOf(broken.body), 'malformed-json');
});

test('lists newest first, page by page, each score once', async () => {
  const course = await insertContext(db, { deployment: platform.deployment, contextId: 'pages' });
  const users = Array.from({ length: 7 }, (_, index) => `page-${index}`);
  const body = users.map((userId) => item({ userId, contextId: course.context_id, lineItem: { resourceLinkId: 'l' } }));
  await call('POST', '/v1/scores', { body });
  const seen: Json[] = [];
  let cursor: Json | undefined = '';
  while (typeof cursor === 'string') {
    const query = `platformId=lms&contextId=pages&limit=3${cursor && `&cursor=${cursor}`}`;
    const page = await call('GET', `/v1/scores?${query}`);
    assert.equal(page.status, 200, page.text);
    const scores = at(page.body, 'scores');
    seen.push(...(Array.isArray(scores) ? scores.map((score) => at(score, 'userId') ?? null) : []));
    cursor = at(page.body, 'nextCursor');
  }
  assert.deepEqual(seen, users.toReversed());
});

test('refuses filters, cursors and limits that cannot be meant', async () => {
  for (const query of ['limit=0', 'limit=x', 'limit=501', 'state=lost', 'cursor=%21', 'userId=a%00b']) {
    const answer = await call('GET', `/v1/scores?${query}`);
    assert.equal(answer.status, 400, `${query}: ${answer.text}`);
    assert.equal(problemOf(answer.body), 'invalid-request');
  }
});

test('answers 404 for a score that is not there and for an id that is none', async () => {
  for (const id of [
    '00000000-0000-4000-8000-000000000000',
    'nothing',
    'urn:uuid:00000000-0000-4000-8000-000000000000',
  ]) {
    const answer = await call('GET', `/v1/scores/${id}`);
    assert.equal(answer.status, 404, answer.text);
    assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
  }
});
