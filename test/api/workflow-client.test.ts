import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { Connection } from '@temporalio/client';
import { createWorkflowClient, workflowUrl } from '../../api/workflow-client.js';

test('links to a workflow whose id holds a slash', () => {
  const url = workflowUrl('http://ui.example/', { namespace: 'default', workflowId: 'sync-context/1' });
  assert.equal(url, 'http://ui.example/namespaces/default/workflows/sync-context%2F1');
});

test('gives up at its deadline when Temporal does not answer', async (t) => {
  // A server that takes connections and says nothing.
  const silent = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
  t.after(() => silent.close());
  await new Promise((resolve) => silent.once('listening', resolve));
  const address = silent.address();
  assert.ok(typeof address === 'object' && address !== null);
  const connection = Connection.lazy({ address: `127.0.0.1:${address.port}` });
  t.after(() => connection.close());
  const workflows = createWorkflowClient({ connection, namespace: 'default', lingerMs: 1_000, deadlineMs: 300 });
  const began = performance.now();
  await assert.rejects(workflows.checkHealth());
  await assert.rejects(workflows.requestSync({ context: 'c', deployment: 'd', trigger: 'api' }));
  assert.ok(performance.now() - began < 3_000, `${performance.now() - began} ms`);
});
