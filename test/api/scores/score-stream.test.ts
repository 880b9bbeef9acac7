import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, parseJson, problemOf, type Json } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform } from '../../helpers/factories.js';

const api = await createTestApi();
const { db, app, sends } = api;
const platform = await insertPlatform(db, { platformId: 'lms' });
const context = await insertContext(db, { deployment: platform.deployment, contextId: 'course' });
const column = await insertLineItem(db, { context: context.id });
const address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
after(() => app.close());

const line = (userId: string, change: Record<string, unknown> = {}): string =>
  JSON.stringify({
    ...{ platformId: 'lms', contextId: 'course', lineItem: { id: column.line_item_id } },
    ...{ userId, scoreGiven: 5, scoreMaximum: 10, ...change },
  });

function openRequest(): http.ClientRequest {
  return http.request(new URL('/v1/scores', address), {
    method: 'POST',
    headers: { authorization: `Bearer ${api.adminKey}`, 'content-type': 'application/x-ndjson' },
  });
}

function open(): { request: http.ClientRequest; lines: Promise<Json[]> } {
  const request = openRequest();
  const lines = responseOf(request).then(async (response) => {
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
    return text.split('\n').filter(Boolean).map(parseJson);
  });
  lines.catch(() => undefined);
  return { request, lines };
}

function responseOf(request: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => request.once('response', resolve).once('error', reject));
}

async function send(body: string | Buffer): Promise<Json[]> {
  const { request, lines } = open();
  request.end(body);
  return lines;
}

async function usersLike(prefix: string): Promise<string[]> {
  const rows = await queryRows<{ user_id: string }>(
    db,
    'select user_id from scores where user_id like ? order by user_id',
    [`${prefix}%`],
  );
  return rows.map((row) => row.user_id);
}

test('answers each line in order and ends with the counts', async () => {
  const answers = await send(
    `${line('a-1')}\n\n${line('a-2')}\r\n   \n${line('a-2')}\n${line('a-3', { scoreGiven: -1 })}`,
  );
  assert.equal(answers.length, 5);
  const outcomes = answers.slice(0, 4).map((answer) => [at(answer, 'index'), at(answer, 'outcome')]);
  assert.deepEqual(outcomes, [
    [0, 'accepted'],
    [1, 'accepted'],
    [2, 'unchanged'],
    [3, 'invalid'],
  ]);
  const last = answers[4];
  assert.deepEqual(
    [at(last, 'accepted'), at(last, 'unchanged'), at(last, 'superseded'), at(last, 'invalid')],
    [2, 1, 0, 1],
  );
  assert.equal(at(last, 'workflows', 0, 'workflowId'), `send/${context.gate}`);
});

test('takes a byte order mark, and the last line without a newline', async () => {
  const answers = await send(`\uFEFF${line('bom-1')}\n${line('bom-2')}`);
  assert.equal(at(answers[2], 'accepted'), 2);
});

test('refuses lines that are no JSON, no object, no UTF-8 or too long, and goes on', async () => {
  const bad = Buffer.concat([
    Buffer.from(`{"scoreGiven": NaN}\n42\n"text"\n`),
    Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]),
    Buffer.from(`{"comment": "${'x'.repeat(1_500_000)}"}\n`),
    Buffer.from(`${line('bad-last')}\n`),
  ]);
  const answers = await send(bad);
  const problems = answers.slice(0, 6).map((answer) => problemOf(at(answer, 'problem')));
  assert.deepEqual(problems, [
    'malformed-line',
    'invalid-score',
    'invalid-score',
    'malformed-line',
    'line-too-long',
    undefined,
  ]);
  assert.deepEqual([at(answers[6], 'accepted'), at(answers[6], 'invalid')], [1, 5]);
});

test('answers an empty stream with counts of zero', async () => {
  const answers = await send('');
  assert.equal(answers.length, 1);
  assert.equal(at(answers[0], 'accepted'), 0);
});

test('answers a line before the next one is sent', async () => {
  const request = openRequest();
  request.write(`${line('live-1')}\n`);
  const response = await responseOf(request);
  const first = await new Promise<string>((resolve) =>
    response.once('data', (chunk: Buffer) => resolve(chunk.toString())),
  );
  assert.equal(at(parseJson(first), 'outcome'), 'accepted');
  request.end(`${line('live-2')}\n`);
  response.resume();
  await once(response, 'end');
  assert.deepEqual(await usersLike('live-'), ['live-1', 'live-2']);
});

test('takes the scores of a course that is launched while the stream is open', async () => {
  const request = openRequest();
  request.write(`${line('early', { contextId: 'launched late' })}\n`);
  const response = await responseOf(request);
  const answers: string[] = [];
  response.setEncoding('utf8').on('data', (text: string) => answers.push(text));
  await eventually('the first answer', () => answers.join('').includes('unknown-context'));
  await insertContext(db, { deployment: platform.deployment, contextId: 'launched late' });
  request.end(`${line('late', { contextId: 'launched late' })}\n`);
  await once(response, 'end');
  assert.equal(at(parseJson(answers.join('').trim().split('\n').at(-1) ?? ''), 'accepted'), 1);
});

test('keeps the whole lines of a broken connection, drops the half one, and wakes their course', async () => {
  sends.length = 0;
  const whole = Array.from({ length: 700 }, (_, index) => `${line(`broken-${String(index).padStart(3, '0')}`)}\n`).join(
    '',
  );
  const { request } = open();
  request.on('error', () => undefined);
  request.write(whole);
  request.write(line('broken-half').slice(0, -5));
  await eventually('the whole lines', async () => (await usersLike('broken-')).length >= 500);
  request.destroy();
  const users = await eventually('all of them', async () => {
    const found = await usersLike('broken-');
    return found.length >= 700 ? found : undefined;
  });
  assert.equal(users.length, 700);
  await eventually('the wake', () => sends.some(({ gate }) => gate === context.gate));
});

test('stays alive and keeps what came when a caller leaves without reading its answers', async () => {
  const socket = net.connect(Number(address.port), address.hostname);
  socket.on('error', () => undefined);
  const head = `POST /v1/scores HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.adminKey}\r\ncontent-type: application/x-ndjson\r\n`;
  const body = `${line('left-1')}\n${line('left-2')}\n`;
  socket.write(`${head}content-length: ${body.length + 100}\r\n\r\n${body}`);
  await eventually('the scores', async () => (await usersLike('left-')).length === 2);
  socket.resetAndDestroy();
  const alive = await api.call('GET', '/livez');
  assert.equal(alive.status, 200);
});

test('takes 50,000 lines in flat memory', { timeout: 120_000 }, async () => {
  const count = 50_000;
  const { request, lines } = open();
  let most = 0;
  const before = process.memoryUsage().rss;
  for (let index = 0; index < count; index += 1) {
    if (!request.write(`${line(`many-${index}`, { submit: 'nightly' })}\n`)) await once(request, 'drain');
    if (index % 1_000 === 0) most = Math.max(most, process.memoryUsage().rss - before);
  }
  request.end();
  const answers = await lines;
  assert.equal(at(answers.at(-1), 'accepted'), count);
  assert.equal(at(answers[count - 1], 'index'), count - 1);
  assert.ok(most < 250_000_000, `it grew by ${Math.round(most / 1e6)} MB`);
});

test('answers a caller in full that reads nothing before it has sent everything', { timeout: 120_000 }, async () => {
  const socket = net.connect(Number(address.port), address.hostname);
  socket.pause();
  const head = `POST /v1/scores HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${api.adminKey}\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n`;
  socket.write(head);
  // Invalid lines: long answers, and no work for the database. Far more of them than sockets hold.
  const lines = `${JSON.stringify({ userId: 'x'.repeat(40) })}\n`.repeat(5_000);
  const chunk = `${lines.length.toString(16)}\r\n${lines}\r\n`;
  for (let sent = 0; sent < 30; sent += 1) if (!socket.write(chunk)) await once(socket, 'drain');
  socket.write('0\r\n\r\n');
  let answers = 0;
  let tail = '';
  for await (const part of socket) {
    const text = String(part);
    answers += text.split('"outcome":"invalid"').length - 1;
    tail = (tail + text).slice(-400);
  }
  assert.ok(Math.abs(answers - 150_000) < 2_000, `${answers} answers; some stand across two parts`);
  assert.match(tail, /"invalid":150000/);
});

test('reads so many streams at once and asks the others to wait', async () => {
  const opened = Array.from({ length: 32 }, () => openRequest());
  for (const request of opened) request.write(`${line('crowd-1')}\n`);
  const responses = await Promise.all(opened.map(responseOf));
  assert.deepEqual([...new Set(responses.map(({ statusCode }) => statusCode))], [202]);

  const late = openRequest();
  late.end(`${line('crowd-2')}\n`);
  const refused = await responseOf(late);
  let text = '';
  for await (const chunk of refused.setEncoding('utf8')) text += String(chunk);
  assert.equal(refused.statusCode, 429);
  assert.equal(refused.headers['retry-after'], '5');
  assert.equal(at(parseJson(text), 'type'), 'urn:passback:problem:too-many-streams');

  // One that breaks off gives its place back like one that ends.
  opened[0]?.destroy();
  for (const request of opened.slice(1)) request.end();
  for (const response of responses.slice(1)) response.resume();
  await eventually('a place', async () => {
    const answers = await send(`${line('crowd-2')}\n`);
    return at(answers[0], 'outcome') === 'accepted';
  });
});
