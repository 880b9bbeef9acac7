import assert from 'node:assert/strict';
import { test } from 'node:test';
import { families } from '../../sandbox/families/registry.js';
import type { FamilyName } from '../../sandbox/types.js';
import { apiKey, createCaller, graded, mustExist, startCourse, startSandbox, withServiceKey } from './harness.js';
import { sdk } from './sdk-schemas.js';

const names = Object.values(families).map((family): FamilyName => family.name);

for (const family of names) {
  test(`${family}: the official SDK accepts every answer`, async (t) => {
    const { url, caller, launch, column, students } = await startCourse(t, family);
    const ltik = createCaller(url, `LTIK-AUTH-V2 ${apiKey}:${launch.ltik}`);
    const lineItem = `/api/lineitems/${encodeURIComponent(column.id)}`;
    const student = mustExist(students[0]);

    assert.deepEqual(sdk.idToken.Parse((await ltik.call('GET', '/api/idtoken')).body), launch.idToken);
    sdk.rawIdToken.Parse((await ltik.call('GET', '/api/idtoken?raw=true')).body);
    assert.equal((await caller.score(column.id, graded(student, 7, { comment: 'Good.' }))).status, 204);
    const results = sdk.resultContainer.Parse((await caller.call('GET', `${lineItem}/scores`)).body);
    assert.deepEqual(
      results.scores.map((row) => [row.userId, row.resultScore, row.resultMaximum, row.comment]),
      [[student, 14, 20, 'Good.']],
    );
    sdk.lineItemContainer.Parse((await caller.call('GET', '/api/lineitems')).body);
    sdk.lineItem.Parse((await caller.call('GET', lineItem)).body);
    const roster = sdk.membershipContainer.Parse((await caller.call('GET', '/api/memberships')).body);
    assert.equal(roster.members.length, 4);
    sdk.errorResponse.Parse((await caller.score(`${column.id}99`, graded(student, 1))).body);
  });
}

test('a launch carries a new service key and older ones stay valid until revoked', async (t) => {
  const { url, control, context, launch, caller } = await startCourse(t, 'canvas');
  const second = await control.createLaunch({ contextId: context.contextId });
  assert.notEqual(second.serviceKey, launch.serviceKey);
  assert.equal((await caller.call('GET', '/api/lineitems')).status, 200);
  assert.equal(await control.revokeKeys({ serviceKey: mustExist(launch.serviceKey) }), 1);
  const refused = await caller.call('GET', '/api/lineitems');
  assert.equal(refused.status, 401);
  assert.equal(sdk.errorResponse.Parse(refused.body).error, 'Unauthorized');
  assert.equal((await withServiceKey(url, second).call('GET', '/api/lineitems')).status, 200);
  await control.restoreKeys({});
  assert.equal((await caller.call('GET', '/api/lineitems')).status, 200);
});

test('a wrong API key, an unknown key and an expired ltik are unauthorized', async (t) => {
  const { url, control, launch, caller } = await startCourse(t, 'moodle');
  const wrong = createCaller(url, `SERVICE-AUTH-V1 other:${launch.serviceKey ?? ''}`);
  const unknown = createCaller(url, `SERVICE-AUTH-V1 ${apiKey}:unknown`);
  const ltik = createCaller(url, `LTIK-AUTH-V2 ${apiKey}:${launch.ltik}`);
  assert.equal((await wrong.call('GET', '/api/memberships')).status, 401);
  assert.equal((await unknown.call('GET', '/api/memberships')).status, 401);
  assert.equal((await caller.call('GET', '/api/idtoken')).status, 401, 'the id token takes a ltik only');
  assert.equal((await ltik.call('GET', '/api/memberships')).status, 200, 'services take a ltik too');
  await control.expireLtiks({});
  assert.deepEqual((await ltik.call('GET', '/api/idtoken')).body, {
    status: 401,
    error: 'Unauthorized',
    details: { message: 'INVALID_LTIK_AUTH_AUTHORIZATION_HEADER', description: 'Invalid or expired ltik.' },
  });
  await control.setApiKey('rotated');
  assert.equal((await caller.call('GET', '/api/memberships')).status, 401);
});

test('columns are created, found, replaced and deleted', async (t) => {
  const { caller } = await startCourse(t, 'blackboard', {
    context: { lineItems: [{ label: 'Old', scoreMaximum: 1 }] },
  });
  const wanted = { label: 'Essay', scoreMaximum: 50, resourceId: 'essay', tag: 'grade', gradesReleased: true };
  const created = await caller.call('POST', '/api/lineitems', wanted);
  assert.equal(created.status, 201);
  const { id, ...rest } = sdk.lineItem.Parse(created.body);
  assert.deepEqual(rest, wanted);
  const found = sdk.lineItemContainer.Parse(
    (await caller.call('GET', '/api/lineitems?tag=grade&resourceId=essay')).body,
  );
  assert.deepEqual(
    found.lineItems.map((item) => item.id),
    [id],
  );
  const path = `/api/lineitems/${encodeURIComponent(id)}`;
  const replaced = await caller.call('PUT', path, { label: 'Essay 2', scoreMaximum: 60 });
  assert.deepEqual(replaced.body, { id, label: 'Essay 2', scoreMaximum: 60 });
  assert.equal((await caller.call('DELETE', path)).status, 204);
  assert.equal((await caller.call('GET', path)).status, 404);
});

test('the link filter goes by the own link of the launch, or by the value where set so', async (t) => {
  const { control, caller, context, launch } = await startCourse(t, 'canvas');
  const own = launch.idToken.launch.resourceLink.id;
  const made = await control.createLineItem(context, { label: 'Own', scoreMaximum: 5, resourceLinkId: own });
  await control.createLineItem(context, { label: 'Other', scoreMaximum: 5, resourceLinkId: 'other' });
  const list = async (): Promise<string[]> => {
    const { body } = await caller.call('GET', '/api/lineitems?resourceLinkId=other');
    return sdk.lineItemContainer.Parse(body).lineItems.map((item) => item.label);
  };
  assert.deepEqual(await list(), ['Own']);
  await control.updatePlatform({ platformId: 'canvas' }, { lineItemFilter: 'given' });
  assert.deepEqual(await list(), ['Other']);
  const again = await control.createLaunch({ contextId: context.contextId, withLineItem: true });
  assert.equal(again.lineItemId, made.id, 'a launch names the one column of its link');
});

test('a service that was not granted is refused and grants no key when there is none', async (t) => {
  const { caller } = await startCourse(t, 'canvas', { context: { services: { nrps: false } } });
  const refused = await caller.call('GET', '/api/memberships');
  assert.equal(sdk.errorResponse.Parse(refused.body).details?.message, 'SERVICE_NOT_AVAILABLE_FOR_CONTEXT');
  const bare = await startCourse(t, 'canvas', { context: { services: { nrps: false, ags: false } } });
  assert.equal(bare.launch.serviceKey, null);
  assert.equal('serviceKey' in bare.launch.idToken.services, false);
});

test('LTIAAS refuses an unusable score before any LMS sees it', async (t) => {
  const { caller, column, students, control } = await startCourse(t, 'openedx');
  const student = mustExist(students[0]);
  const bad = [
    { ...graded(student, -1) },
    { ...graded(student, 1), gradingProgress: 'Done' },
    { scoreGiven: 1, scoreMaximum: 2 },
    'text',
  ];
  for (const score of bad) {
    const answer = await caller.call('POST', `/api/lineitems/${encodeURIComponent(column.id)}/scores`, score);
    assert.equal(answer.status, 400, JSON.stringify(score));
    sdk.errorResponse.Parse(answer.body);
  }
  assert.deepEqual(await control.gradebook(), []);
  assert.equal((await caller.score(column.id, graded(student, 0))).status, 204, 'zero is a score');
});

test('two deployments of one registration are apart', async (t) => {
  const { control, url } = await startSandbox(t);
  for (const deploymentId of ['north', 'south']) {
    await control.createPlatform({ family: 'blackboard', platformId: 'bb', deploymentId });
    await control.createContext({ platformId: 'bb', deploymentId, contextId: 'same', students: 1 });
  }
  await assert.rejects(control.getContext({ contextId: 'same' }), /409/);
  const launch = await control.createLaunch({ contextId: 'same', deploymentId: 'south' });
  assert.equal(launch.idToken.platform.deploymentId, 'south');
  await control.updatePlatform({ platformId: 'bb', deploymentId: 'north' }, { outage: 'error' });
  assert.equal((await withServiceKey(url, launch).call('GET', '/api/lineitems')).status, 200);
});

test("the tool's own timestamp is dropped: the relay stamps the time", async (t) => {
  const nowMs = Date.parse('2026-11-23T02:00:00.500Z');
  const { caller, column, students } = await startCourse(t, 'moodle', { now: () => nowMs });
  const old = graded(mustExist(students[0]), 5, { timestamp: '2020-01-01T00:00:00.000Z' });
  await caller.score(column.id, old);
  const { body } = await caller.call('GET', `/api/lineitems/${encodeURIComponent(column.id)}/scores`);
  const [row] = sdk.resultContainer.Parse(body).scores;
  assert.equal(row !== undefined && 'timestamp' in row ? row.timestamp : undefined, '2026-11-23T02:00:00.500Z');
});

test('vendor JSON types and empty bodies are taken, broken JSON is refused in the usual shape', async (t) => {
  const { url, launch, column, students } = await startCourse(t, 'canvas');
  const authorization = `SERVICE-AUTH-V1 ${apiKey}:${launch.serviceKey ?? ''}`;
  const send = (method: string, path: string, contentType: string, body?: string): Promise<Response> =>
    fetch(url + path, {
      method,
      headers: { authorization, 'content-type': contentType },
      ...(body === undefined ? {} : { body }),
    });
  const scores = `/api/lineitems/${encodeURIComponent(column.id)}/scores`;
  const score = JSON.stringify(graded(mustExist(students[0]), 1));
  assert.equal((await send('POST', scores, 'application/vnd.ims.lis.v1.score+json', score)).status, 204);
  const broken = await send('POST', scores, 'application/json', score.slice(1));
  assert.equal(sdk.errorResponse.Parse(await broken.json()).status, 400);
  const path = `/api/lineitems/${encodeURIComponent(column.id)}`;
  assert.equal((await send('DELETE', path, 'application/json')).status, 204);
});
