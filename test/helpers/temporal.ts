/** A real Temporal server for tests: that of the run, or one for this process; a namespace for each file. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { findTemporal } from '../../dev/find-temporal.js';
import { startTemporalServer } from '../../dev/temporal-server.js';
import { registerSearchAttributes } from '../../worker/search-attributes.js';

export interface TestTemporal {
  address: string;
  namespace: string;
  client: Client;
}

/** Gives a namespace of its own with our search attributes; connections are closed at the end of the file. */
export async function createTestNamespace(): Promise<TestTemporal> {
  const { address, stop } = await findServer();
  const connection = await Connection.connect({ address });
  const namespace = `test-${randomUUID()}`;
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs('1 day') });
  const missing = await registerSearchAttributes(connection, namespace);
  if (missing.length > 0) throw new Error(`not registered: ${missing.join(', ')}`);
  after(async () => {
    await connection.close();
    await stop();
  });
  return { address, namespace, client: new Client({ connection, namespace }) };
}

/** `TEST_TEMPORAL_ADDRESS` is set by the runner; a file that is run by hand starts its own server. */
async function findServer(): Promise<{ address: string; stop: () => Promise<void> }> {
  const address = process.env['TEST_TEMPORAL_ADDRESS'];
  if (address) return { address, stop: () => Promise.resolve() };
  const program = await findTemporal(process.env);
  if (!program) throw new Error('No Temporal server is to be had: run npm test, which fetches one.');
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'passback-temporal-'));
  const server = await startTemporalServer({ program: program.path, dataDir, inMemory: true });
  return {
    address: server.address,
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
