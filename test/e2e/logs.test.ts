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

test('all that happened is in the lines of API and worker, in the same words and with the ids that tie them together', async () => {
  const course = await rig.createCourse({
    students: 2,
    context: { members: [{ userId: 'ada' }, { userId: 'ben' }] },
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
    ...{ platformId, contextId, userId, scoreGiven: 7.125, scoreMaximum: 10, comment: 'Well done' },
    lineItem: { id: columns[0] ?? '' },
    ...more,
  });

  const { ltik } = await rig.control.createLaunch({ contextId });
  await call('POST', '/v1/launches', { ltik });
  const fail = { kind: 'lmsStatus', status: 422, body: 'This is no student.' } as const;
  await rig.control.addFault({ match: { userId: 'ada' }, action: fail });
  const { id: request } = await call('POST', '/v1/scores', {
    scores: [score('ada'), score('ben'), score('nobody')],
  });
  await eventually('the scores are sent', () => worker.output().includes('"a batch ended"'), 30_000);
  await rig.control.updatePlatform({ platformId }, { outage: 'error' });
  await call('POST', `/v1/contexts/${course.context}/roster-refresh`, { reason: 'a test' });
  await call('POST', '/v1/scores', score('ben', { submit: 'nightly', scoreGiven: 3 }));
  await rig.client.schedule.getHandle(NIGHTLY_SCHEDULE_ID).trigger(ScheduleOverlapPolicy.SKIP);
  await eventually('the night has begun', () => worker.output().includes('"a run began"'), 30_000);
  await eventually('a failed call', () => worker.output().includes('an activity failed'), 30_000);
  assert.equal(await api.stop(), 0);
  await worker.signal('SIGTERM');

  const logged = `${api.output()}${worker.output()}`;
  const lines = logged.trim().split('\n').map(parseJson);
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
