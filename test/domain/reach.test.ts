import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  isWithin,
  namesOf,
  overlap,
  partsOf,
  reachesDeployment,
  reachesPlatform,
  sayReach,
  toReach,
} from '../../domain/reach.js';

const of = (platformId: string, deploymentId: string) => ({ platformId, deploymentId });
const mixed = toReach(['whole'], [of('shared', '1'), of('shared', '2'), of('whole', '9')]);

test('is all where nothing limits it', () => {
  assert.equal(toReach(undefined, undefined), null);
  assert.deepEqual(namesOf(null), { platforms: null, deployments: null });
  assert.ok(reachesPlatform(null, 'any') && reachesDeployment(null, of('any', '1')));
  assert.equal(sayReach(namesOf(null)), 'all platforms');
});

test('reaches a platform whole, or some of its deployments', () => {
  assert.ok(reachesPlatform(mixed, 'whole') && reachesDeployment(mixed, of('whole', 'any')));
  assert.ok(!reachesPlatform(mixed, 'shared'));
  assert.deepEqual(
    ['1', '2', '3'].map((id) => reachesDeployment(mixed, of('shared', id))),
    [true, true, false],
  );
  assert.equal(partsOf(mixed ?? [], 'shared').length, 2);
  assert.deepEqual(partsOf(mixed ?? [], 'whole'), []);
  assert.equal(sayReach(namesOf(mixed)), 'whole, shared (deployment 1), shared (deployment 2)');
});

test('tells ids apart, whatever stands in them', () => {
  const id = fc.string({ minLength: 1, maxLength: 6, unit: 'binary' });
  fc.assert(
    fc.property(id, id, id, id, (platform, deployment, otherPlatform, otherDeployment) => {
      const reach = toReach(undefined, [of(platform, deployment)]);
      assert.deepEqual(namesOf(reach).deployments, [of(platform, deployment)]);
      const isSame = platform === otherPlatform && deployment === otherDeployment;
      assert.equal(reachesDeployment(reach, of(otherPlatform, otherDeployment)), isSame);
      assert.ok(!reachesPlatform(reach, reach?.[0] ?? ''), 'no platform is called like an entry');
    }),
  );
});

test('compares and cuts', () => {
  const one = toReach(undefined, [of('whole', '1'), of('shared', '1')]);
  assert.ok(isWithin(one, mixed) && !isWithin(mixed, one));
  assert.ok(isWithin(mixed, null) && !isWithin(null, mixed));
  assert.deepEqual(overlap(one, mixed), one);
  assert.deepEqual(overlap(mixed, null), mixed);
  assert.deepEqual(overlap(['elsewhere'], mixed), []);
});
