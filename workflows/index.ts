/** Every workflow of the workers, under the type that histories and the Temporal UI know. */
export { sweepWorkflow as sweep } from './sweep.js';
export { syncContextWorkflow as syncContext } from './sync-context.js';
