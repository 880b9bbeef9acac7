import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { root } from './repository.js';

/**
 * Writes all of our TypeScript as JavaScript into a folder, tests included, with source maps that name the sources, and what
 * the console hands to browsers.
 * Types are not checked: that is for `npm run typecheck`. The folder must lie within the repository, where its modules
 * find their packages.
 */
export async function transpile(folder: string): Promise<void> {
  const compiler = path.join(root, 'node_modules', 'typescript7', 'bin', 'tsc');
  const args = [compiler, '-p', root, '--noCheck', '--sourceMap', '--outDir', folder];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error('What is to be tested cannot be transpiled.');
  cpSync(path.join(root, 'console', 'assets'), path.join(folder, 'console', 'assets'), { recursive: true });
}
