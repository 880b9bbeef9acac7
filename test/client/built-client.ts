/** The client as it would be installed: built, in a folder of its own that has nothing else. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { root } from '../helpers/repository.js';

export interface BuiltClient {
  /** Modules in it find `@passback/client`. */
  folder: string;
  dist: string;
}

const compiler = path.join(root, 'node_modules', 'typescript7', 'bin', 'tsc');

export interface Ended {
  code: number | null;
  output: string;
}

/** Runs a program to its end. */
export async function run(
  program: string,
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<Ended> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...options.env };
  const child = spawn(program, args, { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
  await once(child, 'close');
  return { code: child.exitCode, output };
}

export const compile = async (cwd: string, args: readonly string[]): Promise<Ended> =>
  run(process.execPath, [compiler, ...args], { cwd });

/** Ends with the file. @throws {Error} when it cannot be built */
export async function buildClient(): Promise<BuiltClient> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-client-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const installed = path.join(folder, 'node_modules', '@passback', 'client');
  const dist = path.join(installed, 'dist');
  mkdirSync(installed, { recursive: true });
  cpSync(path.join(root, 'client', 'package.json'), path.join(installed, 'package.json'));
  const { code, output } = await compile(root, ['-p', 'client/tsconfig.build.json', '--outDir', dist]);
  if (code !== 0) throw new Error(output);
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  return { folder, dist };
}
