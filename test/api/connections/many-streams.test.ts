import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createTestApi } from '../../helpers/app.js';
import { insertContext, insertLineItem, insertPlatform } from '../../helpers/factories.js';
import { sized } from '../../helpers/size.js';

const STREAMS = sized({ full: 300, quick: 60 });
const LINES = sized({ full: 500, quick: 200 });
/** Far below what a load balancer or a person waits; on a busy machine a request takes much longer than alone. */
const PATIENCE_MS = sized({ full: 15_000, quick: 5_000 });

/** Ten times sooner than they are asked to. */
const COME_AGAIN_MS = 500;

const { db, app, adminKey } = await createTestApi();
const platform = await insertPlatform(db, { platformId: 'lms' });
const context = await insertContext(db, { deployment: platform.deployment, contextId: 'course' });
const column = await insertLineItem(db, { context: context.id });
const address = await app.listen({ host: '127.0.0.1', port: 0 });
after(() => app.close());
const headers = { authorization: `Bearer ${adminKey}` };

function bodyOf(stream: number): string {
  const score = { platformId: 'lms', contextId: 'course', lineItem: { id: column.line_item_id }, scoreMaximum: 10 };
  const lines = Array.from({ length: LINES }, (_, line) =>
    JSON.stringify({ ...score, userId: `${stream}-${line}`, scoreGiven: 5 }),
  );
  return `${lines.join('\n')}\n`;
}

/** Sends one until it is let in; gives how often it was told to come again. */
async function deliver(stream: number): Promise<number> {
  for (let refused = 0; ; refused += 1) {
    const response = await fetch(new URL('/v1/scores', address), {
      ...{ method: 'POST', body: bodyOf(stream) },
      headers: { ...headers, 'content-type': 'application/x-ndjson' },
    });
    const text = await response.text();
    if (response.status === 202) {
      assert.match(text, new RegExp(`"accepted":${LINES}[,}]`));
      return refused;
    }
    assert.equal(response.status, 429, text);
    assert.equal(response.headers.get('retry-after'), '5');
    await delay(COME_AGAIN_MS);
  }
}

let longestMs = 0;
let others = 0;
async function otherRequest(): Promise<void> {
  const begun = performance.now();
  const response = await fetch(new URL('/v1/platforms', address), { headers });
  assert.equal(response.status, 200, await response.text());
  longestMs = Math.max(longestMs, performance.now() - begun);
  others += 1;
}

test(`answers others beside ${STREAMS} streams of ${LINES} lines at once, and takes each line of all that are let in`, async () => {
  const streams = Promise.all(Array.from({ length: STREAMS }, (_, stream) => deliver(stream)));
  let isOver = false;
  const end = (): void => void (isOver = true);
  streams.then(end, end);
  do await otherRequest();
  while (!isOver);
  const refused = await streams;
  assert.ok(refused.some((times) => times > 0), 'some were told to come again'); // prettier-ignore
  assert.ok(longestMs < PATIENCE_MS, `one of ${others} requests took ${Math.round(longestMs)} ms`);
  const rows = await db('scores').count<{ count: string }[]>();
  assert.equal(Number(rows[0]?.count), STREAMS * LINES);
});
