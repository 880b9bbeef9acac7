import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { createTestApi } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform } from '../../helpers/factories.js';
import { connectRaw, headOf, type RawConnection } from '../../helpers/raw-connection.js';

/** A stream brings 300 bytes within it. */
const BODY_TIMEOUT_MS = 1_500;
const api = await createTestApi({
  settings: { connections: { headersTimeoutMs: 1_000, bodyTimeoutMs: BODY_TIMEOUT_MS, streamLeastRate: 200, most: 5 } },
});
const { db, app } = api;
const address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
after(() => app.close());
const platform = await insertPlatform(db, { platformId: 'lms' });
const context = await insertContext(db, { deployment: platform.deployment, contextId: 'course' });
const column = await insertLineItem(db, { context: context.id });

const key = `authorization: Bearer ${api.adminKey}`;
const CHUNKED = 'transfer-encoding: chunked';
const NDJSON = 'content-type: application/x-ndjson';
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const line = (userId: string): string =>
  `${JSON.stringify({
    ...{ platformId: 'lms', contextId: 'course', lineItem: { id: column.line_item_id } },
    ...{ userId, scoreGiven: 5, scoreMaximum: 10 },
  })}\n`;

/** Writes a little every now and then, until the other side has had enough. */
async function dribble(connection: RawConnection, text: string): Promise<void> {
  const timer = setInterval(() => connection.write(text), 100);
  await eventually('the end of the connection', () => connection.isClosed(), 8_000).finally(() => clearInterval(timer));
}

test('ends a connection that says nothing, and one whose head does not end', async () => {
  const silent = await connectRaw(address);
  const slow = await connectRaw(address);
  slow.write('GET /livez HTTP/1.1\r\nhost: passback\r\nx-long: ');
  await dribble(slow, 'x');
  await eventually('the end of the silent connection', () => silent.isClosed(), 8_000);
});

test('answers 408 to a body that does not come in time, and hangs up', async () => {
  const connection = await connectRaw(address);
  connection.write(headOf('POST', '/v1/scores', [key, 'content-type: application/json', 'content-length: 90000']));
  await dribble(connection, '{');
  assert.match(connection.received(), /^HTTP\/1.1 408 [^]*problem:body-too-slow/);
});

test('gives up on a stream without its least rate: what came is kept, and the last line says why', async () => {
  const connection = await connectRaw(address);
  connection.write(headOf('POST', '/v1/scores', [key, NDJSON, CHUNKED]));
  connection.write(chunk(line('slow')));
  await dribble(connection, chunk(' '));
  assert.match(
    connection.received(),
    /"outcome":"accepted"[^]*\{"problem":\{"type":"urn:passback:problem:body-too-slow"/,
  );
  assert.equal((await queryRows(db, `select 1 from scores where user_id = 'slow'`)).length, 1);
});

test('marks the upload of a backfill as incomplete that came to a halt', async () => {
  const connection = await connectRaw(address);
  connection.write(headOf('POST', '/v1/backfills?reason=halted&author=Ada', [key, 'content-type: text/csv', CHUNKED]));
  connection.write(chunk(`platformId,contextId,lineItemId,userId,scoreGiven\n${'lms,course,x,a,5\n'.repeat(300_000)}`));
  await dribble(connection, chunk(' '));
  assert.match(connection.received(), /^HTTP\/1.1 408 /);
  const [backfill] = await queryRows<{ state: string }>(db, `select state from backfills where reason = 'halted'`);
  assert.equal(backfill?.state, 'failed');
});

test('lets a stream run for longer than that as long as it keeps its rate', async () => {
  const connection = await connectRaw(address);
  connection.write(headOf('POST', '/v1/scores', [key, NDJSON, CHUNKED]));
  const begun = performance.now();
  let sent = 0;
  const timer = setInterval(() => connection.write(chunk(line(`steady-${(sent += 1)}`))), 100);
  await eventually('three times the deadline', () => performance.now() - begun > 3 * BODY_TIMEOUT_MS);
  clearInterval(timer);
  connection.write('0\r\n\r\n');
  await eventually('the counts', () => connection.received().includes(`"accepted":${sent},`));
  connection.destroy();
});

test('closes connections beyond its cap as they come, and takes others when those have ended', async () => {
  const held = await Promise.all(Array.from({ length: 5 }, () => connectRaw(address)));
  const beyond = await connectRaw(address);
  await eventually('the end of one too many', () => beyond.isClosed(), 500);
  for (const connection of held) connection.destroy();
  await eventually('an answer', () =>
    fetch(new URL('/livez', address)).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
});
