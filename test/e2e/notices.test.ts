import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { at, type Json } from '../helpers/app.js';
import { eventually } from '../helpers/database.js';
import { insertNoticeEndpoint, NOTICE_SECRET } from '../helpers/notice-endpoints.js';
import { createNoticeReceiver, type Received } from '../helpers/notice-receiver.js';
import { createRig } from '../helpers/rig.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

const rig = await createRig({ withWorkers: false });
const settings = { NOTICES_TO_PRIVATE_ADDRESSES: 'true', SWEEP_INTERVAL: '1 s' };

const noticesIn = ({ body }: Received): (Json | undefined)[] => [at(body, 'data', 'notices')].flat();

test('tells what became of scores, survives a kill, and pairs what began with its end', async () => {
  const receiver = await createNoticeReceiver();
  await insertNoticeEndpoint(rig.db, { url: receiver.url });
  const course = await rig.createCourse({ students: 3 });
  const told = (kind: string, status: string): (Json | undefined)[] =>
    receiver.received
      .flatMap(noticesIn)
      .filter((notice) => at(notice, 'kind') === kind && at(notice, 'status') === status);
  const column = { id: course.columns[0] ?? '' };
  const scores = [...course.students, 'who-is-not-there'].map((userId) => ({ column, userId, scoreGiven: 7 }));
  const taken = await rig.accept(course, scores);

  const worker = await startWorkerProcess(rig, settings);
  await rig.send(course);
  await eventually('all outcomes are told', () => told('scoreOutcome', 'told').length === 4, 30_000);
  const outcomes = told('scoreOutcome', 'told');
  const states = outcomes.map((notice) => at(notice, 'state')).toSorted();
  assert.deepEqual(states, ['rejected', 'submitted', 'submitted', 'submitted']);
  const ids = taken.map(({ id }) => id).toSorted();
  assert.deepEqual(outcomes.map((notice) => at(notice, 'score')).toSorted(), ids);

  receiver.isStuck = true;
  const before = receiver.received.length;
  await rig
    .db('contexts')
    .where({ id: course.context })
    .update({ parked_type: 'ContextConcluded', parked_at: new Date() });
  await eventually('a message is on its way', () => receiver.received.length > before, 20_000);
  await worker.signal('SIGKILL');
  receiver.isStuck = false;
  const successor = await startWorkerProcess(rig, settings);
  await eventually('it is told again', () => receiver.received.length > before + 1, 40_000);
  const [lost, again] = receiver.received.slice(before);
  assert.equal(again?.headers['webhook-id'], lost?.headers['webhook-id']);
  assert.equal(again?.text, lost?.text);

  await rig.db('contexts').where({ id: course.context }).update({ parked_type: null, parked_at: null });
  await eventually('its end is told', () => told('contextParked', 'recovered').length === 1, 20_000);
  assert.equal(
    at(told('contextParked', 'recovered')[0], 'incident'),
    at(told('contextParked', 'needsAttention')[0], 'incident'),
  );
  assert.equal(new Set(told('contextParked', 'needsAttention').map((notice) => at(notice, 'id'))).size, 1);

  for (const { text, headers } of receiver.received) {
    const signed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    new Webhook(NOTICE_SECRET).verify(text, signed);
  }
  await successor.signal('SIGTERM');
});
