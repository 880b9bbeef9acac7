import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSecret } from '../../../api/bearer-secret.js';
import { at, createTestApi, problemOf, textAt } from '../../helpers/app.js';
import { createBackfillsOfTest } from '../../helpers/backfills.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertPlatform,
  insertServiceKey,
} from '../../helpers/factories.js';

const BOOTSTRAP = 'bootstrap-key-of-this-test';
const api = await createTestApi({ settings: { bootstrapHashes: [hashSecret(BOOTSTRAP).toString('base64')] } });
const { db, call } = api;
await api.deps.store.apiKeys.setBootstrapKey(hashSecret(BOOTSTRAP), 'test');
const { deployment } = await insertPlatform(db, { platformId: 'lms' });
const { id: context } = await insertContext(db, { deployment, contextId: 'course' });
await insertServiceKey(db, { context });
const { line_item_id: lineItemId } = await insertLineItem(db, { context });
const backfills = await createBackfillsOfTest(db);

async function make(key: string, scopes: string[]): Promise<{ id: string; key: string }> {
  const { body, status, text } = await call('POST', '/v1/api-keys', {
    key,
    body: { name: 'x', scopes, reason: 'a test' },
  });
  assert.equal(status, 201, text);
  return { id: textAt(body, 'id'), key: textAt(body, 'key') };
}

let student = 0;

/** One that waits for its approval, begun by this key. */
async function start(apiKey: string, approvalScores: number): Promise<string> {
  const column = { platformId: 'lms', contextId: 'course', lineItemId: lineItemId ?? '' };
  const userId = `student ${(student += 1)}`;
  const id = await backfills.upload([{ column, userId, scoreGiven: 7, scoreMaximum: 10 }], { apiKey, approvalScores });
  assert.equal(await backfills.preview(id), 'awaitingApproval');
  return id;
}

const approve = (id: string, key: string) =>
  call('POST', `/v1/backfills/${id}/approve`, { key, body: { reason: 'looked at it' } });

test('needs the scope approve, of whatever size a backfill is', async () => {
  const { id: author } = await insertApiKey(db);
  const id = await start(author, 1_000);
  const { secret: operator } = await insertApiKey(db, { scopes: ['read', 'operate', 'people:read'] });
  const refused = await approve(id, operator);
  assert.equal(refused.status, 403);
  assert.match(textAt(refused.body, 'detail'), /"approve"/);
  const { secret: approver } = await insertApiKey(db, { scopes: ['approve'] });
  for (const decision of ['pause', 'resume', 'cancel', 'undo']) {
    const other = await call('POST', `/v1/backfills/${id}/${decision}`, {
      key: approver,
      body: { reason: 'x', ...(decision === 'undo' && { author: 'Ada' }) },
    });
    assert.equal(other.status, 403, decision);
  }
  assert.equal((await approve(id, approver)).status, 200);
});

test('over the threshold is done by nobody with a key of the author’s own making', async () => {
  const ada = await make(BOOTSTRAP, ['admin']);
  const second = await make(ada.key, ['operate', 'read']);
  const helper = await make(ada.key, ['approve']);
  const hidden = await make((await make(ada.key, ['admin'])).key, ['approve']);
  const rotated = await call('POST', `/v1/api-keys/${helper.id}/rotate`, { key: ada.key, body: { reason: 'a test' } });
  const grace = await make(BOOTSTRAP, ['approve']);
  for (const author of [ada.id, second.id]) {
    const id = await start(author, 0);
    for (const [whose, key] of Object.entries({
      ...{ own: ada.key, made: helper.key, rotated: textAt(rotated.body, 'key'), hidden: hidden.key, maker: BOOTSTRAP },
    })) {
      const refused = await approve(id, key);
      assert.deepEqual([refused.status, problemOf(refused.body)], [403, 'approval-by-author'], whose);
    }
    const done = await approve(id, grace.key);
    assert.equal(done.status, 200, done.text);
    assert.equal(at(done.body, 'approval', 'approvedBy'), grace.id);
  }
});

test('stands though the author’s key has ended meanwhile', async () => {
  const ada = await make(BOOTSTRAP, ['admin']);
  const helper = await make(BOOTSTRAP, ['approve']);
  const id = await start(ada.id, 0);
  await call('DELETE', `/v1/api-keys/${ada.id}?reason=left`);
  assert.equal((await approve(id, helper.key)).status, 200);
});
