/** Lists of events, backfills and runs, asked for those of one platform or deployment. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, textAt, type Json } from '../helpers/app.js';
import { createBackfillsOfTest } from '../helpers/backfills.js';
import {
  insertApiKey,
  insertContext,
  insertDeployment,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../helpers/factories.js';
import { createWebhookRig } from '../helpers/webhook-rig.js';
import { createSource, graded, namingMapping, REFERENCE_MAPPING } from '../helpers/webhooks.js';

const { api, platform, bio, become } = await createWebhookRig();
const { db, call } = api;
const backfills = await createBackfillsOfTest(db);
const other = await insertPlatform(db, { platformId: 'other', deploymentId: 'east' });
const west = await insertDeployment(db, { platform: other.id, deploymentId: 'west' });
for (const context of [
  await insertContext(db, { deployment: other.deployment, contextId: 'law' }),
  await insertContext(db, { deployment: west.id, contextId: 'art' }),
]) {
  await insertServiceKey(db, { context: context.id });
  const { id: lineItem } = await insertLineItem(db, {
    context: context.id,
    lineItemId: `https://${context.context_id}`,
  });
  await insertScore(db, { context: context.id, lineItem, state: 'due' });
}
const { secret: limited } = await insertApiKey(db, { platforms: ['lms'], scopes: ['read', 'operate'] });
const platformWithout = await insertPlatform(db, { platformId: 'empty' });

function lister(path: string, member: string) {
  return async (query: string, key?: string): Promise<string[]> => {
    const answer = await call('GET', `${path}?${query}`, key === undefined ? {} : { key });
    const found = at(answer.body, member);
    assert.ok(Array.isArray(found), answer.text);
    return found.map((one: Json) => textAt(one, 'id'));
  };
}

test('lists the events that concern a platform or deployment, by score, by reference, by what they say, or by their source', async () => {
  const events = lister('/v1/webhook-events', 'webhookEvents');
  await createSource(api, { name: 'far', mapping: { ...namingMapping('other'), deployment: '/at' } });
  await createSource(api, { name: 'referring', mapping: REFERENCE_MAPPING });
  await createSource(api, { name: 'narrow', mapping: namingMapping('nowhere') });
  await db('webhook_sources')
    .where({ name: 'narrow' })
    .update({ platforms: ['empty', 'lms'] });
  await call('PUT', '/v1/references/referring/late', {
    body: {
      ...{ platformId: 'other', deploymentId: 'west', contextId: 'art', userId: 'ada' },
      ...{ lineItem: { id: 'https://art' }, expiresAt: new Date(Date.now() + 60_000).toISOString() },
    },
  });
  const [scored, said, ended, unknown, unread] = [
    textAt(await become(graded()), 'id'),
    textAt(await become({ ...graded(), course: 'unknown', at: 'west' }, 'far'), 'id'),
    textAt(await become({ type: 'graded', submission: 'late', grade: 'bad' }, 'referring'), 'id'),
    textAt(await become({ ...graded(), submission: 'unheard' }, 'referring'), 'id'),
    textAt(await become('no JSON', 'narrow'), 'id'),
  ];
  assert.deepEqual(await events('platformId=lms'), [unread, scored]);
  assert.deepEqual(await events(`platformId=lms&deploymentId=${platform.deployment_id}`), [scored]);
  assert.deepEqual(await events(`deploymentId=${platform.deployment_id}`), [scored]);
  assert.deepEqual(await events('platformId=empty'), [unread]);
  assert.deepEqual(await events('platformId=empty&state=scored'), []);
  assert.deepEqual([await events('platformId=other'), await events('deploymentId=east')], [[ended, said], []]);
  assert.deepEqual(await events('deploymentId=west&limit=1'), [ended]);
  assert.deepEqual(await events('platformId=none'), []);
  assert.equal((await events('')).includes(unknown), true);
  assert.deepEqual(await events('platformId=lms', limited), []);
  await db('webhook_sources')
    .where({ name: 'grader' })
    .update({ platforms: ['lms'] });
  assert.deepEqual(await events('platformId=lms', limited), [scored]);
});

test('lists the backfills that have a column of a platform or deployment', async () => {
  const list = lister('/v1/backfills', 'backfills');
  const start = async (filter: object): Promise<string> => {
    const body = { reason: 'a bug', author: 'Ada', action: 'resend', dryRun: true, filter };
    const answer = await call('POST', '/v1/backfills', { body });
    assert.equal(answer.status, 202, answer.text);
    const id = textAt(answer.body, 'id');
    await backfills.preview(id);
    return id;
  };
  const [both, east] = [await start({ platformId: 'other' }), await start({ deploymentId: 'east' })];
  assert.deepEqual(await list('platformId=other'), [east, both]);
  assert.deepEqual(await list('platformId=other&deploymentId=west'), [both]);
  assert.deepEqual(await list('deploymentId=west'), [both]);
  assert.deepEqual(await list('deploymentId=west&state=failed'), []);
  assert.deepEqual(await list('platformId=lms'), []);
  assert.deepEqual(await list('platformId=other', limited), []);
});

test('lists the runs that have a course of a platform or deployment, with all their counts', async () => {
  const list = lister('/v1/runs', 'runs');
  const sync = async (body: object): Promise<string> =>
    textAt((await call('POST', '/v1/syncs', { body: { ...body, reason: 'a test' } })).body, 'runId');
  const { id: lineItem } = await insertLineItem(db, { context: bio });
  await insertServiceKey(db, { context: bio });
  await insertScore(db, { context: bio, lineItem, state: 'due' });
  const [all, here, east] = [
    await sync({ all: true }),
    await sync({ platformId: 'lms' }),
    await sync({ platformId: 'other', deploymentId: 'east' }),
  ];
  assert.deepEqual(await list('platformId=lms'), [here, all]);
  assert.deepEqual(await list('platformId=other'), [east, all]);
  assert.deepEqual(await list('platformId=other&deploymentId=west'), [all]);
  assert.deepEqual(await list('deploymentId=east&kind=nightly'), []);
  assert.deepEqual(await list(`platformId=${platformWithout.platform_id}`), []);
  assert.deepEqual(await list('platformId=lms&limit=1'), [here]);
  assert.deepEqual([await list('platformId=lms', limited), await list('platformId=other', limited)], [[here, all], []]);
  const { body } = await call('GET', '/v1/runs?platformId=lms&limit=2');
  assert.equal(at(body, 'runs', 1, 'contexts'), 3);
});
