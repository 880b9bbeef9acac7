import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toFailure } from '../../ltiaas/classify.js';
import { start } from './server.js';

const KEYS = {
  'a NUL': 'sk-\0',
  'a line break': 'sk-1\n',
  'half a surrogate pair': 'sk-\ud83d',
  'two hundred thousand characters': 'x'.repeat(200_000),
};
const lineItemId = 'https://lms.example.edu/lineitems/1';
const score = {
  userId: 'u1',
  scoreGiven: 1,
  scoreMaximum: 1,
  activityProgress: 'Completed',
  gradingProgress: 'FullyGraded',
} as const;

for (const [what, serviceKey] of Object.entries(KEYS)) {
  test(`a stored service key with ${what} is as good as refused, whatever it is used for, and nothing is called`, async (t) => {
    const [client, server] = await start(t, () => ({}));
    const lineItem = { label: 'Quiz', scoreMaximum: 1, resourceId: 'quiz' };
    const calls = {
      submitScore: () =>
        client.submitScore({ serviceKey, lineItemId, score, family: undefined, reGrade: false, beginBy: undefined }),
      listResults: () => client.listResults({ serviceKey, lineItemId }),
      listLineItems: () => client.listLineItems({ serviceKey }),
      createLineItem: () => client.createLineItem({ serviceKey, lineItem, family: undefined, beginBy: undefined }),
      listMemberships: () => client.membershipPages({ serviceKey })[Symbol.asyncIterator]().next(),
    } as const;
    for (const operation of [
      'submitScore',
      'listResults',
      'listLineItems',
      'createLineItem',
      'listMemberships',
    ] as const) {
      // A call rejects, and never throws before there is a promise.
      const error: unknown = await Promise.resolve(calls[operation]()).catch((reason: unknown) => reason);
      assert.equal(toFailure(error, { family: 'moodle', operation })?.type, 'ServiceKeyRejected', operation);
      assert.ok(error instanceof Error && !error.message.includes('sk-'));
    }
    assert.equal(server.received.length, 0);
  });
}
