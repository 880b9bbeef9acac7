import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCourse, startSandbox } from './harness.js';

test('reset forgets everything and makes the same ids again', async (t) => {
  const { control, context } = await startCourse(t, 'canvas');
  await control.addFault({ action: { kind: 'drop' } });
  await control.setLatency([{ fixedMs: 5000 }]);
  await control.reset();
  assert.deepEqual(await control.health(), { platforms: 0, contexts: 0, journal: 0 });
  assert.deepEqual(await control.listFaults(), []);
  await control.createPlatform({ family: 'canvas', platformId: 'canvas' });
  const again = await control.createContext({ platformId: 'canvas', students: 3 });
  assert.deepEqual(again.members, context.members);
});

test('a misspelt setting, an unknown course and a second platform of the same name are refused', async (t) => {
  const { control, url } = await startSandbox(t);
  await control.createPlatform({ family: 'moodle', platformId: 'm' });
  await assert.rejects(control.createPlatform({ family: 'moodle', platformId: 'm' }), /409/);
  await assert.rejects(control.createLaunch({ contextId: 'none' }), /404.*No such course/);
  const response = await fetch(`${url}/_sandbox/platforms/m`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: '{"outtage":"error"}',
  });
  assert.equal(response.status, 400);
});

test('courses are changed member by member', async (t) => {
  const { control, context, students } = await startCourse(t, 'moodle');
  const [student = ''] = students;
  await control.updateMember(context, student, { status: 'Inactive', name: 'New Name' });
  await control.addMember(context, { userId: 'late', roles: ['Learner'] });
  const summary = await control.updateContext(context, { title: 'Renamed', services: { nrps: false } });
  assert.deepEqual([summary.title, summary.services.ags, summary.services.nrps], ['Renamed', true, false]);
  const { members } = await control.getContext(context);
  assert.deepEqual([members.length, members.find((member) => member.userId === student)?.status], [5, 'Inactive']);
  assert.deepEqual(
    (await control.listContexts()).map((one) => one.memberCount),
    [5],
  );
});

test('a launch can be made by any member, from any link, with its column made on the way', async (t) => {
  const { control, context, students } = await startCourse(t, 'canvas');
  const launch = await control.createLaunch({
    contextId: context.contextId,
    resourceLinkId: 'link-a',
    userId: students[1] ?? '',
    withLineItem: { label: 'Made', scoreMaximum: 7 },
  });
  assert.equal(launch.idToken.user.id, students[1]);
  const { lineItems } = await control.getContext(context);
  assert.deepEqual(lineItems.map((item) => [item.label, item.scoreMaximum]).at(-1), ['Made', 7]);
  const again = await control.createLaunch({
    contextId: context.contextId,
    resourceLinkId: 'link-a',
    withLineItem: true,
  });
  assert.equal(again.lineItemId, launch.lineItemId);
});
