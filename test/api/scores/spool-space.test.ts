import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { createAnswerSpool } from '../../../api/scores/answer-spool.js';
import { createSpoolSpace } from '../../../api/spool-space.js';
import { ProblemError } from '../../../api/problems.js';
import { createTestApi, problemOf } from '../../helpers/app.js';

const isFull = (error: unknown): boolean => error instanceof ProblemError && error.problem.type.endsWith('spool-full');

test('files of all requests share the room, and give it back when they are closed', async () => {
  const space = createSpoolSpace({ limitBytes: 10 });
  const [one, other] = [await space.openFile(), await space.openFile()];
  await one.append(Buffer.from('123456'));
  await assert.rejects(other.append(Buffer.from('12345')), isFull);
  await other.append(Buffer.from('1234'));
  await one.close();
  await one.close();
  await other.append(Buffer.from('567890'));
  const read = Buffer.alloc(20);
  assert.equal(await other.read(read, 2), 8);
  assert.equal(read.toString('utf8', 0, 8), '34567890');
  await other.close();
});

test('answers that nobody takes come to an end, of which the caller is told after those that it has', async () => {
  const output = new PassThrough({ highWaterMark: 4 });
  const spool = createAnswerSpool(output, createSpoolSpace({ limitBytes: 12 }));
  await spool.write('first\n');
  await spool.write('second\n');
  await assert.rejects(spool.write('third\n'), isFull);
  const ended = spool.end('that was all\n');
  assert.equal(await text(output), 'first\nsecond\nthat was all\n');
  await ended;
});

test('a file for which there is no room is refused, and one after it is taken', async () => {
  const api = await createTestApi({ settings: { spoolLimitBytes: 1_000 } });
  after(() => api.app.close());
  const headers = { 'content-type': 'text/csv' };
  const head = 'platformId,contextId,lineItem,userId,scoreGiven,scoreMaximum';
  const upload = (body: string): ReturnType<typeof api.call> =>
    api.call('POST', '/v1/backfills?reason=x&author=Ada', { body, headers });
  const refused = await upload(`${head}\n${'x'.repeat(2_000)}`);
  assert.deepEqual([refused.status, problemOf(refused.body)], [503, 'spool-full']);
  assert.equal(refused.headers['retry-after'], '30');
  assert.notEqual((await upload(`${head}\nlms,bio,essay,anna,5,10`)).status, 503);
});
