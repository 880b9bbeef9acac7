import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { Connection } from '@temporalio/client';
import { workflowUrl } from '../../../api/temporal/temporal-urls.js';
import { createWorkflowClient, TemporalRestsError } from '../../../api/temporal/workflow-client.js';
import { createGateWakes } from '../../../db/platforms/gate-wakes.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertPlatform } from '../../helpers/factories.js';
import { createTestNamespace } from '../../helpers/temporal.js';

const { db } = await createTestDatabase();
const gateWakes = createGateWakes(db);

test('links to a workflow whose id holds a slash', () => {
  const url = workflowUrl('http://ui.example/', { namespace: 'default', workflowId: 'sync-context/1' });
  assert.equal(url, 'http://ui.example/namespaces/default/workflows/sync-context%2F1');
});

test('starts the actor of a course once, tells it everything, and finds it by search attributes', async () => {
  const { address, namespace, client } = await createTestNamespace();
  const connection = Connection.lazy({ address });
  const workflows = createWorkflowClient({
    connection,
    namespace,
    gateWakes,
    lingerMs: 1_000,
    uiUrl: 'http://ui.example',
  });
  try {
    const [context, deployment] = [randomUUID(), randomUUID()];
    const first = await workflows.wakeCourse({ context, deployment, trigger: 'launch', lineItems: true });
    const second = await workflows.wakeCourse({ context, deployment, trigger: 'api', roster: true });
    assert.deepEqual(second, first);
    assert.equal(first.workflowId, `sync-context/${context}`);
    const { events } = await client.workflow.getHandle(first.workflowId).fetchHistory();
    const signals = events?.filter((event) => event.workflowExecutionSignaledEventAttributes);
    assert.equal(signals?.length, 2, 'one run, two signals');
    const description = await client.workflow.getHandle(first.workflowId).describe();
    assert.equal(description.type, 'syncContext');
    const pairs = description.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
    assert.deepEqual(Object.fromEntries(pairs), {
      PassbackContext: context,
      PassbackPlatform: deployment,
      PassbackState: 'running',
      PassbackTrigger: 'launch',
    });
    await workflows.checkHealth();
    const queues = await workflows.listQueues();
    assert.ok(queues.length >= 2 && queues.every(({ pollers }) => pollers === 0));
  } finally {
    await connection.close();
  }
});

test('starts the sender of a gate once, however many ask', async () => {
  const { address, namespace, client } = await createTestNamespace();
  const connection = Connection.lazy({ address });
  const workflows = createWorkflowClient({
    connection,
    namespace,
    gateWakes,
    lingerMs: 1_000,
    uiUrl: 'http://ui.example',
  });
  try {
    const [{ gate }, run] = [await insertPlatform(db), randomUUID()];
    const links = [
      await workflows.wakeSender({ gate, trigger: 'nightly', run }),
      await workflows.wakeSender({ gate, trigger: 'api' }),
    ];
    assert.deepEqual(new Set(links.map(({ workflowId }) => workflowId)), new Set([`send/${gate}`]));
    const description = await client.workflow.getHandle(`send/${gate}`).describe();
    assert.equal(description.type, 'sendScores');
    const pairs = description.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
    assert.deepEqual(Object.fromEntries(pairs), {
      ...{ PassbackPlatform: gate, PassbackRun: run, PassbackState: 'running', PassbackTrigger: 'nightly' },
    });
  } finally {
    await connection.close();
  }
});

test('gives up at its deadline when Temporal does not answer', async (t) => {
  // A server that takes connections and says nothing.
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => void sockets.add(socket.resume())).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const address = silent.address();
  assert.ok(typeof address === 'object' && address !== null);
  const connection = Connection.lazy({ address: `127.0.0.1:${address.port}` });
  t.after(async () => {
    await connection.close();
    silent.close();
    for (const socket of sockets) socket.destroy();
  });
  const workflows = createWorkflowClient({
    connection,
    namespace: 'default',
    gateWakes,
    lingerMs: 1_000,
    deadlineMs: 300,
  });
  const began = performance.now();
  await assert.rejects(workflows.checkHealth());
  await assert.rejects(workflows.wakeCourse({ context: 'c', deployment: 'd', trigger: 'api' }));
  assert.ok(performance.now() - began < 3_000, `${performance.now() - began} ms`);
  // The next one does not wait for a deadline of its own.
  await assert.rejects(workflows.wakeCourse({ context: 'c', deployment: 'd', trigger: 'api' }), TemporalRestsError);
});
