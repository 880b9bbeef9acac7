import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createClient } from '../../client/index.js';
import { createTestApi } from '../helpers/app.js';
import { insertContext, insertLineItem, insertPlatform, insertScore } from '../helpers/factories.js';

const api = await createTestApi();
const { deployment } = await insertPlatform(api.db, { platformId: 'lms' });
const { id: context } = await insertContext(api.db, { deployment, contextId: 'bio' });
const { id: lineItem } = await insertLineItem(api.db, { context });
for (let n = 0; n < 7; n += 1) await insertScore(api.db, { context, lineItem, userId: `u-${n}` });
const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
after(() => api.app.close());

const asked: string[] = [];
const client = createClient({
  ...{ url, apiKey: api.adminKey },
  fetch: async (input, init) => {
    asked.push(new URL(input instanceof Request ? input.url : input).search);
    return fetch(input, init);
  },
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('lists', () => {
  it('are read entry by entry, over all of their pages', async () => {
    const users = await collect(client.all.listScores({ platformId: 'lms', limit: 3 }));
    assert.deepEqual(users.map(({ userId }) => userId).toSorted(), ['u-0', 'u-1', 'u-2', 'u-3', 'u-4', 'u-5', 'u-6']);
  });

  it('ask for no page that nobody reads', async () => {
    asked.length = 0;
    for await (const { userId } of client.all.listScores({ limit: 3 })) if (userId !== '') break;
    assert.deepEqual(asked, ['?limit=3']);
  });

  it('are read page by page, with the cursor of each', async () => {
    const pages = await collect(client.pages.listScores({ limit: 3 }));
    assert.deepEqual(
      pages.map(({ scores, nextCursor }) => [scores.length, nextCursor !== null]),
      [
        [3, true],
        [3, true],
        [1, false],
      ],
    );
    const [first] = pages;
    assert.ok(first?.nextCursor);
    const rest = await collect(client.all.listScores({ limit: 3, cursor: first.nextCursor }));
    assert.equal(rest.length, 4);
  });

  it('of changes end when all is read for now, and go on from there', async () => {
    const since = '2020-01-01T00:00:00Z';
    const pages = await collect(client.pages.listScores({ updatedAfter: since, limit: 5 }));
    assert.deepEqual(
      pages.map(({ scores }) => scores.length),
      [5, 2, 0],
    );
    const cursor = pages.at(-1)?.nextCursor;
    assert.ok(cursor);
    assert.deepEqual(
      (await collect(client.pages.listScores({ cursor }))).map(({ scores }) => scores.length),
      [0],
    );
  });

  it('take several values of one filter', async () => {
    const found = await collect(client.all.listScores({ state: ['due', 'rejected'] }));
    assert.equal(found.length, 7);
    assert.equal((await collect(client.all.listScores({ state: ['rejected'] }))).length, 0);
  });
});
