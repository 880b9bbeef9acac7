/**
 * `npm run build`: a fresh dist/ that runs without TypeScript, and in it the workflows bundled once, so that a starting
 * worker has nothing left to compile.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const root = fileURLToPath(new URL('..', import.meta.url));
const inRoot = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

// What a source that has gone left behind would be shipped, and might be imported.
rmSync(inRoot('dist'), { recursive: true, force: true });

const compiler = inRoot('node_modules/typescript7/bin/tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', inRoot('tsconfig.build.json')], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

// package.json names it as a program.
chmodSync(inRoot('dist/cli/main.js'), 0o755);

// What browsers get as it is.
cpSync(inRoot('console/assets'), inRoot('dist/console/assets'), { recursive: true });

const { code } = await bundleWorkflowCode({
  workflowsPath: inRoot('dist/workflows/index.js'),
  failureConverterPath: inRoot('dist/workflows/failure-converter.js'),
  workflowInterceptorModules: [inRoot('dist/workflows/interceptors.js')],
  // The default one prints the bundler's statistics.
  logger: new DefaultLogger('ERROR'),
});
// Where worker/create-workers looks. .cjs: the package is one of ES modules, the bundle is none.
writeFileSync(inRoot('dist/worker/workflow-bundle.cjs'), code);
