/** Stories of scores that operators did something to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi, textAt, type Json } from '../../helpers/app.js';
import { insertApiKey, insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';
import { kindsOf, listOf } from '../../helpers/stories.js';

const { db, call } = await createTestApi();
const platform = await insertPlatform(db, { platformId: 'lms' });
const { deployment } = platform;
const { id: context } = await insertContext(db, { deployment });
const { id: lineItem } = await insertLineItem(db, { context });
const { id: adaKey, secret: ada } = await insertApiKey(db, { columns: { name: 'Ada' } });
const { secret: grace } = await insertApiKey(db, { platforms: ['lms'], columns: { name: 'Grace' } });
const { secret: reader } = await insertApiKey(db, { scopes: ['read'], platforms: ['lms', 'other'] });

async function act(path: string, body: object, key = ada): Promise<void> {
  const { status, text } = await call('POST', path, { body, key });
  assert.ok(status < 300, text);
}

async function deedsOf(id: string, key = ada): Promise<string[]> {
  const { body } = await call('GET', `/v1/scores/${id}/story`, { key });
  const entries = listOf(at(body, 'timeline')).filter((entry) => at(entry, 'kind') === 'acted');
  return entries.map((entry) => textAt(entry, 'sentence'));
}

async function insertOne(state: 'due' | 'rejected' | 'held'): Promise<string> {
  const columns = state === 'held' ? { failure_type: 'HumanGradeUndecided' } : {};
  return (await insertScore(db, { context, lineItem, state, columns })).id;
}

test('tells what somebody did to a score, with the name of the key and the reason', async () => {
  const id = await insertOne('rejected');
  await act('/v1/scores/retry', { ids: [id], reason: 'enrolled now' });
  await act(`/v1/scores/${id}/withdraw`, { reason: 'a mistake' });
  const held = await insertOne('held');
  await act(`/v1/scores/${held}/decide`, { decision: 'send', reason: 'the teacher agrees' }, grace);
  assert.deepEqual(await deedsOf(id), ['“Ada” had it tried again: “enrolled now”.', '“Ada” withdrew it: “a mistake”.']);
  assert.deepEqual(await deedsOf(held), [
    '“Grace” decided that it replaces the grade in the gradebook: “the teacher agrees”.',
  ]);
  const { body: story } = await call('GET', `/v1/scores/${id}/story`);
  assert.deepEqual(kindsOf(story), ['received', 'acted', 'acted', 'ended']);
  const deed: Json = { action: 'scores.retry', apiKey: adaKey, keyName: 'Ada', reason: 'enrolled now' };
  assert.deepEqual(at(story, 'timeline', 1, 'deed'), deed);
});

test('tells of a retry by a filter those scores that it found', async () => {
  const found = await insertOne('rejected');
  const other = await insertOne('due');
  await act('/v1/scores/retry', { filter: { state: 'rejected', context }, reason: 'the LMS is back' });
  assert.deepEqual(await deedsOf(found), ['“Ada” had it tried again: “the LMS is back”.']);
  assert.deepEqual(await deedsOf(other), []);
});

test('tells what was done to the column, the course and the platform since it came', async () => {
  const before = await insertOne('due');
  for (const path of [`contexts/${context}`, `deployments/${deployment}`, `platforms/${platform.id}`]) {
    await act(`/v1/${path}/pause`, { reason: 'exams' });
    await act(`/v1/${path}/resume`, { reason: 'over' });
  }
  await act(`/v1/line-items/${lineItem}/resume`, { reason: 'there again' });
  await call('PUT', `/v1/contexts/${context}/grade-policy`, {
    body: { gradePolicy: 'humanWins', reason: 'asked' },
    key: ada,
  });
  const deeds = await deedsOf(before);
  assert.deepEqual(
    deeds.map((deed) => deed.replaceAll(/“Ada” |“(exams|over)”/g, '')),
    [
      ...['course', 'deployment', 'platform'].flatMap((what) => [`paused the ${what}: .`, `resumed the ${what}: .`]),
      'resumed the column: “there again”.',
      'changed whose grade counts in the course, to humanWins: “asked”.',
    ],
  );
  assert.deepEqual(await deedsOf(await insertOne('due')), []);
});

test('shows a key of some platforms no name of others, and no words but about those', async () => {
  const id = await insertOne('rejected');
  await act('/v1/scores/retry', { filter: { state: 'rejected' }, reason: 'another tenant was down' });
  await act(`/v1/contexts/${context}/pause`, { reason: 'exams' });
  await act(`/v1/contexts/${context}/resume`, { reason: 'over' }, grace);
  assert.deepEqual(await deedsOf(id, reader), [
    'Somebody had it tried again.',
    'Somebody paused the course: “exams”.',
    '“Grace” resumed the course: “over”.',
  ]);
});
