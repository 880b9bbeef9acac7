import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { msToTs } from '@temporalio/common/lib/time.js';
import { hasEnded } from '../machine/operating-system-process.js';

/** Half a second is usual; a large history file on a busy machine takes longer. */
const startMs = 60_000;
/** Long enough to look at last week's nights; the development server's own is one day. */
const retention = msToTs('7 days');

/** Asks the server's health until it serves; otherwise resolves to the reason why it will not. */
export async function waitUntilHealthy(child: ChildProcess, address: string): Promise<string | undefined> {
  let spawnError: Error | undefined;
  child.once('error', (error) => (spawnError = error));
  const deadline = performance.now() + startMs;
  for (;;) {
    if (spawnError !== undefined) return spawnError.message;
    if (hasEnded(child)) {
      return `it ended with ${child.signalCode ?? `code ${child.exitCode}`}`;
    }
    const complaint = await checkHealth(address);
    if (complaint === undefined) return undefined;
    if (performance.now() > deadline) return `it is not healthy: ${complaint}`;
    await delay(50);
  }
}

async function checkHealth(address: string): Promise<string | undefined> {
  // Loaded late: it takes a third of a second, during which the server starts.
  const { Connection } = await import('@temporalio/client');
  try {
    const connection = await Connection.connect({ address, connectTimeout: '500ms' });
    try {
      const service = 'temporal.api.workflowservice.v1.WorkflowService';
      await connection.withDeadline(Date.now() + 2000, () => connection.healthService.check({ service }));
      return undefined;
    } finally {
      await connection.close();
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Keeps closed workflows for a week. A server that refuses is no reason not to start; it is said. */
export async function raiseRetention(
  address: string,
  namespace: string,
  onProgress: ((text: string) => void) | undefined,
): Promise<void> {
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address });
  try {
    await connection.withDeadline(Date.now() + 5000, () =>
      connection.workflowService.updateNamespace({
        namespace,
        config: { workflowExecutionRetentionTtl: retention },
      }),
    );
  } catch (error) {
    onProgress?.(`Temporal keeps closed workflows for a day only: ${String(error)}`);
  } finally {
    await connection.close();
  }
}
