import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailureType } from '../../domain/failure.js';
import { createLtiaasClient } from '../../ltiaas/client.js';
import { classify } from '../../ltiaas/classify.js';
import type { SandboxControl } from '../../sandbox/control-client.js';
import type { FamilyName } from '../../sandbox/types.js';
import { apiKey, mustExist, startCourse, type Course } from './harness.js';

/** What the product's own client and failure table make of a score that the sandbox refuses. */
async function failureOf(
  t: Parameters<typeof startCourse>[0],
  course: Course,
  family: FamilyName,
  userId: string,
): Promise<FailureType> {
  const client = createLtiaasClient({ baseUrl: course.url, apiKey });
  t.after(() => client.close());
  const score = {
    userId,
    scoreGiven: 5,
    scoreMaximum: 10,
    activityProgress: 'Completed',
    gradingProgress: 'FullyGraded',
  } as const;
  const call = { serviceKey: mustExist(course.launch.serviceKey), lineItemId: course.column.id, family, score };
  try {
    await client.submitScore({ ...call, reGrade: false, beginBy: undefined });
  } catch (error) {
    return classify({ error, family, operation: 'submitScore' }).type;
  }
  throw new Error('The score was taken.');
}

const strangers: [FamilyName, FailureType][] = [
  ['canvas', 'MemberNotInContext'],
  ['moodle', 'ScoreOrMemberRefused'],
  ['blackboard', 'MemberNotInContext'],
  ['d2l', 'MemberNotInContext'],
  ['openedx', 'PlatformFailed'],
];

for (const [family, type] of strangers) {
  test(`${family}: a stranger is understood as ${type}`, async (t) => {
    assert.equal(await failureOf(t, await startCourse(t, family), family, '424242'), type);
  });
}

type Prepare = (control: SandboxControl, course: Course) => Promise<unknown>;
const situations: { what: string; type: FailureType; prepare: Prepare }[] = [
  {
    what: 'a concluded course',
    type: 'ContextConcluded',
    prepare: (control, { context }) => control.updateContext(context, { concluded: true }),
  },
  {
    what: 'a deleted column',
    type: 'LineItemNotFound',
    prepare: (control, { column }) => control.updateLineItem(column.id, { deleted: true }),
  },
  {
    what: 'an unpublished assignment',
    type: 'LineItemUnpublished',
    prepare: (control, { column }) => control.updateLineItem(column.id, { published: false }),
  },
  {
    what: "another tool's column",
    type: 'LineItemNotOwned',
    prepare: (control, { column }) => control.updateLineItem(column.id, { owned: false }),
  },
  { what: 'a revoked key', type: 'ServiceKeyRejected', prepare: (control) => control.revokeKeys({}) },
  {
    what: 'a full bucket',
    type: 'PlatformRateLimited',
    prepare: (control) => control.updatePlatform({ platformId: 'canvas' }, { leakyBucket: { highWaterMark: 0 } }),
  },
  {
    what: 'an inactive platform',
    type: 'PlatformNotRegistered',
    prepare: (control) => control.updatePlatform({ platformId: 'canvas' }, { active: false }),
  },
  {
    what: 'an outage',
    type: 'PlatformUnavailable',
    prepare: (control) => control.updatePlatform({ platformId: 'canvas' }, { outage: 'error' }),
  },
  {
    what: 'a service that was not granted',
    type: 'ServiceNotAvailable',
    prepare: (control, { context }) => control.updateContext(context, { services: { ags: false } }),
  },
  {
    what: 'a lost answer',
    type: 'OutcomeUnknown',
    prepare: (control) => control.addFault({ action: { kind: 'applyThenDrop' } }),
  },
];

for (const { what, type, prepare } of situations) {
  test(`canvas: ${what} is understood as ${type}`, async (t) => {
    const course = await startCourse(t, 'canvas');
    await prepare(course.control, course);
    assert.equal(await failureOf(t, course, 'canvas', mustExist(course.students[0])), type);
  });
}
