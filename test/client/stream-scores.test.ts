import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, describe, it } from 'node:test';
import { createClient, isProblem, type Client, type ScoreItem, type TakenScore } from '../../client/index.js';
import { createTestApi } from '../helpers/app.js';
import { eventually } from '../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform } from '../helpers/factories.js';
import { queryRows } from '../../db/server/knex.js';

const api = await createTestApi();
const { deployment } = await insertPlatform(api.db, { platformId: 'lms' });
const { id: context } = await insertContext(api.db, { deployment, contextId: 'bio' });
const column = await insertLineItem(api.db, { context });
const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
after(() => api.app.close());

const wait = async (): Promise<void> => undefined;
const client = createClient({ url, apiKey: api.adminKey, wait });

function score(userId: string, change: Partial<ScoreItem> = {}): ScoreItem {
  const lineItem = { id: column.line_item_id ?? '' };
  return { platformId: 'lms', contextId: 'bio', lineItem, userId, scoreGiven: 5, scoreMaximum: 10, ...change };
}

const scores = (prefix: string, count: number): ScoreItem[] =>
  Array.from({ length: count }, (_, n) => score(`${prefix}-${n}`));

async function collect(items: AsyncIterable<TakenScore>): Promise<TakenScore[]> {
  const collected: TakenScore[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

const storedOf = async (prefix: string): Promise<number> =>
  (await queryRows(api.db, 'select 1 from scores where user_id like ?', [`${prefix}-%`])).length;

/** Stands before the API, and cuts each of the first connections after so many bytes of its request, or of its answer. */
async function startCutter(
  cuts: readonly { sent?: number; answered?: number }[],
): Promise<{ url: string; count(): number }> {
  const target = Number(new URL(url).port);
  const sockets = new Set<net.Socket>();
  let count = 0;
  const server = net.createServer((socket) => {
    const { sent = Infinity, answered = Infinity } = cuts[count] ?? {};
    count += 1;
    const upstream = net.connect(target, '127.0.0.1');
    const bytes = { sent: 0, answered: 0 };
    const cut = (): void => {
      socket.destroy();
      upstream.destroy();
    };
    const pass = (from: net.Socket, to: net.Socket, name: keyof typeof bytes, most: number): void => {
      sockets.add(from);
      from.on('error', cut);
      from.on('close', cut);
      from.on('data', (part: Buffer) => {
        bytes[name] += part.length;
        to.write(part.subarray(0, Math.max(0, part.length - Math.max(0, bytes[name] - most))));
        if (bytes[name] >= most) cut();
      });
    };
    pass(socket, upstream, 'sent', sent);
    pass(upstream, socket, 'answered', answered);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  return { url: `http://127.0.0.1:${address.port}`, count: () => count };
}

const through = (cutter: { url: string }): Client => createClient({ url: cutter.url, apiKey: api.adminKey, wait });

for (const upload of ['stream', 'parts'] as const) {
  describe(`scores handed in as lines, by ${upload}`, () => {
    it('have an answer each, in order, with the place of each', async () => {
      const items = [...scores(`${upload}-a`, 2_300), score(`${upload}-bad`, { scoreGiven: -1 })];
      const answers = await collect(client.streamScores(items, { upload }));
      assert.deepEqual(
        answers.map(({ index }) => index),
        items.map((_, n) => n),
      );
      assert.ok(answers.slice(0, -1).every(({ outcome }) => outcome === 'accepted'));
      const last = answers.at(-1);
      assert.deepEqual([last?.outcome, last?.problem?.type], ['invalid', 'urn:passback:problem:invalid-score']);
    });

    it('are none where there are none', async () => {
      assert.deepEqual(await collect(client.streamScores([], { upload })), []);
    });

    it('are all there when connections broke on the way', async () => {
      const cutter = await startCutter([{ sent: 20_000 }, { answered: 9_000 }, { sent: 900 }, { answered: 50 }]);
      const answers = await collect(through(cutter).streamScores(scores(`${upload}-cut`, 900), { upload }));
      assert.deepEqual(
        answers.map(({ index }) => index),
        Array.from({ length: 900 }, (_, n) => n),
      );
      assert.ok(answers.every(({ outcome }) => outcome === 'accepted' || outcome === 'unchanged'));
      assert.equal(await storedOf(`${upload}-cut`), 900);
      assert.ok(cutter.count() >= 5, String(cutter.count()));
    });

    it('end with what their source fails with', async () => {
      async function* failing(): AsyncGenerator<ScoreItem> {
        yield score(`${upload}-fails`);
        throw new Error('the source is gone');
      }
      await assert.rejects(collect(client.streamScores(failing(), { upload })), /the source is gone/);
    });

    it('end their source when nobody reads on', async () => {
      let isEnded = false;
      async function* endless(): AsyncGenerator<ScoreItem> {
        try {
          for (let n = 0; ; n += 1) yield score(`${upload}-endless-${n % 10}`);
        } finally {
          isEnded = true;
        }
      }
      for await (const { index } of client.streamScores(endless(), { upload })) if (index === 20) break;
      await eventually('the source is ended', async () => isEnded);
    });

    it('are refused with a problem for a key that may not', async () => {
      const stranger = createClient({ url, apiKey: 'passback_nobody', wait });
      await assert.rejects(collect(stranger.streamScores(scores('no', 3), { upload })), (error) =>
        isProblem(error, 'urn:passback:problem:unauthorized'),
      );
    });
  });
}

describe('a stream of scores', () => {
  it('is answered while it is sent', async () => {
    let answered: () => void = () => undefined;
    async function* oneAfterTheOther(): AsyncGenerator<ScoreItem> {
      for (let n = 0; n < 3; n += 1) {
        const answer = new Promise<void>((resolve) => (answered = resolve));
        yield score(`live-${n}`);
        await answer;
      }
    }
    const outcomes: string[] = [];
    for await (const { outcome } of client.streamScores(oneAfterTheOther())) {
      outcomes.push(outcome);
      answered();
    }
    assert.deepEqual(outcomes, ['accepted', 'accepted', 'accepted']);
  });

  it('holds back a source that is faster than the API', async () => {
    let given = 0;
    let mostAhead = 0;
    function* fast(): Generator<ScoreItem> {
      for (; given < 20_000; given += 1) yield score(`fast-${given % 500}`);
    }
    for await (const { index } of client.streamScores(fast())) mostAhead = Math.max(mostAhead, given - index);
    assert.equal(given, 20_000);
    assert.ok(mostAhead < 6_000, String(mostAhead));
  });
});
