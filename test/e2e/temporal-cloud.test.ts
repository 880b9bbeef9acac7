/** Where Temporal lets a client make no search attributes and serves no gRPC health, as Temporal Cloud does. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { msToTs } from '@temporalio/common/lib/time.js';
import { findTemporal } from '../../dev/find-temporal.js';
import { findFreePort } from '../../dev/machine/free-port.js';
import { API_PROCESS_KEY, startApiProcess } from '../helpers/api-process.js';
import { startCloudLikeTemporal } from '../helpers/cloud-like-temporal.js';
import { endOfProgram } from '../helpers/end-of-program.js';
import { eventually } from '../helpers/database.js';
import { appliedValues } from '../helpers/journal.js';
import { root } from '../helpers/repository.js';
import { createRig } from '../helpers/rig.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

const rig = await createRig({ withWorkers: false });
const cloud = await startCloudLikeTemporal(rig.temporal.address);
const namespace = `cloud-${randomUUID()}`;
await rig.client.connection.workflowService.registerNamespace({
  namespace,
  workflowExecutionRetentionPeriod: msToTs('1 day'),
});
const env = { TEMPORAL_ADDRESS: cloud.address, TEMPORAL_NAMESPACE: namespace };

test('a worker names the search attributes that are missing, and what makes them', async () => {
  const { code, output } = await endOfProgram('worker/main.ts', {
    ...{ ...env, DATABASE_URL: rig.dbUrl, LTIAAS_URL: rig.sandboxUrl },
    ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
  });
  assert.equal(code, 1, output);
  assert.match(output, /PassbackPlatform, .*PassbackRejected; run deploy\/temporal\/create-search-attributes\.sh/);
  assert.ok(cloud.refused.some((call) => call.endsWith('/ListSearchAttributes')));
});

test('once the script has made them it starts, is ready and sends', async () => {
  const program = await findTemporal(process.env);
  assert.ok(program);
  const make = () =>
    spawnSync('sh', [path.join(root, 'deploy/temporal/create-search-attributes.sh')], {
      env: {
        ...{ TEMPORAL_NAMESPACE: namespace, TEMPORAL_ADDRESS: rig.temporal.address },
        PATH: `${path.dirname(program.path)}:/usr/bin:/bin`,
        HOME: root,
      },
      encoding: 'utf8',
    });
  for (const { status, stderr } of [make(), make()]) assert.equal(status, 0, stderr);
  const course = await rig.createCourse({ students: 1 });
  const [id = ''] = course.columns;
  const [userId = ''] = course.students;
  await startWorkerProcess(rig, env);
  const api = await startApiProcess(rig, await findFreePort(), env);
  const { platformId, contextId } = course;
  const body = { platformId, contextId, lineItem: { id }, userId, scoreGiven: 7, scoreMaximum: 10 };
  const headers = { authorization: `Bearer ${API_PROCESS_KEY}`, 'content-type': 'application/json' };
  const { status } = await fetch(`${api.url}/v1/scores`, { method: 'POST', headers, body: JSON.stringify(body) });
  assert.equal(status, 202);
  await eventually('it is there', async () => (await appliedValues(rig, course)).get(userId)?.at(-1) === 7, 60_000);
});
