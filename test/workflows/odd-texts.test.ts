/** Texts of an LMS that PostgreSQL would refuse: half surrogate pairs and NUL. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { createRig, type RigCourse } from '../helpers/rig.js';

const rig = await createRig({ storeNames: true });

const acceptForAll = (course: RigCourse, users = course.students): Promise<unknown> =>
  rig.accept(
    course,
    users.map((userId) => ({ column: { id: course.columns[0] ?? '' }, userId, scoreGiven: 5 })),
  );

const readScores = ({
  context,
}: RigCourse): Promise<{ user_id: string; state: string; failure_type: string | null }[]> =>
  queryRows(rig.db, 'select user_id, state, failure_type from scores where context = ?', [context]);

test('names with half a surrogate pair or NUL are cleaned, the roster is complete, and the scores are sent', async () => {
  const members = [
    { userId: 'ada', roles: ['Learner'], name: 'Ada \ud83d' },
    { userId: 'bo', roles: ['Learner'], name: 'Bo\0b' },
  ];
  const course = await rig.createCourse({ family: 'canvas', context: { students: 1, members } });
  await (await rig.sync(course, { roster: true })).result();
  const names = await queryRows<{ user_id: string; name: string }>(
    rig.db,
    `select user_id, name from memberships where context = ? and user_id in ('ada', 'bo') order by user_id`,
    [course.context],
  );
  assert.deepEqual(names, [
    { user_id: 'ada', name: 'Ada \ufffd' },
    { user_id: 'bo', name: 'Bo\ufffdb' },
  ]);
  const reads = await rig.control.journalEntries({ route: 'memberships', contextId: course.contextId });
  assert.equal(reads.length, 1, 'it is not read again');
  const [read] = await queryRows(rig.db, 'select roster_read_at is not null as complete from contexts where id = ?', [
    course.context,
  ]);
  assert.deepEqual(read, { complete: true });
  await acceptForAll(course, ['ada', 'bo', ...course.students]);
  await rig.settle(course);
  assert.deepEqual(new Set((await readScores(course)).map(({ state }) => state)), new Set(['submitted']));
});

test('a refusal with an emoji where its excerpt is cut is recorded once, and so are its neighbours', async () => {
  const course = await rig.createCourse({ family: 'moodle', students: 5 });
  const unlucky = course.students[2] ?? '';
  const words = `Incorrect score received${'x'.repeat(474)}\u{1f600}`;
  await rig.control.addFault({
    match: { route: 'submitScore', contextId: course.contextId, userId: unlucky },
    action: { kind: 'lmsStatus', status: 400, body: { status: 400, reason: words } },
  });
  await acceptForAll(course);
  await rig.settle(course);
  await rig.activities.wakeUntended({ after: null });
  await rig.settle(course);
  const scores = await readScores(course);
  assert.deepEqual(
    scores.filter(({ user_id }) => user_id === unlucky).map(({ state, failure_type }) => [state, failure_type]),
    [['rejected', 'ScoreOrMemberRefused']],
  );
  assert.equal(scores.filter(({ state }) => state === 'submitted').length, 4);
  const calls = await rig.control.journalEntries({ route: 'submitScore', contextId: course.contextId });
  assert.deepEqual(
    course.students.map((student) => calls.filter(({ userId }) => userId === student).length),
    [1, 1, 1, 1, 1],
  );
  const attempts = await queryRows<{ excerpt: string; user_id: string }>(
    rig.db,
    'select a.excerpt, s.user_id from attempts a join scores s on s.id = a.score where s.context = ?',
    [course.context],
  );
  assert.equal(attempts.length, 5);
  const excerpt = attempts.find(({ user_id }) => user_id === unlucky)?.excerpt ?? '';
  assert.match(excerpt, /Incorrect score received/);
  assert.doesNotMatch(excerpt, /\0|\p{Surrogate}|\ufffd/u);
});
