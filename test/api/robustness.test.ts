import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { queryRows } from '../../db/server/knex.js';
import { createTestApi } from '../helpers/app.js';
import { insertContext, insertLineItem, insertPlatform } from '../helpers/factories.js';
import { sized } from '../helpers/size.js';

const { db, call, logs } = await createTestApi();
const platform = await insertPlatform(db, { platformId: 'lms', deploymentId: 'd1' });
const context = await insertContext(db, { deployment: platform.deployment, contextId: 'course' });
const column = await insertLineItem(db, { context: context.id });

/** Texts that are odd and yet texts. */
const text = fc.oneof(
  fc.constantFrom('lms', 'd1', 'course', '', '\0', '\ud800', '0000-01-01T00:00:00Z', '2026-01-01T10:00:00Z'),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ minLength: 1_020, maxLength: 1_030 }),
);
const value = fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 2 }));
/** Right nine times out of ten, or nothing would get past the first check. */
const mostly = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: value });

const id = mostly(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }));
const positive = fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true });
const instant = mostly(
  fc.date({ min: new Date(0), max: new Date(), noInvalidDate: true }).map((date) => date.toISOString()),
);
const lineItem = fc.oneof(
  fc.constant({ id: column.line_item_id }),
  fc.record({ resourceLinkId: id }),
  fc.record({ resourceId: id, tag: id, label: id, scoreMaximum: mostly(positive) }),
);
const score = fc.record(
  {
    ...{ platformId: mostly(fc.constant('lms')), contextId: mostly(fc.constant('course')), lineItem: mostly(lineItem) },
    ...{ userId: id, scoreGiven: mostly(positive), scoreMaximum: mostly(positive), comment: mostly(text) },
    ...{ changedAt: instant, submission: mostly(fc.record({ startedAt: instant, submittedAt: instant })) },
    ...{ submit: mostly(fc.constantFrom('now', 'nightly')), force: mostly(fc.boolean()) },
  },
  { requiredKeys: ['platformId', 'contextId', 'userId', 'lineItem', 'scoreGiven', 'scoreMaximum'] },
);
const idToken = fc.record({
  platform: mostly(fc.record({ id, deploymentId: id, url: mostly(text), productFamilyCode: mostly(text) })),
  launch: mostly(
    fc.record({ context: fc.record({ id, title: text }), resourceLink: fc.record({ id, title: mostly(text) }) }),
  ),
  services: fc.record({
    assignmentAndGrades: mostly(fc.record({ available: fc.constant(true), lineItemId: id })),
    namesAndRoles: mostly(fc.record({ available: fc.boolean() })),
    serviceKey: mostly(text),
  }),
});
const serviceKey = fc.record({
  ...{ platformId: id, deploymentId: id, contextId: id, resourceLinkId: id, serviceKey: id, lineItemId: id },
  ...{ launchedAt: instant, productFamilyCode: id, platformUrl: id },
});
const filter = mostly(fc.record({ platformId: id, contextId: id, state: mostly(fc.constantFrom('due', 'rejected')) }));
const scope = fc.record(
  { platformId: id, contextId: id, filter, reason: mostly(fc.constant('why')) },
  { requiredKeys: [] },
);

const cases: [string, string, fc.Arbitrary<unknown>][] = [
  ['/v1/scores', 'nearly the right thing', fc.array(score, { maxLength: 5 })],
  ['/v1/scores', 'any JSON', fc.jsonValue()],
  ['/v1/launches', 'nearly the right thing', fc.record({ idToken })],
  ['/v1/launches', 'any JSON', fc.jsonValue()],
  ['/v1/service-keys', 'nearly the right thing', fc.array(serviceKey, { maxLength: 3 })],
  ['/v1/service-keys', 'any JSON', fc.jsonValue()],
  ['/v1/scores/retry', 'nearly the right thing', scope],
  ['/v1/syncs', 'nearly the right thing', scope],
  [
    '/v1/api-keys',
    'nearly the right thing',
    fc.record({ name: id, scopes: mostly(fc.constant(['read'])), platforms: mostly(fc.array(id, { minLength: 1 })) }),
  ],
];

for (const [path, what, body] of cases) {
  test(`answers ${what} posted to ${path} without a failure of its own`, async () => {
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        logs.length = 0;
        const answer = await call('POST', path, { body: sent });
        assert.ok(answer.status < 500, `${answer.text}\n${logs.join('')}`);
      }),
      { numRuns: sized({ full: 150, quick: 100 }) },
    );
  });
}

test('answers whatever is asked for without a failure of its own', async () => {
  const paths = ['/v1/scores', '/v1/contexts', '/v1/platforms', '/v1/service-keys'];
  const query = fc.dictionary(
    fc.constantFrom('platformId', 'contextId', 'userId', 'state', 'limit', 'cursor', 'parked'),
    fc.oneof(
      text,
      fc.constantFrom('1', 'true'),
      text.map((raw) => Buffer.from(raw).toString('base64url')),
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), query, async (path, asked) => {
      logs.length = 0;
      const answer = await call('GET', `${path}?${new URLSearchParams(asked).toString()}`);
      assert.ok(answer.status < 500, `${answer.text}\n${logs.join('')}`);
    }),
    { numRuns: sized({ full: 200, quick: 100 }) },
  );
});

test('has let some of all this through, so that the tests above reached the database', async () => {
  for (const table of ['scores', 'service_keys', 'line_items']) {
    const rows = await queryRows(db, `select 1 from ${table}`);
    assert.ok(rows.length > 20, `${table}: ${rows.length}`);
  }
});
