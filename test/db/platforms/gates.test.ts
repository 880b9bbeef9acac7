import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLaunches } from '../../../db/courses/launches.js';
import { createPlatforms } from '../../../db/platforms/platforms.js';
import type { LmsFamily } from '../../../domain/platform.js';
import { createTestDatabase } from '../../helpers/database.js';
import { createTestVault, unique } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const launches = createLaunches(db, { vault: createTestVault() });
const platforms = createPlatforms(db);

async function launchIn(platformId: string, deploymentId: string, family: LmsFamily): Promise<void> {
  await launches.record({ platformId, deploymentId, family, contextId: unique('c'), launchedAt: new Date() });
}

/** Which deployments share a gate, as a text such as `ab c`, and the most calls that each group may have under way. */
async function groupsOf(platformId: string): Promise<[string, number[]]> {
  const rows = await db('deployments')
    .join('platforms', 'platforms.id', 'deployments.platform')
    .join('gates', 'gates.id', 'deployments.gate')
    .where({ platform_id: platformId })
    .groupBy('gates.id')
    .select<{ names: string[]; max: number }[]>(
      db.raw('array_agg(deployments.deployment_id order by deployments.deployment_id) as names'),
      db.raw('max(gates.in_flight_max) as max'),
    );
  const sorted = rows.toSorted((one, other) => (String(one.names) < String(other.names) ? -1 : 1));
  return [sorted.map(({ names }) => names.join('')).join(' '), sorted.map(({ max }) => max)];
}

test('deployments of one Canvas share a gate, and those of one Blackboard registration do not', async () => {
  const [canvas, blackboard] = [unique('canvas'), unique('blackboard')];
  for (const deployment of ['a', 'b', 'c']) {
    await launchIn(canvas, deployment, 'canvas');
    await launchIn(blackboard, deployment, 'blackboard');
  }
  assert.deepEqual(await groupsOf(canvas), ['abc', [4]]);
  assert.deepEqual(await groupsOf(blackboard), ['a b c', [8, 8, 8]]);
});

test('an operator says what shares limits, and takes it back', async () => {
  const platformId = unique('canvas');
  for (const deployment of ['a', 'b']) await launchIn(platformId, deployment, 'canvas');
  const id = String((await db('platforms').where({ platform_id: platformId }).pluck('id'))[0]);
  await platforms.change({ id, limits: { inFlightMax: 9 } });
  await platforms.change({ id, limitBy: 'deployment' });
  assert.deepEqual(await groupsOf(platformId), ['a b', [9, 9]]);
  await platforms.change({ id, deploymentId: 'b', limits: { inFlightMax: 2 } });
  assert.deepEqual(await groupsOf(platformId), ['a b', [9, 2]]);
  await launchIn(platformId, 'c', 'canvas');
  assert.deepEqual(await groupsOf(platformId), ['a b c', [9, 2, 4]]);
  await platforms.change({ id, limitBy: null });
  assert.deepEqual(await groupsOf(platformId), ['abc', [9]]);
  assert.equal((await platforms.find({ id, platforms: null }))?.limitBy, null);
});

test('a guess that turns out to be Blackboard parts the deployments', async () => {
  const platformId = unique('guess');
  await launchIn(platformId, 'a', 'unknown');
  await launchIn(platformId, 'b', 'unknown');
  assert.equal((await groupsOf(platformId))[0], 'ab');
  await launchIn(platformId, 'a', 'blackboard');
  assert.equal((await groupsOf(platformId))[0], 'a b');
});
