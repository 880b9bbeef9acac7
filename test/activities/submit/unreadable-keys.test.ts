/** A stored key that cannot be decrypted is a fault that is told: never the same as no key, and no other course's trouble. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { RefreshRosterResult } from '../../../activities/read/refresh-roster.js';
import { queryRows } from '../../../db/server/knex.js';
import { createRig, type RigCourse } from '../../helpers/rig.js';

const rig = await createRig();

const accept = (course: RigCourse): Promise<unknown> =>
  rig.accept(
    course,
    course.students.map((userId) => ({ column: { id: course.columns[0] ?? '' }, userId, scoreGiven: 5 })),
  );
const statesOf = async ({ context }: RigCourse): Promise<Set<string>> =>
  new Set(await rig.db('scores').where({ context }).pluck<string[]>('state'));
const parkedOf = async ({ context }: RigCourse): Promise<unknown> =>
  (await rig.db('contexts').where({ id: context }).pluck<unknown[]>('parked_type'))[0];
const alter = ({ context }: RigCourse): Promise<unknown> =>
  queryRows(rig.db, `update service_keys set ciphertext = '\\x00' where context = ?`, [context]);

test('a course whose key was altered is set aside for that until a launch, and calls nobody', async () => {
  const [course, other] = [await rig.createCourse({ students: 2 }), await rig.createCourse({ students: 2 })];
  await alter(course);
  await accept(course);
  await accept(other);
  await rig.settle(course);
  await rig.settle(other);
  assert.equal(await parkedOf(course), 'ServiceKeyUnreadable');
  assert.deepEqual([await statesOf(course), await statesOf(other)], [new Set(['due']), new Set(['submitted'])]);
  assert.equal((await rig.control.journalEntries({ contextId: course.contextId })).length, 0);
  await course.launch();
  await rig.settle(course);
  assert.equal(await parkedOf(course), null);
  assert.deepEqual(await statesOf(course), new Set(['submitted']));
});

test('its roster is not read without a key, and says why', async () => {
  const course = await rig.createCourse({ students: 2 });
  await alter(course);
  const { refreshRoster } = rig.activities;
  const input = { context: course.context };
  const { outcome, reason }: RefreshRosterResult = await new MockActivityEnvironment().run(refreshRoster, input);
  assert.deepEqual([outcome, reason], ['unavailable', 'ServiceKeyUnreadable']);
  assert.equal(await parkedOf(course), 'ServiceKeyUnreadable');
});
