import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { findFreePort } from '../../dev/machine/free-port.js';
import { API_PROCESS_KEY, startApiProcess } from '../helpers/api-process.js';
import { at, parseJson, textAt } from '../helpers/app.js';
import { eventually } from '../helpers/database.js';
import { connectRaw, headOf } from '../helpers/raw-connection.js';
import { createRig } from '../helpers/rig.js';

const rig = await createRig({ withWorkers: false });
const KEY = `authorization: Bearer ${API_PROCESS_KEY}`;
const CHUNKED = 'transfer-encoding: chunked';
const HEAD = 'platformId,contextId,lineItemId,userId,scoreGiven,scoreMaximum\n';
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

test('ends in good order on SIGTERM, with an upload, a stream of scores, an event stream and half a request open', async () => {
  const course = await rig.createCourse({ students: 1 });
  const api = await startApiProcess(rig, await findFreePort());
  const address = new URL(api.url);
  const made = await fetch(new URL('/v1/backfills?reason=followed&author=Ada', address), {
    ...{ method: 'POST', body: `${HEAD}lms,course,1,ada,5,10\n` },
    headers: { 'content-type': 'text/csv', authorization: `Bearer ${API_PROCESS_KEY}` },
  });
  const id = textAt(parseJson(await made.text()), 'id');
  const [events, upload, scores, half, idle] = await Promise.all(Array.from({ length: 5 }, () => connectRaw(address)));
  if (!events || !upload || !scores || !half || !idle) throw new Error('no connections');
  events.write(headOf('GET', `/v1/backfills/${id}/events`, [KEY]));
  upload.write(headOf('POST', '/v1/backfills?reason=cut&author=Ada', [KEY, 'content-type: text/csv', CHUNKED]));
  upload.write(chunk(HEAD));
  scores.write(headOf('POST', '/v1/scores', [KEY, 'content-type: application/x-ndjson', CHUNKED]));
  const { platformId, contextId, columns, students } = course;
  const score = {
    platformId,
    contextId,
    lineItem: { id: columns[0] },
    userId: students[0],
    scoreGiven: 1,
    scoreMaximum: 10,
  };
  scores.write(chunk(`${JSON.stringify(score)}\n`));
  half.write('GET /livez HTTP/1.1\r\nhost: pass');
  idle.write(headOf('GET', '/livez'));
  await eventually('an event', () => events.received().includes('event: progress'));
  await eventually('the answer to a score', () => scores.received().includes('"accepted"'));
  await eventually('the upload', async () =>
    queryRows(rig.db, `select 1 from backfills where reason = 'cut'`).then(({ length }) => length > 0),
  );

  const begun = performance.now();
  const stopped = api.stop();
  const refused = await eventually('an API that is not ready', async () => {
    const answer = await fetch(new URL('/readyz', address)).catch(() => undefined);
    return answer?.status === 503 && answer;
  });
  if (refused) assert.equal(at(parseJson(await refused.text()), 'database'), 'ok');
  assert.equal((await fetch(new URL('/livez', address))).status, 200);
  assert.equal(await stopped, 0);
  assert.ok(performance.now() - begun < 11_000);
  assert.match(events.received(), /event: stopping/);
  assert.match(scores.received(), /"outcome":"accepted"[^]*problem:stopping/);
  assert.match(upload.received(), /^HTTP\/1.1 503 [^]*problem:stopping/);
  const [cut] = await queryRows<{ state: string }>(rig.db, `select state from backfills where reason = 'cut'`);
  assert.equal(cut?.state, 'failed');
});
