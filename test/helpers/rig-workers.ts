/** The workers of a rig, within the process of its test. */
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { Activities } from '../../activities/index.js';
import { createWorkers } from '../../worker/create-workers.js';
import { createDataConverter } from '../../worker/data-converter.js';

let installed = false;

/** Gives what stops them. */
export async function runWorkers(
  { address, namespace }: { address: string; namespace: string },
  activities: Activities,
): Promise<() => Promise<void>> {
  if (!installed) Runtime.install({ logger: new DefaultLogger('ERROR') });
  installed = true;
  const connection = await NativeConnection.connect({ address });
  const workers = await createWorkers({
    ...{ connection, namespace, activities, role: 'all', maxConcurrentBatches: 20, shutdownGraceMs: 2_000 },
    bundlePath: process.env['TEST_WORKFLOW_BUNDLE'],
    dataConverter: createDataConverter(undefined),
  });
  const runs = workers.map((worker) => worker.run());
  return async () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.all(runs);
    await connection.close();
  };
}
