import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { programArguments, runningFile } from '../helpers/repository.js';
import type { Cleanup } from './temp-folder.js';

/** A program of fixtures/ that runs, with the lines that it has printed so far. */
export interface Fixture {
  child: ChildProcess;
  lines: string[];
  ended: Promise<void>;
}

/** The absolute path of a program in fixtures/, as it runs. */
export function fixture(name: string): string {
  return runningFile(source(name));
}

/** Runs a program of fixtures/; it is killed when the test is over. */
export function spawnFixture(t: Cleanup, name: string, args: string[], env = process.env): Fixture {
  const child = spawn(process.execPath, [...programArguments(source(name)), ...args], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return { child, lines, ended };
}

function source(name: string): string {
  return `test/dev/fixtures/${name}`;
}
