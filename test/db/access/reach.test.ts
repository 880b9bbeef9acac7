import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { queryRows } from '../../../db/server/knex.js';
import { isWithin, namesOf, reachesDeployment, toReach } from '../../../domain/reach.js';
import { createTestDatabase } from '../../helpers/database.js';

const { db } = await createTestDatabase();

/** Few and odd, so that they meet. */
const id = fc.constantFrom('a', 'b', 'ab', '1:a', 'é😀', '\u001F1:ab', ' ');
const reach = fc
  .tuple(
    fc.uniqueArray(id, { maxLength: 3 }),
    fc.array(fc.record({ platformId: id, deploymentId: id }), { maxLength: 3 }),
  )
  .map(
    ([platforms, deployments]) =>
      toReach(
        platforms.filter((one) => one[0] !== '\u001F'),
        deployments,
      ) ?? [],
  );

/** An entry for a deployment, and one of a platform whose id reads like it: `1:ab` is platform `a`, deployment `b`. */
const entry = toReach([], [{ platformId: 'a', deploymentId: 'b' }]);
const likeEntry = toReach([], [{ platformId: '\u001F1:ab', deploymentId: 'a' }]);

test('the database and we mean the same by a reach', async () => {
  await fc.assert(
    fc.asyncProperty(fc.option(reach), fc.option(reach), id, id, async (one, other, platformId, deploymentId) => {
      const [row] = await queryRows<{ isReached: boolean; isWithin: boolean; platforms: string[] }>(
        db,
        `select is_reached(:one::text[], :platformId, :deploymentId) as "isReached",
           is_within_reach(:one::text[], :other::text[]) as "isWithin", platforms_of_reach(:one::text[]) as platforms`,
        { one, other, platformId, deploymentId },
      );
      assert.equal(row?.isReached, reachesDeployment(one, { platformId, deploymentId }));
      assert.equal(row.isWithin, isWithin(one, other));
      const { platforms, deployments } = namesOf(one);
      const named = [...(platforms ?? []), ...(deployments ?? []).map((deployment) => deployment.platformId)];
      assert.deepEqual(row.platforms.toSorted(), [...new Set(named)].toSorted());
    }),
    { numRuns: 300, examples: [[likeEntry, entry, 'a', 'b']] },
  );
});
