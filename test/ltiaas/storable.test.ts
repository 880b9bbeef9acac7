import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { createLtiaasClient } from '../../ltiaas/client.js';
import { LtiaasError } from '../../ltiaas/error.js';
import { readErrorBody } from '../../ltiaas/error-body.js';
import { readIdToken, readLineItem, readMember, readResult } from '../../ltiaas/payloads.js';
import { readPage } from '../../ltiaas/read.js';
import { createScrub } from '../../ltiaas/scrub.js';
import { sized } from '../helpers/size.js';
import { json, startServer } from './server.js';

/** Nothing leaves this folder that PostgreSQL refuses: NUL, and half surrogate pairs. */

const runs = { numRuns: sized({ full: 20_000, quick: 1_000 }) };
const odd = fc.constantFrom('\0', '\ud83d', '\ude00', '😀', 'a', ' ', '"', '@x.org', '.', '<b>');
const text = fc.array(odd, { maxLength: 12 }).map((parts) => parts.join(''));
const name = fc.oneof(text, fc.constantFrom('toString', 'constructor', 'length'));
const { anyJson } = fc.letrec((tie) => ({
  anyJson: fc.oneof(
    { weight: 4, arbitrary: text },
    { weight: 1, arbitrary: fc.oneof(fc.double(), fc.boolean(), fc.constant(null)) },
    { weight: 1, arbitrary: fc.array(tie('anyJson'), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.dictionary(name, tie('anyJson'), { maxKeys: 3, noNullPrototype: true }) },
  ),
}));
const mostlyUsable = fc.oneof({ weight: 3, arbitrary: fc.constant('usable') }, { weight: 1, arbitrary: anyJson });
/** An object with the named members, of any kind each, and others. */
const withMembers = (...names: string[]): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      fc.record(
        Object.fromEntries(names.map((member) => [member, member === 'scopes' ? fc.array(text) : mostlyUsable])),
      ),
      fc.dictionary(name, anyJson, { maxKeys: 3, noNullPrototype: true }),
    )
    .map(([named, others]) => ({ ...others, ...named }));
const idToken = fc.record({
  user: withMembers('id', 'name', 'email', 'roles'),
  platform: withMembers('id', 'deploymentId', 'url', 'name', 'clientId', 'productFamilyCode', 'version'),
  launch: fc.record({
    ...{ context: withMembers('id', 'title'), resourceLink: withMembers('id', 'title'), custom: withMembers('any') },
  }),
  services: fc.record({
    assignmentAndGrades: withMembers('available', 'lineItemId', 'scopes'),
    serviceKey: mostlyUsable,
  }),
});

/** What stands in JSON escapes is what a JSON parser of PostgreSQL refuses, in values and in names. */
function assertStorable(value: unknown): void {
  assert.doesNotMatch(JSON.stringify(value) ?? '', /\\u(0000|d[89a-f])/i, inspect(value));
}

const readers = [
  [readLineItem, withMembers('id', 'label', 'scoreMaximum', 'resourceLinkId', 'resourceId', 'tag', 'endDateTime')],
  [readMember, withMembers('userId', 'roles', 'status', 'name', 'givenName', 'email', 'lti11LegacyUserId')],
  [readResult, withMembers('userId', 'id', 'resultScore', 'comment', 'scoreOf', 'timestamp')],
  [readIdToken, idToken],
] as const;
for (const [read, payload] of readers) {
  test(`${read === readIdToken ? 'an id token' : 'an entry of a list'} holds only texts that can be stored`, () => {
    let usable = 0;
    fc.assert(
      fc.property(payload, (value) => {
        const result = read(value);
        assertStorable(result);
        if (result.ok) usable += 1;
      }),
      runs,
    );
    assert.ok(usable > runs.numRuns / 20, String(usable));
  });
}

test('an error holds only texts that can be stored', () => {
  const scrub = createScrub(['usable']);
  const part = fc.oneof(text, anyJson, fc.array(odd, { minLength: 200, maxLength: 700 }).map((parts) => parts.join('')));
  const details = fc.record({ code: part, message: part, bodyReceived: part }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(part, fc.record({ status: part, error: part, details })), (body) => {
      assertStorable(readErrorBody(typeof body === 'string' ? body : JSON.stringify(body), scrub));
    }),
    runs,
  );
}); // prettier-ignore

test('an emoji at the place of the cut is left out, not cut in two', () => {
  for (let before = 495; before < 502; before += 1) {
    const { excerpt = '' } = readErrorBody(`${'x'.repeat(before)}😀😀 and more`, createScrub([]));
    assertStorable(excerpt);
    assert.doesNotMatch(excerpt, /\uFFFD/);
  }
});

test('an e-mail address of emoji is taken out whole', () => {
  assertStorable(createScrub([])(`${'a😀'.repeat(60)}@example.edu`));
});

test('a person without a usable id is left out, and one with an odd name is not', () => {
  const members = [
    ...[{ userId: 'a\0b' }, { userId: 'a\ud800' }, { userId: '😀', name: 'A\0da\ud800', 'k\0': { deep: ['\0'] } }],
    { userId: 'u2', roles: ['Learner\0'], lisPersonSourcedId: '\0' },
  ];
  assert.deepEqual(readPage({ members }, 'members', readMember), {
    items: [
      { userId: '😀', roles: [], status: 'Active', name: 'A\uFFFDda\uFFFD', 'k\uFFFD': { deep: ['\uFFFD'] } },
      { userId: 'u2', roles: ['Learner\uFFFD'], status: 'Active', lisPersonSourcedId: '\uFFFD' },
    ],
    skipped: 2,
  });
});

test('a column or a launch whose ids cannot be stored is refused, with the place', () => {
  for (const name of ['id', 'resourceLinkId', 'resourceId', 'tag']) {
    const read = readLineItem({ id: 'c', [name]: 'a\0' });
    assert.deepEqual(read, { ok: false, problems: [{ path: name, problem: 'holds a character that cannot be stored' }] });
  }
  const launch = { context: { id: 'c\ud800', title: '\0' } };
  assert.deepEqual(readIdToken({ platform: { id: 'p', deploymentId: 'd' }, launch, services: {} }), {
    ok: false, problems: [{ path: 'launch.context.id', problem: 'holds a character that cannot be stored' }],
  });
}); // prettier-ignore

test('JSON that is nested without end is mended like any other', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(50_000)}"\\u0000"${']'.repeat(50_000)}`);
  const read = readMember({ userId: 'u', deep });
  assert.ok(read.ok);
});

test('an address of a next page that is no text ends the list with an error of ours', async (t) => {
  const server = await startServer(t, (_, response) => json(response, 200, '{"members":[],"next":"https://x/\\ud800"}'));
  const client = createLtiaasClient({ baseUrl: server.url, apiKey: 'ak' });
  t.after(() => client.close());
  const pages = client.membershipPages({ serviceKey: 'sk' });
  const error: unknown = await (async () => {
    for await (const page of pages) assertStorable(page);
  })().catch((reason: unknown) => reason);
  assert.ok(error instanceof LtiaasError, String(error));
}); // prettier-ignore
