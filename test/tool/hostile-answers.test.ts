/** Whatever answers at the score source's address: it is a page or a failure, and what is taken of it is what was sent. */
import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { isStorable } from '../../domain/fields.js';
import { parseScore, type ParsedScore } from '../../domain/parse-score.js';
import { createScoreSource, type ProgressAnswer } from '../../tool/score-source.js';
import { Literal, writeTree, type Tree } from '../helpers/arbitrary-json.js';
import { hostileText, spoilt } from '../helpers/hostile-json.js';
import { sized } from '../helpers/size.js';
import { startServer } from '../ltiaas/server.js';

const now = new Date('2026-11-27T12:00:00Z');
const place = { platformId: 'lms', deploymentId: '1', contextId: 'bio' };
const FAILURES = ['ScoreSourceUnreachable', 'ScoreSourceTooSlow', 'ScoreSourceRefused', 'ScoreSourceUnreadable'];

const NUMBERS = [
  ...['0', '-0', '7.5', '0.1', '1E1', '1e-400', '1e400', '0.30000000000000004', '9007199254740991'],
  ...['9007199254740993', '-9007199254740993', '123456789012345678901', '5e-324'],
];
const number = fc.constantFrom(...NUMBERS).map((text) => new Literal(text));
const ten = fc.oneof({ weight: 4, arbitrary: fc.constant(new Literal('10')) }, { weight: 1, arbitrary: number });
const id = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('ada', 'Müller', '74140000000062630', '\ufffd', '😀') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('74140000000062629', '74140000000062630', '7').map((digits) => new Literal(digits)),
  },
  { weight: 1, arbitrary: hostileText },
);
const item = fc.record(
  {
    userId: id,
    scoreGiven: number,
    scoreMaximum: ten,
    lineItem: fc.record({ resourceId: id, label: fc.constant('Essay'), scoreMaximum: ten }),
    changedAt: fc.constantFrom('2026-11-26T10:00:00Z', '2026-11-26', '9999-12-31T23:59:59Z'),
    comment: hostileText,
  },
  { requiredKeys: ['userId', 'scoreGiven', 'scoreMaximum', 'lineItem'] },
);
const TIMES = ['2026-11-26T03:30:07Z', '2026-11-26T03:30:07', '1', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59-23:00'];
const page: fc.Arbitrary<Tree> = fc.record(
  {
    scores: fc.array(item, { maxLength: 3 }),
    nextCursor: fc.oneof(fc.constantFrom(null, '', 'page-2', new Literal('9007199254740993')), hostileText),
    asOf: fc.oneof(fc.constantFrom(...TIMES), hostileText),
  },
  { requiredKeys: ['scores'] },
);

interface Sent {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}
const bytes = (tree: fc.Arbitrary<Tree>): fc.Arbitrary<Buffer> => tree.map((one) => Buffer.from(writeTree(one)));
const cut = fc.tuple(bytes(page), fc.nat()).map(([whole, at]) => whole.subarray(0, at % (whole.length + 1)));
const sent: fc.Arbitrary<Sent> = fc.record({
  status: fc.oneof({ weight: 5, arbitrary: fc.constant(200) }, fc.constantFrom(204, 206, 302, 401, 429, 500)),
  headers: fc.constantFrom<Record<string, string>[]>(
    { 'content-type': 'application/json' },
    { 'content-type': 'application/json; charset=latin1', date: 'x 1' },
    { 'content-encoding': 'gzip', location: 'http://127.0.0.1:1' },
    { 'set-cookie': 'x'.repeat(9_000) },
  ),
  body: fc.oneof(
    { weight: 3, arbitrary: bytes(page) },
    { weight: 6, arbitrary: bytes(spoilt(page)) },
    { weight: 1, arbitrary: bytes(page).map((whole) => Buffer.concat([Buffer.from('\ufeff'), whole])) },
    { weight: 2, arbitrary: page.map((one) => Buffer.from(writeTree(one), 'latin1')) },
    { weight: 1, arbitrary: cut },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array)) },
  ),
});

/** As the activity reads it. */
const take = (one: unknown): ParsedScore[] => {
  if (typeof one !== 'object' || one === null || Array.isArray(one)) return [];
  const parsed = parseScore({ ...one, ...place }, now);
  return parsed.ok ? [parsed.score] : [];
};

const textsOf = (record: object): string[] =>
  Object.values(record).filter((member: unknown): member is string => typeof member === 'string');

async function createAsking(t: Parameters<typeof startServer>[0]): Promise<(next: Sent) => Promise<ProgressAnswer>> {
  let current: Sent = { status: 200, headers: {}, body: Buffer.alloc(0) };
  const server = await startServer(t, (_, response) => {
    response.writeHead(current.status, current.headers);
    const half = Math.floor(current.body.length / 2);
    response.write(current.body.subarray(0, half));
    response.end(current.body.subarray(half));
  });
  const source = createScoreSource({ url: server.url, secret: Buffer.alloc(32, 1), maxBytes: 50_000 });
  t.after(() => source.close());
  return (next) => {
    current = next;
    return source.ask({ ...place, since: null, cursor: null, signal: AbortSignal.timeout(20_000) });
  };
}

test('reads a page, or says why it is none, whatever comes; and takes nothing of it that cannot be stored', async (t) => {
  const ask = await createAsking(t);
  let read = 0;
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(sent, async (next) => {
      const answer = await ask(next);
      if ('failure' in answer) return assert.ok(FAILURES.includes(answer.failure), inspect(answer));
      read += 1;
      assert.ok(next.status === 204 || isUtf8(next.body), 'a byte that is no UTF-8 was taken for another character');
      assert.ok(answer.toolClock === null || Date.parse(answer.toolClock) > 0, inspect(answer.toolClock));
      assert.notEqual(answer.nextCursor, '');
      for (const { userId, value, target } of answer.scores.flatMap(take)) {
        taken += 1;
        const texts = [userId, value.comment ?? '', ...textsOf(target.lineItem), ...textsOf(target)];
        assert.ok(texts.every(isStorable), inspect(texts));
        assert.ok(value.scoreGiven === null || (value.scoreGiven >= 0 && Number.isFinite(value.scoreGiven)));
      }
    }),
    { numRuns: sized({ full: 5_000, quick: 400 }), seed: 12, includeErrorInReport: true },
  );
  assert.ok(read > 50 && taken > 20, `${read} pages were read, and ${taken} scores taken`);
});

test('changes no digit of an id, and no score', async (t) => {
  const ask = await createAsking(t);
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(id, number, number, async (userId, given, maximum) => {
      const tree = {
        userId,
        scoreGiven: given,
        scoreMaximum: maximum,
        lineItem: { resourceId: 'essay', label: 'E', scoreMaximum: 10 },
      };
      const answer = await ask({ status: 200, headers: {}, body: Buffer.from(writeTree({ scores: [tree] })) });
      assert.ok('scores' in answer, inspect(answer));
      for (const score of answer.scores.flatMap(take)) {
        taken += 1;
        assert.equal(score.userId, userId instanceof Literal ? userId.text : userId);
        assertSame(score.value.scoreGiven, given.text);
        assertSame(score.value.scoreMaximum, maximum.text);
      }
    }),
    { numRuns: sized({ full: 2_000, quick: 300 }), seed: 12, includeErrorInReport: true },
  );
  assert.ok(taken > 20, `${taken} scores were taken`);
});

/** Whole numbers to the last digit; of others, what IEEE 754 keeps of them. */
function assertSame(value: number | null, sentText: string): void {
  assert.equal(value, Number(sentText));
  if (/^-?\d+$/.test(sentText)) assert.equal(BigInt(value ?? -1), BigInt(sentText));
}

test('takes the clock of the tool only where it is certain which time is meant', async (t) => {
  const ask = await createAsking(t);
  const date = 'Thu, 26 Nov 2026 03:30:09 GMT';
  for (const [asOf, expected] of [
    ['2026-11-26T03:30:07Z', '2026-11-26T03:30:07.000Z'],
    ['2026-11-26T04:30:07+01:00', '2026-11-26T03:30:07.000Z'],
    ['2026-11-26T03:30:07', '2026-11-26T03:30:09.000Z'],
    ['2026-02-30T03:30:07Z', '2026-11-26T03:30:09.000Z'],
    ['1', '2026-11-26T03:30:09.000Z'],
    [5, '2026-11-26T03:30:09.000Z'],
  ] as const) {
    const body = Buffer.from(JSON.stringify({ scores: [], asOf }));
    const answer = await ask({ status: 200, headers: { date }, body });
    assert.equal('toolClock' in answer && answer.toolClock, expected, String(asOf));
  }
  const odd = await ask({ status: 200, headers: { date: 'x 1' }, body: Buffer.from('{"scores":[]}') });
  assert.equal('toolClock' in odd && odd.toolClock, null);
});
