import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { isStorable } from '../../domain/fields.js';
import { createLtiaasClient, type LtiaasClient } from '../../ltiaas/client.js';
import { LtiaasError } from '../../ltiaas/error.js';
import { IdTokenSchema, LineItemSchema, MemberSchema, ResultSchema } from '../../ltiaas/payloads.js';
import { parseJson } from '../helpers/app.js';
import { fromSchema, writeTree, type Tree } from '../helpers/arbitrary-json.js';
import { spoilt } from '../helpers/hostile-json.js';
import { sized } from '../helpers/size.js';
import { startServer } from './server.js';

/** Whatever LTIAAS, an LMS behind it or a proxy before it answers is read, or refused by the client's own error. */

const objectOf = (schema: object): fc.Arbitrary<Tree> => fromSchema(parseJson(JSON.stringify(schema)), () => []);
const list = (key: string, schema: object): fc.Arbitrary<Tree> =>
  fc.record({ [key]: fc.array(objectOf(schema), { maxLength: 3 }), next: fc.constantFrom('', null, 'x', '?page=2') });

interface Sent {
  status: number;
  type: string;
  body: Buffer;
  isCut: boolean;
}
const sentOf = (right: fc.Arbitrary<Tree>): fc.Arbitrary<Sent> => {
  const bytes = (tree: fc.Arbitrary<Tree>): fc.Arbitrary<Buffer> => tree.map((one) => Buffer.from(writeTree(one)));
  const cut = fc.tuple(bytes(right), fc.nat()).map(([whole, place]) => whole.subarray(0, place % (whole.length + 1)));
  const garbage = fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array));
  return fc.record({
    status: fc.oneof({ weight: 4, arbitrary: fc.constant(200) }, fc.constantFrom(201, 400, 401, 422, 429, 503)),
    type: fc.constantFrom('application/json', 'text/html', 'x', 'application/json; charset=latin1'),
    body: fc.oneof(
      { weight: 3, arbitrary: bytes(right) },
      { weight: 6, arbitrary: bytes(spoilt(right)) },
      { weight: 1, arbitrary: cut },
      { weight: 1, arbitrary: garbage },
    ),
    isCut: fc.boolean(),
  });
};

const key = { serviceKey: 'sk' };
const lineItemId = 'https://lms.example/1';
const lineItem = { label: 'Essay', scoreMaximum: 10, resourceId: 'essay' };
const score = {
  userId: 'u',
  scoreGiven: 1,
  scoreMaximum: 1,
  activityProgress: 'Completed',
  gradingProgress: 'FullyGraded',
} as const;
const rest = { family: undefined, beginBy: undefined };
const calls: [string, fc.Arbitrary<Tree>, (client: LtiaasClient) => Promise<unknown>][] = [
  ['an id token', objectOf(IdTokenSchema), (client) => client.getIdToken({ ltik: 'L' })],
  ['columns', list('lineItems', LineItemSchema), (client) => client.listLineItems(key)],
  ['a column', objectOf(LineItemSchema), (client) => client.getLineItem({ ...key, lineItemId })],
  [
    'a column that was made',
    objectOf(LineItemSchema),
    (client) => client.createLineItem({ ...key, ...rest, lineItem }),
  ],
  ['results', list('scores', ResultSchema), (client) => client.listResults({ ...key, lineItemId })],
  ['pages of results', list('scores', ResultSchema), (client) => toList(client.resultPages({ ...key, lineItemId }))],
  ['a roster', list('members', MemberSchema), (client) => toList(client.membershipPages(key))],
  [
    'the answer to a score',
    fc.record({
      status: fc.integer(),
      error: fc.string(),
      details: fc.record({ code: fc.string(), message: fc.string() }),
    }),
    (client) => client.submitScore({ ...key, lineItemId, score, reGrade: false, ...rest }),
  ],
];

for (const [what, right, call] of calls) {
  test(`reads ${what}, or refuses it, whatever comes`, async (t) => {
    let sent: Sent = { status: 200, type: 'x', body: Buffer.alloc(0), isCut: false };
    const server = await startServer(t, (_, response) => {
      response.writeHead(sent.status, { 'content-type': sent.type });
      if (sent.isCut && sent.body.length < 2_000) for (const byte of sent.body) response.write(Buffer.from([byte]));
      else response.write(sent.body);
      response.end();
    });
    const client = createLtiaasClient({ baseUrl: server.url, apiKey: 'ak' });
    t.after(() => client.close());
    let read = 0;
    await fc.assert(
      fc.asyncProperty(sentOf(right), async (next) => {
        sent = next;
        const outcome = await call(client).then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        );
        const unstorable = textsIn(Object.values(outcome)).filter((text) => !isStorable(text));
        assert.deepEqual(unstorable, []);
        if ('error' in outcome) return assert.ok(outcome.error instanceof LtiaasError, inspect(outcome.error));
        read += 1;
        // As an id it would have been made up of a number that JavaScript cannot hold.
        assert.ok(!textsIn(outcome.value).includes('Infinity'), inspect(outcome.value));
      }),
      { numRuns: sized({ full: 2_000, quick: 120 }), seed: 12, includeErrorInReport: true },
    );
    assert.ok(read > 10, `${read} were read`);
  });
}

async function toList<T>(pages: AsyncGenerator<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const page of pages) list.push(page);
  return list;
}

/** Names of members too; without recursion, for what is deeply nested. */
function textsIn(value: unknown): string[] {
  const texts: string[] = [];
  const open = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one === 'string') texts.push(one);
    if (typeof one !== 'object' || one === null) continue;
    for (const [name, member] of Object.entries(one)) open.push(name, member);
  }
  return texts;
}
