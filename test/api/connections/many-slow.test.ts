import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { makeSecret } from '../../../api/bearer-secret.js';
import { createTestApi, textAt } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform } from '../../helpers/factories.js';
import { connectRaw, headOf, type RawConnection } from '../../helpers/raw-connection.js';
import { createSource, namingMapping, signStandard } from '../../helpers/webhooks.js';

/** Connections of each kind. */
const MANY = 500;
const FLOOD = 5_000;
/** What is asked for; half of it at most was seen. This file runs alone (test/helpers/processes-of-run.ts). */
const ANSWERED_WITHIN_MS = 1_000;

/** What the client says first, and then again and again. */
interface Slowness {
  first: string;
  again: string;
}

const api = await createTestApi({ settings: { callerCacheMs: 10_000 } });
const address = new URL(await api.app.listen({ host: '127.0.0.1', port: 0 }));
after(() => api.app.close());
const platform = await insertPlatform(api.db, { platformId: 'lms' });
const context = await insertContext(api.db, { deployment: platform.deployment, contextId: 'course' });
await insertLineItem(api.db, { context: context.id });
await createSource(api, { name: 'standard', mapping: namingMapping('lms') });
const made = await api.call('POST', '/v1/backfills?reason=watched&author=Ada', {
  headers: { 'content-type': 'text/csv' },
  body: 'platformId,contextId,lineItemId,userId,scoreGiven,scoreMaximum\nlms,course,1,ada,5,10\n',
});
const key = `authorization: Bearer ${api.adminKey}`;
const long = ['content-type: application/json', 'content-length: 1000000'];
const signed = Object.entries(signStandard('{}')).map(([name, value]) => `${name}: ${value}`);
const kinds: Record<string, Slowness> = {
  'heads that do not end': { first: 'GET /livez HTTP/1.1\r\nhost: passback\r\nx-long: ', again: 'x' },
  'bodies after a 401': { first: headOf('POST', '/v1/scores', long), again: '{' },
  'webhooks of a signed look': {
    first: headOf('POST', '/v1/webhooks/standard', [...long, ...signed]),
    again: '{'.repeat(5_000),
  },
  'event streams that nobody reads': {
    first: headOf('GET', `/v1/backfills/${textAt(made.body, 'id')}/events`, [key]),
    again: '',
  },
  'streams of scores': {
    first: headOf('POST', '/v1/scores', [key, 'content-type: application/x-ndjson', 'transfer-encoding: chunked']),
    again: '1\r\n \r\n',
  },
};

/** The longest that a client waited who asks for this and that, one after the other, for some seconds. */
async function longestWait(): Promise<number> {
  let longest = 0;
  for (let round = 0; round < 10; round += 1) {
    for (const path of ['/livez', '/readyz', '/v1/contexts', '/v1/scores']) {
      const begun = performance.now();
      const answer = await fetch(new URL(path, address), { headers: { authorization: `Bearer ${api.adminKey}` } });
      await answer.text();
      assert.equal(answer.status, 200, path);
      longest = Math.max(longest, performance.now() - begun);
    }
    await eventually('the next round', () => true);
  }
  return longest;
}

for (const [kind, { first, again }] of Object.entries(kinds)) {
  test(`answers others soon beside ${MANY} slow connections: ${kind}`, async (t) => {
    const slow: RawConnection[] = await Promise.all(Array.from({ length: MANY }, () => connectRaw(address)));
    const heldBefore = process.memoryUsage().rss;
    for (const connection of slow) {
      if (again === '') connection.pause();
      connection.write(first);
    }
    const timer = setInterval(() => {
      for (const connection of slow) if (again !== '') connection.write(again);
    }, 100);
    const waited = await longestWait().finally(() => clearInterval(timer));
    const heldMb = Math.round((process.memoryUsage().rss - heldBefore) / 1_000_000);
    t.diagnostic(`longest answer ${Math.round(waited)} ms, ${heldMb} MB more`);
    for (const connection of slow) connection.destroy();
    assert.ok(waited < ANSWERED_WITHIN_MS, `${waited} ms`);
    assert.ok(heldMb < 250, `${heldMb} MB`);
  });
}

test(`answers others soon beside ${FLOOD} requests with wrong keys`, async (t) => {
  let statements = 0;
  const count = ({ sql }: { sql: string }): void => void (/api_keys/.test(sql) && (statements += 1));
  api.db.on('query', count);
  const connections = await Promise.all(Array.from({ length: 20 }, () => connectRaw(address)));
  for (const connection of connections) {
    const ask = (): string => headOf('GET', '/v1/scores', [`authorization: Bearer ${makeSecret()}`]);
    connection.write(Array.from({ length: FLOOD / 20 }, ask).join(''));
  }
  const waited = await longestWait();
  const statuses = (): string[] => connections.flatMap((one) => one.received().match(/HTTP\/1.1 \d+/g) ?? []);
  await eventually('all answers', () => statuses().length === FLOOD, 60_000);
  for (const connection of connections) connection.destroy();
  api.db.off('query', count);
  t.diagnostic(`longest answer ${Math.round(waited)} ms, ${statements} statements`);
  assert.ok(waited < ANSWERED_WITHIN_MS, `${waited} ms`);
  assert.deepEqual([...new Set(statuses())].toSorted(), ['HTTP/1.1 401', 'HTTP/1.1 429']);
  assert.ok(statements < 120, `${statements} statements`);
});
