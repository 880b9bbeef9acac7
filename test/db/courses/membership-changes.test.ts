import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClaims } from '../../../db/scores/claims.js';
import { createGradePolicies } from '../../../db/courses/grade-policies.js';
import { queryRows } from '../../../db/server/knex.js';
import { createLanes } from '../../../db/platforms/lanes.js';
import { createRosters, type RosterMember, type RosterReadOutcome } from '../../../db/courses/rosters.js';
import { createTestDatabase, toQueryable } from '../../helpers/database.js';
import { anyErased } from '../../helpers/any-erased.js';
import { insertContext, insertLineItem, insertScore } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const rosters = createRosters(db, { storeNames: false, erased: anyErased() });
const LEARNER = 'http://purl.imsglobal.org/vocab/lis/v2/membership#Learner';
const MENTOR = 'http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor';
const LANE_MS = 30_000;

const learner = (userId: string, change: Partial<RosterMember> = {}): RosterMember => ({
  ...{ userId, roles: [LEARNER], status: 'Active' },
  ...change,
});

async function readAll(
  context: string,
  members: readonly RosterMember[],
  provesAbsence = true,
): Promise<RosterReadOutcome> {
  const read = await rosters.beginRead(context);
  await rosters.storePage({ context, read, members });
  const outcome = await rosters.completeRead({ context, read, provesAbsence });
  assert.ok(outcome);
  return outcome;
}

const listChanges = async (context: string): Promise<string[]> =>
  (
    await queryRows<{ user_id: string; change: string }>(
      db,
      'select user_id, change from membership_changes where context = ? order by id',
      [context],
    )
  ).map(({ user_id, change }) => `${user_id} ${change}`);

const stateOf = async (id: string): Promise<{ state: string; failure_type: string | null } | undefined> =>
  (
    await queryRows<{ state: string; failure_type: string | null }>(
      db,
      'select state, failure_type from scores where id = ?',
      [id],
    )
  )[0];

test('who joins, leaves, returns and changes roles is recorded, and the first roster is none of these', async () => {
  const context = (await insertContext(db)).id;
  const ann = learner('ann');
  await readAll(context, [ann, learner('bob'), learner('cleo')]);
  assert.deepEqual(await listChanges(context), []);
  const second = await readAll(context, [ann, learner('dan'), learner('cleo', { status: 'Inactive' })]);
  assert.deepEqual(second, { seen: 3, joined: 1, left: 1, returned: 0, roleChanged: 0, released: 0, refused: [] });
  const third = await readAll(context, [learner('ann', { roles: [LEARNER, MENTOR] }), learner('dan'), learner('cleo')]);
  assert.deepEqual(third, { seen: 3, joined: 0, left: 1, returned: 1, roleChanged: 1, released: 0, refused: [] });
  assert.deepEqual(await listChanges(context), [
    'cleo left',
    'dan joined',
    'ann roleChanged',
    'cleo returned',
    'bob left',
  ]);
});

test('a read that shows the same people with their roles in another order records and rewrites nothing', async () => {
  const context = (await insertContext(db)).id;
  await readAll(context, [learner('ann', { roles: [LEARNER, MENTOR] })]);
  await readAll(context, [learner('ann', { roles: [MENTOR, LEARNER] })]);
  const versions = (): Promise<unknown[]> => queryRows(db, 'select xmin from memberships where context = ?', [context]);
  const before = await versions();
  await readAll(context, [learner('ann', { roles: [MENTOR, LEARNER] })]);
  assert.deepEqual(await versions(), before);
  assert.deepEqual(await listChanges(context), []);
});

test('a claimed score says why the roster keeps it back, and one of somebody never listed is not kept back', async () => {
  const { context, lineItem } = await newCourse();
  await readAll(context, [
    learner('ann'),
    learner('left', { status: 'Inactive' }),
    learner('eye', { roles: [MENTOR] }),
    learner('view', { roles: [LEARNER, 'http://purl.imsglobal.org/vocab/lti/system/person#TestUser'] }),
    learner('teacher', { roles: ['Instructor'] }),
  ]);
  for (const userId of ['ann', 'left', 'eye', 'view', 'teacher', 'stranger'])
    await insertScore(db, { context, lineItem, userId });
  const claimed = await claim(context);
  assert.deepEqual(Object.fromEntries(claimed.map(({ userId, keptBackBy }) => [userId, keptBackBy])), {
    ...{ ann: null, stranger: null, teacher: null },
    ...{ left: 'MemberLeft', eye: 'MemberHasNoGrades', view: 'MemberHasNoGrades' },
  });
});

test('what the roster kept back leaves no attempt, and goes by itself when the person is back', async () => {
  const { context, lineItem } = await newCourse();
  const { id } = await insertScore(db, { context, lineItem, userId: 'ann' });
  await readAll(context, [learner('ann', { status: 'Inactive' })]);
  await keepBack(context);
  assert.deepEqual(await stateOf(id), { state: 'held', failure_type: 'MemberLeft' });
  assert.deepEqual(await queryRows(db, 'select 1 from attempts where score = ?', [id]), []);
  assert.equal((await readAll(context, [learner('ann', { status: 'Inactive' })])).released, 0);
  assert.equal((await readAll(context, [learner('ann')])).released, 1);
  assert.deepEqual(await stateOf(id), { state: 'due', failure_type: null });
});

test('a roster that comes between claiming and keeping back leaves the score due', async () => {
  const { context, lineItem } = await newCourse();
  const { id } = await insertScore(db, { context, lineItem, userId: 'ann' });
  await readAll(context, [learner('ann', { status: 'Inactive' })]);
  await keepBack(context, async () => void (await readAll(context, [learner('ann')])));
  assert.equal((await stateOf(id))?.state, 'due');
});

test('a score that somebody decided to send is not kept back', async () => {
  const { context, lineItem } = await newCourse();
  const { id } = await insertScore(db, { context, lineItem, userId: 'ann' });
  await readAll(context, [learner('ann', { status: 'Inactive' })]);
  await keepBack(context);
  const decided = await createGradePolicies(db).decide({ id, platforms: null, decision: 'send' });
  assert.equal(decided?.wasHeld, true);
  assert.deepEqual(
    (await claim(context)).map(({ keptBackBy }) => keptBackBy),
    [null],
  );
});

test('a score that somebody decided to keep says so in the roster’s words, and stays when the person is back', async () => {
  const { context, lineItem } = await newCourse();
  const { id } = await insertScore(db, { context, lineItem, userId: 'ann' });
  await readAll(context, [learner('ann', { status: 'Inactive' })]);
  await keepBack(context);
  await createGradePolicies(db).decide({ id, platforms: null, decision: 'keep' });
  await readAll(context, [learner('ann')]);
  assert.deepEqual(await stateOf(id), { state: 'rejected', failure_type: 'MemberLeft' });
});

test('what the LMS refused for want of an enrolment goes again when the roster shows the person anew, once', async () => {
  const { context, lineItem } = await newCourse();
  await readAll(context, [learner('bob')]);
  const rejected = { state: 'rejected', columns: { failure_type: 'MemberNotInContext' } } as const;
  const { id } = await insertScore(db, { context, lineItem, userId: 'ann', ...rejected });
  const other = await insertScore(db, { context, lineItem, userId: 'bob', ...rejected });
  assert.equal((await readAll(context, [learner('bob'), learner('ann')])).released, 1);
  assert.equal((await stateOf(id))?.state, 'due');
  assert.equal((await stateOf(other.id))?.state, 'rejected');
  await db.raw(`update scores set state = 'rejected', failure_type = 'MemberNotInContext' where id = ?`, [id]);
  assert.equal((await readAll(context, [learner('bob'), learner('ann')])).released, 0);
});

async function newCourse(): Promise<{ context: string; lineItem: string }> {
  const context = (await insertContext(db)).id;
  return { context, lineItem: (await insertLineItem(db, { context })).id };
}

interface HeldLane {
  gate: string;
  token: number;
}

async function takeLane(context: string): Promise<HeldLane> {
  const [row] = await queryRows<{ gate: string }>(
    db,
    'select d.gate from contexts c join deployments d on d.id = c.deployment where c.id = ?',
    [context],
  );
  const gate = row?.gate ?? '';
  const lane = await createLanes(db).take({ gate, leaseMs: LANE_MS, laneMs: LANE_MS, settleMs: 0 });
  assert.ok('token' in lane);
  return { gate, token: lane.token };
}

async function claim(context: string) {
  const claimed = await createClaims(toQueryable(db)).claim({ ...(await takeLane(context)), limit: 100, after: null });
  assert.ok(claimed);
  return claimed.scores;
}

async function keepBack(context: string, between?: () => Promise<void>): Promise<void> {
  const lane = await takeLane(context);
  const claims = createClaims(toQueryable(db));
  const claimed = await claims.claim({ ...lane, limit: 100, after: null });
  await between?.();
  const outcomes = (claimed?.scores ?? []).map(({ id, keptBackBy }) => ({
    ...({ id, outcome: 'held', failureType: keptBackBy ?? undefined } as const),
    ...{ startedAt: new Date(), durationMs: 0, restMs: 0, serviceKey: null },
  }));
  assert.ok(await claims.record({ ...lane, workflowRun: 'run', outcomes }));
  await createLanes(db).giveBack(lane);
}
