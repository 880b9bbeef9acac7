import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createTestApi, textAt } from '../../helpers/app.js';
import { asApp, createTestDatabase, eventually } from '../../helpers/database.js';
import { insertApiKey } from '../../helpers/factories.js';
import { connectRaw, headOf, type RawConnection } from '../../helpers/raw-connection.js';

/** Of one API key. */
const MOST = 16;
const NOBODYS = '00000000-0000-4000-8000-000000000000';
const { db } = await createTestDatabase();
const api = await createTestApi({ db });
const { app, call, adminKey } = api;
const address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
after(() => app.close());

const made = await call('POST', '/v1/backfills?reason=watched&author=Ada', {
  headers: { 'content-type': 'text/csv' },
  body: 'platformId,contextId,lineItemId,userId,scoreGiven,scoreMaximum\nlms,course,1,ada,5,10\n',
});
const backfill = textAt(made.body, 'id');

async function follow(key = adminKey): Promise<RawConnection> {
  const connection = await connectRaw(address);
  connection.write(headOf('GET', `/v1/backfills/${backfill}/events`, [`authorization: Bearer ${key}`]));
  await eventually('the head of the answer', () => connection.received().includes('\r\n\r\n'));
  return connection;
}

test('opens so many for one key and no more, which together look at a backfill once a second or so', async () => {
  const streams = await Promise.all(Array.from({ length: MOST }, () => follow()));
  const beyond = await follow();
  assert.match(beyond.received(), /^HTTP\/1.1 429 [^]*retry-after: 5[^]*too-many-streams/i);
  const gone = await call('GET', `/v1/backfills/${NOBODYS}/events`);
  assert.equal(gone.status, 429, 'whom there is no place for costs no look');
  const other = await insertApiKey(db, { scopes: ['read'] });
  streams.push(await follow(other.secret));
  for (const stream of streams) assert.match(stream.received(), /^HTTP\/1.1 200 /);
  await Promise.all(streams.map((stream) => eventually('an event', () => /event: progress/.test(stream.received()))));
  for (const stream of streams) stream.pause();

  let looks = 0;
  const count = ({ sql }: { sql: string }): void => void (/from backfills/.test(sql) && (looks += 1));
  asApp(db).on('query', count);
  const begun = performance.now();
  await eventually('three seconds', () => performance.now() - begun > 3_000);
  asApp(db).off('query', count);
  assert.ok(looks >= 2 && looks <= 18, `${looks} looks in three seconds`);

  for (const stream of [...streams, beyond]) stream.destroy();
  await eventually('a place for another', async () => {
    const stream = await follow();
    stream.destroy();
    return stream.received().startsWith('HTTP/1.1 200');
  });
});

test('whoever asks for a backfill that there is not takes no place', async () => {
  for (let asked = 0; asked <= MOST; asked += 1) {
    assert.equal((await call('GET', `/v1/backfills/${NOBODYS}/events`)).status, 404);
  }
});

test('tells those who follow that the process stops, and ends with them', async () => {
  const stream = await follow();
  await eventually('an event', () => /event: progress/.test(stream.received()));
  const begun = performance.now();
  await app.close();
  assert.ok(performance.now() - begun < 2_000);
  assert.match(stream.received(), /event: stopping\ndata: \{\}/);
  await eventually('the end of the connection', () => stream.isClosed());
});
