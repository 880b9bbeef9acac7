import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LmsFamily } from '../../domain/platform.js';
import { familyOf } from '../../ltiaas/family.js';
import { readIdToken, readLineItem, readMember, readResult } from '../../ltiaas/payloads.js';
import { readPage, type ReadResult } from '../../ltiaas/read.js';
import { toLineItemPayload, toScorePayload, type ScoreToSend } from '../../ltiaas/write.js';

function valueOf<T>(result: ReadResult<T>): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

const launch = {
  iat: 1_795_514_400,
  user: { id: 'u', roles: ['Instructor'], name: null },
  platform: { id: 'p', url: 'https://lms.example.edu', deploymentId: 'd', productFamilyCode: null, guid: 'kept' },
  launch: {
    type: 'LtiResourceLinkRequest',
    context: { id: 42, label: null },
    resourceLink: { id: 'r' },
    custom: { a: 1 },
  },
  services: {
    assignmentAndGrades: { available: true, scopes: ['s'], lineItemId: '' },
    namesAndRoles: { available: true },
    serviceKey: 'sk',
    legacyServiceKey: 'old',
  },
};

test('an id token keeps unknown keys, takes nulls as absent and numbers as ids', () => {
  const token = valueOf(readIdToken(launch));
  assert.equal(token.launchedAt, new Date(1_795_514_400_000).toISOString());
  assert.deepEqual(token.platform, { id: 'p', url: 'https://lms.example.edu', deploymentId: 'd', guid: 'kept' });
  assert.deepEqual(token.launch.context, { id: '42' });
  assert.deepEqual(token.user, { id: 'u', roles: ['Instructor'] });
  assert.deepEqual(token.services.assignmentAndGrades, { available: true, scopes: ['s'] });
  assert.equal(token.services.serviceKey, 'sk');
});

test('a number of which digits are lost is no id', () => {
  for (const userId of [1e21, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    assert.deepEqual(readMember({ userId }).ok, false, String(userId));
  }
  assert.equal(valueOf(readMember({ userId: 7.5 })).userId, '7.5');
});

for (const [name, roles] of [
  ['one text', 'Learner'],
  ['a numbered map', { 0: 'Learner' }],
  ['a list', ['Learner', null, 7]],
] as const) {
  test(`roles that come as ${name} are read`, () => {
    assert.deepEqual(valueOf(readIdToken({ ...launch, user: { id: 'u', roles } })).user, {
      id: 'u',
      roles: ['Learner'],
    });
    assert.deepEqual(valueOf(readMember({ userId: 'u', roles })).roles, ['Learner']);
  });
}

test('roles that are no list of any kind are none', () => {
  for (const roles of ['', {}, { main: 'Learner' }, 7, true]) {
    assert.deepEqual(valueOf(readMember({ userId: 'u', roles })).roles, []);
  }
});

test('the link of a launch is read under its older name too, and the newer one counts', () => {
  const older = { context: launch.launch.context };
  const linkOf = (value: object) => valueOf(readIdToken({ ...launch, launch: value })).launch.resourceLink?.id;
  assert.equal(linkOf({ ...older, resource: { id: 'old' } }), 'old');
  assert.equal(linkOf({ ...older, resource: { id: 'old' }, resourceLink: { id: 'new' } }), 'new');
  assert.equal(linkOf({ ...older, resource: { id: 'old' }, resourceLink: null }), 'old');
});

test('a deep linking launch without context, link and services is read', () => {
  const token = valueOf(
    readIdToken({ platform: { id: 'p', deploymentId: 'd' }, launch: { context: {}, resourceLink: null } }),
  );
  assert.deepEqual(token.launch, {});
  assert.deepEqual(token.services, { assignmentAndGrades: { available: false }, namesAndRoles: { available: false } });
  assert.equal(token.launchedAt, undefined);
});

const wrong: [string, unknown, string][] = [
  ['nothing', null, ' must be an object'],
  ['a list', [], ' must be an object'],
  ['no platform', {}, 'platform is missing'],
  ['empty ids', { platform: { id: '', deploymentId: null } }, 'platform.id is missing, platform.deploymentId is missing'],
  ['scopes that are no list', { platform: { id: 'p', deploymentId: 'd' }, services: { assignmentAndGrades: { scopes: 'x' } } }, 'services.assignmentAndGrades.scopes must be array'],
  ['the raw form', { 'https://purl.imsglobal.org/spec/lti/claim/deployment_id': '1' }, ' is a raw id token: send what GET /api/idtoken answers without raw=true'],
]; // prettier-ignore
for (const [name, value, problems] of wrong) {
  test(`an id token with ${name} tells path and problem`, () => {
    const result = readIdToken(value);
    assert.ok(!result.ok);
    assert.equal(result.problems.map(({ path, problem }) => `${path} ${problem}`).join(', '), problems);
  });
}

test('a launch time that cannot be one is left out', () => {
  for (const iat of ['1795514400', 5, 1.8e12])
    assert.equal(valueOf(readIdToken({ ...launch, iat })).launchedAt, undefined);
});

test('an Open edX column full of nulls is read', () => {
  const item = {
    id: 'https://edx/1',
    label: 'Quiz',
    scoreMaximum: 10,
    resourceId: null,
    tag: null,
    resourceLinkId: null,
    startDateTime: null,
  };
  assert.deepEqual(valueOf(readLineItem(item)), { id: 'https://edx/1', label: 'Quiz', scoreMaximum: 10 });
  assert.deepEqual(valueOf(readLineItem({ id: 'x', scoreMaximum: 0, tag: 5 })), { id: 'x', tag: '5' });
  assert.equal(readLineItem({ label: 'no id' }).ok, false);
});

test('a result without a score is an empty cell, and its maximum is 1 unless it says so', () => {
  assert.deepEqual(valueOf(readResult({ userId: 7, resultScore: null })), { userId: '7', resultMaximum: 1 });
  assert.deepEqual(valueOf(readResult({ userId: 'u', resultScore: '7.5', resultMaximum: 10 })), { userId: 'u', resultScore: 7.5, resultMaximum: 10 });
  assert.equal(valueOf(readResult({ userId: 'u', resultScore: 'n/a' })).resultScore, undefined);
}); // prettier-ignore

test('a status in capitals is understood, and a missing or unheard one counts as active', () => {
  const statusOf = (status: unknown): string => valueOf(readMember({ userId: 'u', roles: ['Learner', 3], status })).status;
  assert.deepEqual(['ACTIVE', 'deleted', 'Inactive', undefined, null, 'Pending'].map(statusOf), ['Active', 'Deleted', 'Inactive', 'Active', 'Active', 'Active']);
  assert.deepEqual(valueOf(readMember({ userId: 'u' })).roles, []);
}); // prettier-ignore

test('one odd member does not lose its page', () => {
  const page = readPage({ members: [{ userId: 'a' }, null, 7, { roles: [] }, { userId: 'b' }] }, 'members', readMember);
  assert.deepEqual([page?.items.map(({ userId }) => userId), page?.skipped], [['a', 'b'], 3]);
});

const score: ScoreToSend = {
  userId: 'u', scoreGiven: 7.5, scoreMaximum: 10, activityProgress: 'Submitted', gradingProgress: 'FullyGraded',
}; // prettier-ignore

test('a score without a grade carries neither grade nor maximum, and zero is a grade', () => {
  assert.deepEqual(toScorePayload({ ...score, scoreGiven: null, gradingProgress: 'Pending' }, {}), {
    userId: 'u', activityProgress: 'Submitted', gradingProgress: 'Pending',
  }); // prettier-ignore
  assert.deepEqual(toScorePayload({ ...score, scoreGiven: 0 }, {}), { ...score, scoreGiven: 0 });
});

test('comment and submission times are passed on, empty ones too only where they mean something', () => {
  const submission = { submittedAt: '2026-11-23T02:00:00.000Z' };
  assert.deepEqual(toScorePayload({ ...score, comment: '', submission }, {}), { ...score, comment: '', submission });
  assert.deepEqual(toScorePayload({ ...score, submission: {} }, {}), score);
});

test('a re-grade costs no attempt on Canvas, and other LMSes are not bothered with it', () => {
  const extension = { 'https://canvas.instructure.com/lti/submission': { new_submission: false } };
  assert.deepEqual(toScorePayload(score, { family: 'canvas', reGrade: true }), { ...score, ...extension });
  assert.deepEqual(toScorePayload(score, { family: 'canvas' }), score);
  assert.deepEqual(toScorePayload(score, { family: 'moodle', reGrade: true }), score);
});

test('comments take the form that the LMS needs', () => {
  assert.equal(toScorePayload({ ...score, comment: 'a\nb' }, { family: 'blackboard' })['comment'], 'a<br/>b');
  assert.equal(toScorePayload(score, { family: 'openedx' })['comment'], '');
  assert.equal('comment' in toScorePayload(score, { family: 'blackboard' }), false);
});

test('a column for Open edX has a whole maximum', () => {
  assert.equal(toLineItemPayload({ label: 'a', scoreMaximum: 2.5 }, 'openedx')['scoreMaximum'], 3);
  assert.equal(toLineItemPayload({ label: 'a', scoreMaximum: 2.5 }, 'canvas')['scoreMaximum'], 2.5);
});

const families: [string | undefined, string | undefined, LmsFamily][] = [
  ['canvas', undefined, 'canvas'],
  ['BlackboardLearn', undefined, 'blackboard'],
  ['desire2learn', undefined, 'd2l'],
  ['D2L', undefined, 'd2l'],
  ['moodle', 'https://x.instructure.com', 'moodle'],
  ['schoology', undefined, 'schoology'],
  ['sakai', undefined, 'sakai'],
  [undefined, 'https://school.instructure.com', 'canvas'],
  [undefined, 'https://lms.example.edu/api/lti/courses/7/line_items/9', 'canvas'],
  [undefined, 'https://learn.example.edu/mod/lti/services.php/2/lineitems/1/lineitem?type_id=3', 'moodle'],
  [undefined, 'https://learn.example.edu/learn/api/v1/lti/courses/_1_1/lineItems/2', 'blackboard'],
  [undefined, 'https://school.brightspace.com/d2l/api/lti/ags/2.0/x', 'd2l'],
  [undefined, 'https://lti-service.svc.schoology.com/lti-service/tool/1', 'schoology'],
  [undefined, 'https://sakai.example.edu/imsblis/lti13/lineitem/5', 'sakai'],
  ['unheard', 'https://lms.example.edu/api/lti_consumer/v1/lti/3/lti-ags/1', 'openedx'],
  [undefined, 'https://lms.example.edu/', 'unknown'],
  [undefined, undefined, 'unknown'],
];
for (const [productFamilyCode, url, family] of families) {
  test(`${productFamilyCode ?? 'no code'} with ${url ?? 'no address'} is ${family}`, () => {
    assert.equal(familyOf({ productFamilyCode, urls: [undefined, url] }), family);
  });
}
