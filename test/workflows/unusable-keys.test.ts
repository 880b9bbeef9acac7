/** Keys that were stored before launches were held against what a header can carry. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { insertServiceKey } from '../helpers/factories.js';
import { createRig, type RigCourse } from '../helpers/rig.js';

const rig = await createRig();

async function createCourse(serviceKey: string): Promise<RigCourse> {
  const course = await rig.createCourse({ students: 2 });
  await rig.db('service_keys').where({ context: course.context }).delete();
  await insertServiceKey(rig.db, { context: course.context, serviceKey });
  const [id = ''] = course.columns;
  await rig.accept(
    course,
    course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 5 })),
  );
  return course;
}

const readStates = ({ context }: RigCourse): Promise<string[]> =>
  rig.db('scores').where({ context }).distinct().pluck<string[]>('state');

for (const [what, serviceKey] of Object.entries({ 'a NUL': 'sk-\0', 'no end': 'x'.repeat(200_000) })) {
  test(`a stored service key with ${what} makes scores ask for a launch, which sends them`, async () => {
    const course = await createCourse(serviceKey);
    await rig.settle(course);
    await (await rig.sync(course, { roster: true })).result();
    assert.deepEqual(await readStates(course), ['due']);
    const parked = await queryRows(rig.db, 'select parked_type from contexts where id = ?', [course.context]);
    assert.deepEqual(parked, [{ parked_type: 'ServiceKeyRejected' }]);
    assert.equal((await rig.control.journalEntries({ contextId: course.contextId })).length, 0);
    await course.launch();
    await rig.settle(course);
    assert.deepEqual(await readStates(course), ['submitted']);
  });
}
