import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { findOrFetchTemporal } from '../../dev/fetch-temporal.js';
import { findFreePort, PortTakenError } from '../../dev/machine/free-port.js';
import { keep } from '../../dev/machine/kept-file.js';
import { isRunning } from '../../dev/machine/operating-system-process.js';
import { LockHeldError } from '../../dev/machine/single-holder-lock.js';
import { startTemporalServer, type TemporalServer } from '../../dev/temporal-server.js';
import { writeProgram } from './fake-programs.js';
import { spawnFixture } from './spawn-fixture.js';
import { tempFolder } from './temp-folder.js';
import { until } from './until.js';

async function withClient<T>(server: TemporalServer, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

describe('the Temporal server', () => {
  const dataDir = path.join(tempFolder({ after }), 'temporal');
  let program = '';
  before(async () => {
    program = (await findOrFetchTemporal({ env: process.env })).path;
  });

  it('keeps workflows, address and UI address between starts', async () => {
    // Not the UI's usual port: another Temporal on this machine may take that one while ours is stopped.
    const uiPort = await findFreePort();
    keep(path.join(dataDir, 'ui-port'), String(uiPort));
    const first = await startTemporalServer({ program, dataDir });
    assert.equal(first.uiUrl, `http://127.0.0.1:${uiPort}`);
    await withClient(first, (client) =>
      client.workflow.start('waits', { taskQueue: 'nobody-listens', workflowId: 'kept', args: [] }),
    );
    assert.equal((await fetch(first.uiUrl)).status, 200);
    await first.stop();
    assert.equal(isRunning(first.pid), false);
    const second = await startTemporalServer({ program, dataDir });
    try {
      assert.equal(second.address, first.address);
      assert.equal(second.uiUrl, first.uiUrl);
      const status = await withClient(second, async (client) => {
        const description = await client.workflow.getHandle('kept').describe();
        return description.status.name;
      });
      assert.equal(status, 'RUNNING');
    } finally {
      await second.stop();
    }
  });

  it('keeps closed workflows for a week', async (t) => {
    const server = await startTemporalServer({ program, dataDir });
    t.after(() => server.stop());
    const { config } = await withClient(server, (client) =>
      client.workflowService.describeNamespace({ namespace: 'default' }),
    );
    assert.equal(Number(config?.workflowExecutionRetentionTtl?.seconds), 7 * 24 * 3600);
  });

  it('refuses a second supervisor, stops what a killed one left, and steps around a taken port', async (t) => {
    const supervisor = spawnFixture(t, 'temporal-supervisor.ts', [program, dataDir]);
    const line = await until('the server runs', () => supervisor.lines.find((text) => text.startsWith('temporal ')));
    const pid = Number(line.split(' ')[1]);
    await assert.rejects(startTemporalServer({ program, dataDir }), LockHeldError);
    supervisor.child.kill('SIGKILL');
    await supervisor.ended;
    assert.equal(isRunning(pid), true);
    const server = await startTemporalServer({ program, dataDir });
    assert.equal(isRunning(pid), false);
    await server.stop();

    const squatter = createServer();
    const port = Number(server.address.split(':')[1]);
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    t.after(() => squatter.close());
    await assert.rejects(startTemporalServer({ program, dataDir, port }), PortTakenError);
    const elsewhere = await startTemporalServer({ program, dataDir });
    await elsewhere.stop();
    assert.notEqual(elsewhere.address, server.address);
  });

  it('says when it has ended without being asked to', async (t) => {
    const server = await startTemporalServer({ program, dataDir: path.join(tempFolder(t), 'memory'), inMemory: true });
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
  });

  it('shows the last lines of its log when it does not start', async (t) => {
    const folder = tempFolder(t);
    const broken = writeProgram(folder, 'temporal', '#!/bin/sh\necho "no space left"\nexit 3\n');
    await assert.rejects(
      startTemporalServer({ program: broken, dataDir: path.join(folder, 'data') }),
      /ended with code 3[^]*no space left/,
    );
  });
});
