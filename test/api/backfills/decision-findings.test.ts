import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi, textAt } from '../../helpers/app.js';
import { createBackfillsOfTest } from '../../helpers/backfills.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const api = await createTestApi();
const { db, call } = api;
const { deployment } = await insertPlatform(db, { platformId: 'lms' });
const { id: context } = await insertContext(db, { deployment, contextId: 'course' });
await insertServiceKey(db, { context });
const { id: lineItem, line_item_id: lineItemId } = await insertLineItem(db, { context });

async function found(key?: string): Promise<string[]> {
  const { body } = await call('GET', '/v1/health/operations', key === undefined ? {} : { key });
  const findings = at(body, 'findings');
  assert.ok(Array.isArray(findings));
  return findings.map((finding) => `${textAt(finding, 'type')} ${JSON.stringify(at(finding, 'count'))}`);
}

test('names what waits for a decision, and nothing that goes by itself', async () => {
  const held = { context, lineItem, state: 'held' } as const;
  await insertScore(db, { ...held, columns: { failure_type: 'HumanGradeUndecided' } });
  await insertScore(db, { ...held, columns: { failure_type: 'MemberLeft' } });
  assert.deepEqual(
    (await found()).filter((finding) => finding.startsWith('scores')),
    ['scoresUndecided 1'],
  );
});

test('tells grades that differ from what was sent until a reading finds them equal', async () => {
  for (const kind of ['changed', 'capped']) {
    const score = await insertScore(db, { context, lineItem, state: 'submitted' });
    const drift = { context, line_item: lineItem, score: score.id, user_id: score.user_id, kind };
    await db('drifts').insert({ ...drift, revision: 1, score_maximum: 10 });
  }
  assert.ok((await found()).includes('gradebooksDiffer 1'));
  await db.raw('update drifts set ended_at = now()');
  assert.ok((await found()).every((finding) => !finding.startsWith('gradebooksDiffer')));
});

test('reminds of backfills that wait for somebody, and shows them to nobody else', async () => {
  const backfills = await createBackfillsOfTest(db);
  const column = { platformId: 'lms', contextId: 'course', lineItemId: lineItemId ?? '' };
  const id = await backfills.upload([{ column, userId: 'ada', scoreGiven: 7, scoreMaximum: 10 }]);
  assert.equal(await backfills.preview(id), 'awaitingApproval');
  assert.ok((await found()).includes('backfillsUnapproved 1'));
  const listed = await call('GET', '/v1/backfills?state=awaitingApproval');
  assert.equal(at(listed.body, 'backfills', 0, 'id'), id);
  assert.deepEqual(at((await call('GET', '/v1/backfills?state=paused')).body, 'backfills'), []);
  const { secret } = await insertApiKey(db, { scopes: ['read'], platforms: ['another'] });
  assert.ok((await found(secret)).every((finding) => !finding.startsWith('backfills')));
});
