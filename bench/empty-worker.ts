/** Runs `emptyWorkflow` on its own queue, with nothing else in the process. Environment: TEMPORAL_ADDRESS. */
import path from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { EMPTY_QUEUE } from './empty-queue.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' }),
  taskQueue: EMPTY_QUEUE,
  workflowsPath: path.join(import.meta.dirname, `empty-workflow${path.extname(import.meta.filename)}`),
  activities: { nothing: () => Promise.resolve() },
});
console.log('the empty worker runs');
await worker.run();
process.exit(0);
