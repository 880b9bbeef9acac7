import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { root } from './repository.js';

/** The workflows, bundled once for all workers of a run. */
export async function bundleWorkflows(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(root, 'workflows', 'index.ts'),
    failureConverterPath: path.join(root, 'workflows', 'failure-converter.ts'),
    workflowInterceptorModules: [path.join(root, 'workflows', 'interceptors.ts')],
    logger: new DefaultLogger('ERROR'),
  });
  return code;
}
