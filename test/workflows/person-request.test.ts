/** An erasure as its workflow carries it out: killed in the middle, repeated, and while calls are under way. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createGateWakes } from '../../db/platforms/gate-wakes.js';
import { createPersonRequests } from '../../db/privacy/person-requests.js';
import { queryRows } from '../../db/server/knex.js';
import type { PersonProgress } from '../../domain/person-request.js';
import { createWorkflowWaker } from '../../waking/workflow-waker.js';
import { personRequestWorkflowId } from '../../workflows/names.js';
import { eventually } from '../helpers/database.js';
import { insertApiKey, createTestVault } from '../helpers/factories.js';
import { createRig, type RigCourse } from '../helpers/rig.js';
import { searchDatabase } from '../helpers/search-database.js';

const rig = await createRig();
const { db, client } = rig;
const store = createPersonRequests(db, { vault: createTestVault() });
const waker = createWorkflowWaker(client.workflow, { lingerMs: 50, gateWakes: createGateWakes(db) });

async function begin({ platformId }: RigCourse, userId: string): Promise<string> {
  const { id: apiKey } = await insertApiKey(db);
  const id = randomUUID();
  const named = { platformId, userId, platforms: null, apiKey, reason: 'a test' };
  const begun = await store.begin({ ...named, id, kind: 'erase' });
  assert.ok(!('problem' in begun));
  return id;
}

const handleOf = (id: string) => client.workflow.getHandle<() => Promise<PersonProgress>>(personRequestWorkflowId(id));
const statesOf = async ({ context }: RigCourse): Promise<string[]> =>
  (await queryRows<{ state: string }>(db, 'select state from scores where context = ? order by state', [context])).map(
    ({ state }) => state,
  );

test('a score whose call is under way is settled first, and its column is named as one that the LMS holds', async () => {
  const course = await rig.createCourse({ students: 2 });
  const [column = ''] = course.columns;
  const [ada = '', ben = ''] = course.students;
  const match = { route: 'submitScore', contextId: course.contextId } as const;
  await rig.control.addFault({ match, action: { kind: 'slow', delayMs: 1_500 } });
  await rig.accept(
    course,
    [ada, ben].map((userId) => ({ column: { id: column }, userId, scoreGiven: 5 })),
  );
  const sender = await rig.send(course);
  await eventually('a call is under way', async () => (await statesOf(course)).includes('sending'));
  const id = await begin(course, ada);
  await Promise.all([waker.carryOnPerson(id), waker.carryOnPerson(id)]);
  const { state, counts, inFlight } = await handleOf(id).result();
  assert.deepEqual({ state, inFlight, scores: counts['scores'] }, { state: 'completed', inFlight: 0, scores: 1 });
  await sender.result();
  assert.deepEqual((await statesOf(course)).toSorted(), ['erased', 'submitted']);
  assert.deepEqual(await searchDatabase(db, [ada]), []);
  const { columns } = (await store.find({ id, platforms: null })) ?? { columns: [] };
  assert.deepEqual(
    columns.map(({ lineItemId, isCertain }) => ({ lineItemId, isCertain })),
    [{ lineItemId: column, isCertain: true }],
  );
});

test('a workflow that is killed at any step is taken up by the sweep, and the end is the same', async () => {
  const course = await rig.createCourse({ students: 2 });
  const [column = ''] = course.columns;
  const [ada = ''] = course.students;
  await rig.accept(course, [{ column: { id: column }, userId: ada, scoreGiven: 5, awaitsNightly: true }]);
  const id = await begin(course, ada);
  for (let step = 0; step < 4; step += 1) await store.advance(id);
  await waker.carryOnPerson(id);
  await handleOf(id).terminate('a test');
  await db.raw(
    `update person_requests set updated_at = now() - interval '2 minutes' where id = ? and ended_at is null`,
    [id],
  );
  await rig.activities.wakeUntended({ after: null });
  await eventually('it has ended', async () => (await store.find({ id, platforms: null }))?.state === 'completed');
  assert.deepEqual(await statesOf(course), ['erased']);
  assert.deepEqual(await searchDatabase(db, [ada]), []);
  assert.equal((await store.advance(id))?.state, 'completed');
});

test('nothing of the person is in the history of the workflow', async () => {
  const course = await rig.createCourse({ students: 1 });
  const [ada = ''] = course.students;
  const id = await begin(course, ada);
  await waker.carryOnPerson(id);
  await handleOf(id).result();
  const history = JSON.stringify(await handleOf(id).fetchHistory());
  for (const word of [ada, Buffer.from(ada).toString('base64').slice(0, -4)]) assert.ok(!history.includes(word), word);
});

test('another night does not send what was erased', async () => {
  const course = await rig.createCourse({ students: 1 });
  const [column = ''] = course.columns;
  const [ada = ''] = course.students;
  await rig.accept(course, [{ column: { id: column }, userId: ada, scoreGiven: 5, awaitsNightly: true }]);
  const id = await begin(course, ada);
  await waker.carryOnPerson(id);
  await handleOf(id).result();
  await rig.sync(course, { roster: true });
  await rig.send(course);
  assert.deepEqual(await statesOf(course), ['erased']);
  assert.deepEqual(
    await queryRows(db, 'select 1 from memberships where context = ? and user_id = ?', [course.context, ada]),
    [],
  );
});
