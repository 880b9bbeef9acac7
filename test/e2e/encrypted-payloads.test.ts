/** With keys of its own for Temporal, Passback works as without, and Temporal can read ids and search attributes only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@temporalio/client';
import { findFreePort } from '../../dev/machine/free-port.js';
import { createPayloadCodec } from '../../waking/payload-codec.js';
import { NIGHTLY_SCHEDULE_ID, sendScoresWorkflowId } from '../../workflows/names.js';
import { API_PROCESS_KEY, startApiProcess } from '../helpers/api-process.js';
import { eventually } from '../helpers/database.js';
import { appliedValues } from '../helpers/journal.js';
import { createRig } from '../helpers/rig.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

const rig = await createRig({ withWorkers: false });
const keyOf = (id: string, byte: number): string => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;
const [OLD, YOUNG] = [keyOf('old', 1), keyOf('young', 2)];

/** Of each payload within, how it is encoded, and by which key. */
function encodingsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  if ('metadata' in value && 'data' in value && typeof value.metadata === 'object' && value.metadata !== null) {
    const texts = Object.fromEntries(
      Object.entries(value.metadata).map(([name, bytes]) => [
        name,
        bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : '',
      ]),
    );
    return [`${texts['encoding'] ?? ''} ${texts['encryption-key-id'] ?? ''}`.trim()];
  }
  return Object.entries(value).flatMap(([name, inner]) => (name === 'searchAttributes' ? [] : encodingsIn(inner)));
}

const historyOf = async (id: string): Promise<string[]> =>
  encodingsIn(await rig.client.workflow.getHandle(id).fetchHistory());

test('what Temporal holds is encrypted, and goes on being read while keys are changed', async () => {
  const course = await rig.createCourse({ students: 2 });
  const [lineItemId = ''] = course.columns;
  const [userId = ''] = course.students;
  const port = await findFreePort();
  const api = await startApiProcess(rig, port, { TEMPORAL_CODEC_KEYS: OLD });
  const give = async (scoreGiven: number): Promise<void> => {
    const { platformId, contextId } = course;
    const body = { platformId, contextId, lineItem: { id: lineItemId }, userId, scoreGiven, scoreMaximum: 10 };
    const headers = { authorization: `Bearer ${API_PROCESS_KEY}`, 'content-type': 'application/json' };
    const answer = await fetch(`${api.url}/v1/scores`, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 202, await answer.text());
    await eventually(
      'it is there',
      async () => (await appliedValues(rig, course)).get(userId)?.at(-1) === scoreGiven,
      30_000,
    );
  };
  const first = await startWorkerProcess(rig, { TEMPORAL_CODEC_KEYS: OLD });
  await give(3);
  const sender = sendScoresWorkflowId(course.gate);
  assert.deepEqual(new Set(await historyOf(sender)), new Set(['binary/encrypted old']));
  const { raw } = await rig.client.workflow.getHandle(sender).describe();
  assert.deepEqual(
    encodingsIn(raw).filter((encoding) => !encoding.startsWith('binary/encrypted')),
    [],
  );
  await first.signal('SIGTERM');

  const second = await startWorkerProcess(rig, { TEMPORAL_CODEC_KEYS: `${YOUNG},${OLD}` });
  await give(4);
  assert.deepEqual(new Set(await historyOf(sender)), new Set(['binary/encrypted old', 'binary/encrypted young']));
  await second.signal('SIGTERM');

  await api.kill();
  await startWorkerProcess(rig, { TEMPORAL_CODEC_KEYS: YOUNG });
  const codec = createPayloadCodec([{ id: 'young', key: Buffer.alloc(32, 2) }]);
  const { connection, options } = rig.client;
  const reader = new Client({
    connection,
    namespace: options.namespace,
    dataConverter: { payloadCodecs: codec ? [codec] : [] },
  });
  const schedule = await reader.schedule.getHandle(NIGHTLY_SCHEDULE_ID).describe();
  assert.ok(
    schedule.action.type === 'startWorkflow' && schedule.action.memo,
    'no schedule needs the key that was ended',
  );
});
