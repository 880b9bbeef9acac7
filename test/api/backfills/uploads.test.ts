import assert from 'node:assert/strict';
import { createServer, request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { at, problemOf, textAt } from '../../helpers/app.js';
import { createBackfillApi, HEAD, rowOf } from '../../helpers/backfill-api.js';
import { eventually } from '../../helpers/database.js';
import { insertContext, insertMembership, insertServiceKey } from '../../helpers/factories.js';

const api = await createBackfillApi();
const { db, call, upload, uploadBytes, previewOf } = api;

test('reads a file with a byte order mark, semicolons, quotes, decimal commas and Windows line ends', async () => {
  const file = Buffer.from(
    [
      '\uFEFFsep=;',
      'Platform ID;Context ID;Line-Item-ID;"User ID";Score_Given;scoreMaximum;comment;Teacher',
      'lms;bio;https://lms.example/quiz;"u;1";7,5;10;"He said ""well""\r\nand left";Müller',
      '',
      'lms;bio;https://lms.example/quiz;u2;3;10;;',
      '',
    ].join('\r\n'),
  );
  const answer = await uploadBytes(file);
  const { id, kinds, problems, changes } = await previewOf(answer);
  assert.deepEqual(problems, []);
  assert.deepEqual(kinds, { given: 2 });
  assert.deepEqual(
    [at(changes, 0, 'userId'), at(changes, 0, 'after', 'scoreGiven'), at(changes, 1, 'line')],
    ['u;1', 7.5, 6],
  );
  const facts = at((await call('GET', `/v1/backfills/${id}`)).body, 'upload');
  assert.deepEqual(
    [at(facts, 'delimiter'), at(facts, 'ignoredColumns'), at(facts, 'encoding')],
    [';', ['Teacher'], 'utf-8'],
  );
  assert.deepEqual(await commentsOf(id), ['He said "well"\nand left', null]);
});

test('takes a file that is not UTF-8 for the Windows-1252 of a spreadsheet', async () => {
  const file = Buffer.from(`${HEAD},comment\n${rowOf('plain', 3)},\n${rowOf('mueller', 4)},Müller\n`, 'latin1');
  const { id, problems } = await previewOf(await uploadBytes(file));
  assert.deepEqual(problems, []);
  assert.deepEqual(await commentsOf(id), [null, 'Müller']);
});

test('refuses single lines that are not UTF-8 in a file that is', async () => {
  const bad = Buffer.concat([Buffer.from(`${rowOf('b', 4)},`), Buffer.from([0xe9]), Buffer.from('\n')]);
  const file = Buffer.concat([Buffer.from(`${HEAD},comment\n${rowOf('a', 3)},é\n`), bad]);
  const { problems, kinds } = await previewOf(await uploadBytes(file));
  assert.deepEqual(problems, [
    { line: 3, type: 'malformed-line', detail: 'The line is not valid UTF-8.', otherLine: null },
  ]);
  assert.deepEqual(kinds, { given: 1 });
});

test('names the columns that a file lacks, and stores nothing', async () => {
  const before = await count('backfills');
  const answer = await upload('platformId,userId,points\nlms,u,3\n');
  assert.deepEqual([answer.status, problemOf(answer.body)], [422, 'invalid-file']);
  assert.match(
    textAt(answer.body, 'detail'),
    /Missing: contextId; scoreGiven; lineItemId, resourceLinkId or resourceId/,
  );
  assert.equal(problemOf((await upload('')).body), 'invalid-file');
  assert.equal(await count('backfills'), before);
});

test('collects what is wrong with single lines under their numbers, and takes the others', async () => {
  const file = [HEAD, rowOf('a', 'seven'), rowOf('b', -1), 'lms,bio', rowOf('', 3), rowOf('e', 4), ''].join('\n');
  const { problems, kinds } = await previewOf(await upload(file));
  assert.deepEqual(
    (Array.isArray(problems) ? problems : []).map((problem) => [at(problem, 'line'), at(problem, 'detail')]),
    [
      [2, 'scoreGiven must be a number.'],
      [3, 'scoreGiven must not be negative.'],
      [4, 'It has 2 cells, the first line 6.'],
      [5, 'userId is missing.'],
    ],
  );
  assert.deepEqual(kinds, { given: 1 });
});

test('gives its problems as a file', async () => {
  const { id } = await previewOf(await upload([HEAD, rowOf('a', 'x'), rowOf('b', 1), ''].join('\n')));
  const report = await call('GET', `/v1/backfills/${id}/problems?format=csv`);
  assert.equal(report.text, 'line,type,detail,otherLine\r\n2,invalid-score,scoreGiven must be a number.,\r\n');
  const changes = await call('GET', `/v1/backfills/${id}/changes?format=csv`);
  assert.match(changes.text, /^3,lms,bio,https:\/\/lms.example\/quiz,,,,b,given,,,1,10,unsent,,,,\r\n/m);
});

test('refuses both lines that give one cell different scores, each naming the other', async () => {
  const file = [HEAD, rowOf('a', 3), rowOf('b', 3), rowOf('a', 4), rowOf('b', 3), ''].join('\n');
  const { problems, kinds } = await previewOf(await upload(file));
  assert.deepEqual(
    (Array.isArray(problems) ? problems : []).map((problem) => [at(problem, 'line'), at(problem, 'otherLine')]),
    [
      [2, 4],
      [4, 2],
    ],
  );
  assert.deepEqual(kinds, { refused: 2, given: 1, repeated: 1 });
});

test('blocks students whom the roster does not have, and goes on with the others', async () => {
  const { id: other } = await insertContext(db, {
    deployment: api.deployment,
    contextId: 'rostered',
    columns: { roster_read: 1, roster_read_at: new Date() },
  });
  await insertServiceKey(db, { context: other });
  for (const user of ['u0', 'u1', 'u2', 'u3', 'u4', 'u5', 'u6'])
    await insertMembership(db, { context: other, userId: user });
  const rows = Array.from({ length: 10 }, (_, n) => `lms,rostered,https://lms.example/new,u${n},5,10`);
  const { kinds, problems } = await previewOf(await upload([HEAD, ...rows, ''].join('\n')));
  assert.deepEqual(kinds, { given: 7, blocked: 3 });
  assert.equal(at(problems, 0, 'type'), 'unknownStudent');
});

for (const [what, file, type] of [
  ['CSV', `${HEAD}\n${rowOf('a', 3)}\nlms,bio,https://lms.exam`, 'text/csv'],
  [
    'CSV whose last rows may be short and',
    `${HEAD}\n${rowOf('a', 3)}\nlms,bio,https://lms.example/quiz,b,1`,
    'text/csv',
  ],
  ['quoted CSV', `${HEAD}\n${rowOf('a', 3)}\nlms,bio,"https://lms.exam`, 'text/csv'],
  [
    'NDJSON',
    '{"platformId":"lms","contextId":"bio","userId":"a","lineItem":{"id":"q"},"scoreGiven":3}\n{"platf',
    'application/x-ndjson',
  ],
] as const) {
  test(`uses nothing of a ${what} file that ends in the middle, and says so`, async () => {
    const answer = await uploadBytes(Buffer.from(file), type);
    assert.deepEqual([answer.status, problemOf(answer.body)], [422, 'invalid-file']);
    const [, id = ''] = /backfill ([\w-]{36})/.exec(textAt(answer.body, 'detail')) ?? [];
    const failed = await call('GET', `/v1/backfills/${id}`);
    assert.deepEqual([at(failed.body, 'state'), at(failed.body, 'failure', 'type')], ['failed', 'FileEndsInTheMiddle']);
    assert.equal(await count('backfill_items', { backfill: id }), 0);
  });
}

test('uses nothing of an upload whose connection breaks', async () => {
  await api.app.ready();
  const server = createServer((request, response) => api.app.routing(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const client = httpRequest({
    ...{ port, method: 'POST', path: '/v1/backfills?reason=broken&author=Ada' },
    headers: { authorization: `Bearer ${api.adminKey}`, 'content-type': 'text/csv' },
  });
  client.on('error', () => undefined);
  client.write(`${HEAD}\n`);
  for (let n = 0; n < 6_000; n += 1) client.write(`${rowOf(`u${n}`, 3)}\n`);
  await eventually('a page is stored', async () => (await count('backfills', { reason: 'broken' })) > 0);
  client.destroy();
  await eventually('it has failed', async () => {
    const failed = { reason: 'broken', state: 'failed', failure_type: 'UploadIncomplete' };
    return (await count('backfills', failed)) === 1;
  });
  server.close();
});

async function commentsOf(backfill: string): Promise<(string | null)[]> {
  const rows = await queryRows<{ comment: string | null }>(
    db,
    `select more ->> 'comment' as comment from backfill_items where backfill = ? order by line`,
    [backfill],
  );
  return rows.map(({ comment }) => comment);
}

async function count(table: string, where: Record<string, string> = {}): Promise<number> {
  const found: unknown[] = await db(table).where(where).select(db.raw('1'));
  return found.length;
}
