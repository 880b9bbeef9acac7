/**
 * `npm run bench`: compiles all of it once into a folder of its own and runs the benchmarks from there, since tsx would
 * cost each of our programs forty megabytes and two seconds at its start, which production does not know. Types are not
 * checked: that is for `npm run typecheck`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
// Within the repository, where modules find their packages.
mkdirSync(path.join(root, '.passback'), { recursive: true });
const compiled = mkdtempSync(path.join(root, '.passback', 'bench-'));
try {
  const compiler = path.join(root, 'node_modules', 'typescript7', 'bin', 'tsc');
  const args = [compiler, '-p', root, '--noCheck', '--sourceMap', '--outDir', compiled];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error('What is to be measured cannot be compiled.');
  // Read by the API when it starts.
  cpSync(path.join(root, 'console', 'assets'), path.join(compiled, 'console', 'assets'), { recursive: true });
  const run = path.join(compiled, 'bench', 'run.js');
  const child = spawn(process.execPath, ['--enable-source-maps', run, ...process.argv.slice(2)], { stdio: 'inherit' });
  // It stops its own programs; this only passes the wish on.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  await once(child, 'close');
  process.exitCode = child.exitCode ?? 1;
} finally {
  rmSync(compiled, { recursive: true, force: true });
}
