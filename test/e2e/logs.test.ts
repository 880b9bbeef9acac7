/** What API and worker log, as an operator collects it: loud, while an LMS fails, the night runs and both stop. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { findFreePort } from '../../dev/machine/free-port.js';
import { NIGHTLY_SCHEDULE_ID } from '../../workflows/names.js';
import { API_PROCESS_KEY, startApiProcess } from '../helpers/api-process.js';
import { at, parseJson, textAt, type Json } from '../helpers/app.js';
import { eventually } from '../helpers/database.js';
import { createRig } from '../helpers/rig.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

const rig = await createRig({ withWorkers: false });
const LOUD = { LOG_LEVEL: 'trace' };
const STUDENT = { userId: 'canary-user-1', name: 'Canary Name', email: 'canary@example.com' };
const WORDS = 'canary-words-of-the-lms';

test('no line of API and worker holds a secret or a student’s datum, and all that happened is in them', async () => {
  const course = await rig.createCourse({
    students: 2,
    context: {
      members: [{ ...STUDENT, givenName: 'CanaryGiven', familyName: 'CanaryFamily' }, { userId: 'canary-user-2' }],
    },
  });
  const port = await findFreePort();
  const [worker, api] = await Promise.all([startWorkerProcess(rig, LOUD), startApiProcess(rig, port, LOUD)]);
  const call = async (method: string, path: string, body?: Json): Promise<{ id: string | null; body: Json }> => {
    const answer = await fetch(new URL(path, api.url), {
      method,
      headers: { authorization: `Bearer ${API_PROCESS_KEY}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { id: answer.headers.get('x-request-id'), body: parseJson(await answer.text()) };
  };
  const { platformId, contextId, columns } = course;
  const score = (userId: string, more: Record<string, Json> = {}): Json => ({
    ...{ platformId, contextId, userId, scoreGiven: 7.0625, scoreMaximum: 10, comment: 'canary-comment' },
    lineItem: { id: columns[0] ?? '' },
    ...more,
  });

  const { ltik, idToken } = await rig.control.createLaunch({ contextId });
  await call('POST', '/v1/launches', { ltik });
  const fail = { kind: 'lmsStatus', status: 422, body: `${WORDS}: canary-user-1 is no student` } as const;
  await rig.control.addFault({ match: { userId: 'canary-user-1' }, action: fail });
  const { id: request } = await call('POST', '/v1/scores', {
    scores: [score('canary-user-1'), score('canary-user-2'), score('canary-user-3')],
  });
  await call('GET', '/v1/scores?userId=canary-user-1');
  await call('POST', '/v1/scores', score('canary-user-1', { 'canary-unknown': 'canary-value' }));
  await call('GET', '/v1/canary-path/canary-user-1?token=canary-query');
  await fetch(new URL('/v1/scores', api.url), { headers: { authorization: 'Bearer canary-wrong-key' } });
  await eventually('the scores are sent', () => worker.output().includes('"a batch ended"'), 30_000);
  await rig.control.updatePlatform({ platformId }, { outage: 'error' });
  await call('POST', `/v1/contexts/${course.context}/roster-refresh`, { reason: 'canary-reason' });
  await call('POST', '/v1/scores', score('canary-user-2', { submit: 'nightly', scoreGiven: 3 }));
  await rig.client.schedule.getHandle(NIGHTLY_SCHEDULE_ID).trigger(ScheduleOverlapPolicy.SKIP);
  await eventually('the night has begun', () => worker.output().includes('"a run began"'), 30_000);
  await eventually('a failed call', () => worker.output().includes('an activity failed'), 30_000);
  assert.equal(await api.stop(), 0);
  await worker.signal('SIGTERM');

  const logged = `${api.output()}${worker.output()}`;
  const lines = logged.trim().split('\n').map(parseJson);
  const canaries = [
    ...['canary', 'Canary', WORDS, '7.0625', ltik, idToken.services.serviceKey ?? ''],
    ...[API_PROCESS_KEY, 'test-key', Buffer.alloc(32, 7).toString('base64'), new URL(rig.dbUrl).password || 'canary'],
  ];
  for (const line of logged.split('\n')) for (const canary of canaries) assert.ok(!line.includes(canary), line);
  const taken = lines.find((line) => at(line, 'requestId') === request && at(line, 'msg') === 'request');
  const [workflowId] = [at(taken, 'workflows', 0)];
  const batch = lines.find((line) => at(line, 'msg') === 'a batch ended' && at(line, 'workflowId') === workflowId);
  assert.deepEqual(at(batch, 'requests'), [request], 'the batch names the request that it came for');
  for (const line of lines) assert.match(textAt(line, 'time'), /^\d{4}-/);
  for (const level of ['warn', 'error']) {
    const expected = lines.filter((line) => at(line, 'level') === level && at(line, 'sentence') !== undefined);
    for (const line of expected) assert.equal(JSON.stringify(line).includes('    at '), false, JSON.stringify(line));
  }
});
