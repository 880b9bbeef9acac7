import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOperations } from '../../../db/platforms/operations.js';
import { createQueue } from '../../../db/scores/queue.js';
import { createUnknownScores } from '../../../db/scores/unknown-scores.js';
import { createTestDatabase, eventually } from '../../helpers/database.js';
import { insertScore } from '../../helpers/factories.js';
import { createPlaces } from '../../helpers/pauses.js';

const { db } = await createTestDatabase();
const { pauses, createCourse, pause, resume, claim, hold, waitOf, takeTurn } = await createPlaces(db);
const queue = createQueue(db);
const PAST = '2026-01-01T00:00:00Z';
const KINDS = ['platform', 'deployment', 'context'] as const;
const inMs = (ms: number): Date => new Date(Date.now() + ms);

for (const kind of KINDS) {
  test(`nothing of a paused ${kind} is claimed or read, and all goes on when it is resumed`, async () => {
    const [place, other] = [await createCourse(), await createCourse()];
    await pause(kind, place);
    assert.deepEqual(await waitOf(place), {
      ...{ reason: `${kind}Paused`, type: null, note: 'wrong grades', until: null },
      since: (await waitOf(place))?.since,
    });
    assert.deepEqual(await claim(place), []);
    assert.equal(await takeTurn(place), `${kind}Paused`);
    assert.deepEqual([await claim(other), await takeTurn(other)], [[other.score], 'turn']);
    await db.raw('update gates set lane_expires_at = null, lane_calls_end_at = null where id = ?', [place.gate]);
    const untended = async () => (await queue.listUntended({ after: null, limit: 1_000 })).map(({ gate }) => gate);
    assert.equal((await untended()).includes(place.gate), false);

    const { context, deployment, gate } = place;
    assert.deepEqual(await resume(kind, place), [{ context, deployment, gate }]);
    assert.equal((await waitOf(place))?.reason, 'turn');
    assert.equal((await untended()).includes(place.gate), true);
    assert.deepEqual([await claim(place), await takeTurn(place)], [[place.score], 'turn']);
  });

  test(`a paused ${kind} goes on by itself when its end has come`, async () => {
    const place = await createCourse();
    await pause(kind, place, { until: inMs(60_000) });
    assert.ok((await waitOf(place))?.until);
    assert.deepEqual(await claim(place), []);
    await db.raw(`update pauses set until = now() where ${kind} = ?`, [place[kind]]);
    await pauses.tidyUp();
    assert.deepEqual(
      [await claim(place), await waitOf(place).then((wait) => wait?.reason)],
      [[place.score], 'readBack'],
    );
    assert.equal((await db('pauses').where({ [kind]: place[kind] })).length, 0);
  });
}

test('a course is not on hold for longer than its pause, whether or not anybody tidies up', async () => {
  const [place, other] = [await createCourse(), await createCourse()];
  await pause('context', place, { until: inMs(400) });
  await createCourse(place);
  await pause('context', other);
  await claim(place);
  const { isReady, nextInMs } = await queue.lookAhead(place.gate);
  assert.ok(!isReady && nextInMs !== null && nextInMs <= 400, String(nextInMs));
  assert.deepEqual(await claim(other), []);
  assert.equal((await queue.lookAhead(other.gate)).nextInMs, null);
  await eventually('the end of the pause', async () => (await claim(place)).includes(place.score));
});

test('other courses behind the same gate go on beside a paused one', async () => {
  const place = await createCourse();
  const beside = await createCourse(place);
  await pause('context', place);
  assert.deepEqual(await claim(place), [beside.score]);
  assert.equal(await takeTurn(beside), 'turn');
  assert.equal((await hold(place.gate)).held.reason, null);
});

test('the lane of a paused platform allows no call, and says why and for how long', async () => {
  const place = await createCourse();
  assert.equal((await hold(place.gate)).held.pauses, 0);
  await pause('platform', place, { until: inMs(60_000) });
  const { held } = await hold(place.gate);
  assert.deepEqual([held.target, held.starts, held.reason, held.pauses], [0, 0, 'platformPaused', 1]);
  assert.ok(held.waitMs > 55_000 && held.waitMs <= 60_000);
  const outlook = await queue.lookAhead(place.gate);
  assert.equal(outlook.blockedBy, 'platformPaused');
  await pause('platform', place);
  assert.equal((await hold(place.gate)).held.waitMs, 3_600_000);
});

test('a gate is paused only when all deployments behind it are', async () => {
  const place = await createCourse();
  const [second = ''] = await db('deployments')
    .insert({ platform: place.platform, deployment_id: 'second', gate: place.gate })
    .returning('id')
    .then((rows: { id: string }[]) => rows.map(({ id }) => id));
  await pause('deployment', place);
  assert.equal((await hold(place.gate)).held.reason, null);
  await pause('deployment', { ...place, deployment: second });
  assert.equal((await hold(place.gate)).held.reason, 'deploymentPaused');
});

test('what is unknown is not read back while its course is paused, and keeps nobody busy', async () => {
  const place = await createCourse();
  await db('scores').where({ id: place.score }).del();
  const { context, lineItem, gate } = place;
  const { id } = await insertScore(db, { context, lineItem, state: 'unknown', columns: { not_before: PAST } });
  const list = async () => (await createUnknownScores(db).listReady({ gate, limit: 10 })).map((score) => score.id);
  assert.deepEqual(await list(), [id]);
  await pause('context', place);
  assert.deepEqual(await list(), []);
  await claim(place);
  const { isReady, nextInMs } = await queue.lookAhead(gate);
  assert.deepEqual([isReady, nextInMs], [false, null]);
  await resume('context', place);
  assert.deepEqual([await list(), (await queue.lookAhead(gate)).isReady], [[id], true]);
});

test('pausing once more changes reason and end, and keeps its beginning', async () => {
  const place = await createCourse();
  await pause('context', place);
  const { since } = (await waitOf(place)) ?? {};
  await claim(place);
  await pause('context', place, { reason: 'worse', until: inMs(3_000) });
  await claim(place);
  const wait = await waitOf(place);
  assert.deepEqual([wait?.note, wait?.since], ['worse', since]);
  assert.ok(((await queue.lookAhead(place.gate)).nextInMs ?? Infinity) <= 3_000);
});

test('a pause of the platform outlasts the resume of its course', async () => {
  const place = await createCourse();
  await pause('platform', place);
  await pause('context', place);
  await resume('context', place);
  assert.equal((await waitOf(place))?.reason, 'platformPaused');
  assert.equal(await takeTurn(place), 'platformPaused');
});

test('resuming what is not paused changes nothing', async () => {
  const place = await createCourse();
  await resume('platform', place);
  await resume('platform', place);
  assert.deepEqual(await claim(place), [place.score]);
});

test('counts what is paused by kind and platform, for whoever may see it', async () => {
  const place = await createCourse();
  const beside = await createCourse(place);
  await pause('context', place, { reason: 'first' });
  await pause('context', beside);
  const [platformId = ''] = await db('platforms').where({ id: place.platform }).pluck<string[]>('platform_id');
  const counted = (await pauses.count())
    .filter((row) => row.platformId === platformId)
    .map(({ kind, count, reason }) => ({ kind, count, reason }));
  assert.deepEqual(counted, [{ kind: 'context', count: 2, reason: 'first' }]);
  const backlog = (await createOperations(db).listBacklog()).find((row) => row.platformId === platformId);
  assert.deepEqual([backlog?.due, backlog?.oldestReadySeconds], [2, null]);
});
