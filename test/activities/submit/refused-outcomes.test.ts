/** Whatever PostgreSQL does to the outcome of a call, it leads to no other call, and takes no other score with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { eventually } from '../../helpers/database.js';
import { breakDatabase, type DatabaseFault } from '../../helpers/database-faults.js';
import { createRig, type RigCourse } from '../../helpers/rig.js';

const LANE_MS = 4_000;
const rig = await createRig({ laneMs: LANE_MS, callTimeoutMs: 1_000 });

interface Stored {
  user_id: string;
  state: string;
  failure_type: string | null;
}

interface Sent {
  course: RigCourse;
  /** The student whose outcome meets the fault. */
  unlucky: string;
}

/** A course of which all scores were just handed in. */
async function createSent(): Promise<Sent> {
  const course = await rig.createCourse({ students: 5 });
  const [id = ''] = course.columns;
  await rig.accept(
    course,
    course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 5 })),
  );
  return { course, unlucky: course.students[2] ?? '' };
}

const readScores = ({ context }: RigCourse): Promise<Stored[]> =>
  queryRows(rig.db, 'select user_id, state, failure_type from scores where context = ?', [context]);

const readOne = async ({ course, unlucky }: Sent): Promise<Stored | undefined> =>
  (await readScores(course)).find(({ user_id }) => user_id === unlucky);

const countCalls = async ({ contextId }: RigCourse, route: 'submitScore' | 'results'): Promise<number> =>
  (await rig.control.journalEntries({ route, contextId })).length;

async function whenAtRest({ course, unlucky }: Sent, state: string): Promise<void> {
  await eventually(
    `the score is ${state}`,
    async () => (await readOne({ course, unlucky }))?.state === state,
    LANE_MS * 4,
  );
  await rig.settle(course);
}

const isOf = (unlucky: string, states: string): string =>
  `new.user_id = '${unlucky}' and new.state in (${states}) and old.state in ('sending', 'unknown')`;

const REFUSALS = {
  'a check that it violates': '23514',
  'a text that is none': '22021',
  'an index that has no room for it': '54000',
  'a trigger that raises': 'P0001',
};

for (const [what, code] of Object.entries(REFUSALS)) {
  test(`${what}: the call is not repeated, operators see the score, and the others are recorded`, async (t) => {
    const sent = await createSent();
    const { course, unlucky } = sent;
    const fault: DatabaseFault = { table: 'scores', on: 'update', when: isOf(unlucky, `'submitted'`), code };
    t.after(await breakDatabase(rig.db, fault));
    await rig.settle(course);
    await rig.activities.wakeUntended({ after: null });
    await rig.settle(course);
    assert.deepEqual(await readOne(sent), { user_id: unlucky, state: 'rejected', failure_type: 'OutcomeNotStored' });
    assert.equal((await readScores(course)).filter(({ state }) => state === 'submitted').length, 4);
    assert.deepEqual([await countCalls(course, 'submitScore'), await countCalls(course, 'results')], [5, 0]);
    const troubles = await queryRows(rig.db, 'select user_id from score_troubles where context = ?', [course.context]);
    assert.deepEqual(troubles, [{ user_id: unlucky }]);
  });

  test(`${what}, for the evidence: it is kept without the far side’s words`, async (t) => {
    const sent = await createSent();
    const { course } = sent;
    const [row] = await queryRows<{ id: string }>(rig.db, 'select id from scores where context = ? and user_id = ?', [
      course.context,
      sent.unlucky,
    ]);
    const when = `new.status is not null and new.score = '${row?.id ?? ''}'`;
    t.after(await breakDatabase(rig.db, { table: 'attempts', on: 'insert', code, when }));
    await rig.settle(course);
    assert.deepEqual(new Set((await readScores(course)).map(({ state }) => state)), new Set(['submitted']));
    const attempts = await queryRows(rig.db, 'select outcome, status from attempts where score = ?', [row?.id ?? '']);
    assert.deepEqual(attempts, [{ outcome: 'submitted', status: null }]);
    assert.equal(await countCalls(course, 'submitScore'), 5);
  });
}

const PASSING = {
  'a serialization failure': '40001',
  'a deadlock': '40P01',
  'a statement that takes too long': '57014',
  'a lock that is not to be had': '55P03',
  'a connection that is lost in the middle': 'lost',
};

for (const [what, code] of Object.entries(PASSING)) {
  test(`${what}: it is recorded all the same, and nothing is called for it`, async (t) => {
    const sent = await createSent();
    const { course, unlucky } = sent;
    t.after(
      await breakDatabase(rig.db, {
        ...{ table: 'scores', on: 'update', when: isOf(unlucky, `'submitted'`), code, times: 3 },
      }),
    );
    await rig.settle(course);
    assert.deepEqual(new Set((await readScores(course)).map(({ state }) => state)), new Set(['submitted']));
    assert.deepEqual([await countCalls(course, 'submitScore'), await countCalls(course, 'results')], [5, 0]);
  });
}

test('a reason that passes and does not pass: the lane is given up, and the score read back instead of sent', async (t) => {
  const sent = await createSent();
  const { course, unlucky } = sent;
  const fault: DatabaseFault = { table: 'scores', on: 'update', when: isOf(unlucky, `'submitted'`), code: '55P03' };
  const mend = await breakDatabase(rig.db, fault);
  t.after(() => mend().catch(() => undefined));
  await rig.send(course);
  await eventually('the lane is given up', async () => (await readOne(sent))?.state === 'unknown', LANE_MS * 4);
  await mend();
  await whenAtRest(sent, 'submitted');
  assert.equal(await countCalls(course, 'submitScore'), 5);
});

test('refused in every form: it is read back once, rests, and holds up nobody', async (t) => {
  const sent = await createSent();
  const { course, unlucky } = sent;
  const states = `'submitted', 'rejected', 'due', 'held'`;
  t.after(await breakDatabase(rig.db, { table: 'scores', on: 'update', when: isOf(unlucky, states), code: '23514' }));
  await rig.send(course);
  const isResting = async (): Promise<boolean> => {
    const rows = await queryRows(
      rig.db,
      `select 1 from score_queue q join scores s on s.id = q.score
       where s.context = ? and s.user_id = ? and q.hold = 'unknown' and q.ready_at > now() + interval '1 hour'`,
      [course.context, unlucky],
    );
    return rows.length > 0;
  };
  await eventually('the score rests', isResting, LANE_MS * 6);
  assert.equal((await readScores(course)).filter(({ state }) => state === 'submitted').length, 4);
  await rig.accept(course, [
    { column: { id: course.columns[0] ?? '' }, userId: course.students[0] ?? '', scoreGiven: 9 },
  ]);
  await rig.db.raw('update scores set not_before = now() where context = ? and state = ?', [course.context, 'due']);
  await rig.settle(course);
  assert.deepEqual([await countCalls(course, 'submitScore'), await countCalls(course, 'results')], [6, 1]);
});

test('what was read back and is refused is rejected for that, and neither read nor sent again', async (t) => {
  const sent = await createSent();
  const { course, unlucky } = sent;
  await rig.control.addFault({
    match: { route: 'submitScore', contextId: course.contextId, userId: unlucky },
    ...{ times: 1, action: { kind: 'applyThenDrop' } },
  });
  t.after(
    await breakDatabase(rig.db, {
      ...{ table: 'scores', on: 'update', when: isOf(unlucky, `'submitted'`), code: '23514' },
    }),
  );
  await rig.send(course);
  await whenAtRest(sent, 'rejected');
  assert.equal((await readOne(sent))?.failure_type, 'OutcomeNotStored');
  assert.deepEqual([await countCalls(course, 'submitScore'), await countCalls(course, 'results')], [5, 1]);
});

test('what a failure breaks beyond its score cannot be written: the failure itself is recorded, and the score rests', async (t) => {
  const { course } = await createSent();
  await rig.control.updateLineItem(course.columns[0] ?? '', { deleted: true });
  t.after(
    await breakDatabase(rig.db, {
      table: 'line_items',
      on: 'update',
      when: 'new.parked_type is not null',
      code: '23514',
    }),
  );
  await rig.send(course);
  const areResting = async (): Promise<boolean> => {
    const rests = await queryRows(
      rig.db,
      `select 1 from scores where context = ? and state = 'due' and not_before > now() + interval '5 seconds'`,
      [course.context],
    );
    return rests.length === 5;
  };
  await eventually('all of them rest', areResting, LANE_MS * 4);
  assert.deepEqual([await countCalls(course, 'submitScore'), await countCalls(course, 'results')], [5, 0]);
});

test('a newer value that came meanwhile goes out, though what became of the older cannot be stored', async (t) => {
  const sent = await createSent();
  const { course, unlucky } = sent;
  await rig.control.setLatency([{ platformId: course.platformId, fixedMs: 800 }]);
  t.after(
    await breakDatabase(rig.db, {
      ...{ table: 'attempts', on: 'insert', when: `new.outcome = 'submitted' and new.revision = 1`, code: '23514' },
    }),
  );
  await rig.send(course);
  await eventually('it is on its way', async () => (await readOne(sent))?.state === 'sending');
  await rig.accept(course, [{ column: { id: course.columns[0] ?? '' }, userId: unlucky, scoreGiven: 9 }]);
  await whenAtRest(sent, 'submitted');
  await rig.control.setLatency([]);
  const grades = await rig.control.gradebook({ contextId: course.contextId });
  assert.equal(grades.find(({ userId }) => userId === unlucky)?.scoreGiven, 9);
});
