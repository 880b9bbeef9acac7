/** One of our programs as its own process against a rig, for tests that stop, pause or kill it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { after } from 'node:test';
import { eventually } from './database.js';
import { programArguments } from './repository.js';
import type { Rig } from './rig.js';

export interface Program {
  child: ChildProcess;
  exited: Promise<void>;
  /** What it has written to its standard output. */
  output: () => string;
}

/** Starts a program and waits until `readyUrl` says that it is ready; whatever is left of it dies with the file. */
export async function startProgram(
  rig: Rig,
  program: { name: string; entry: string; readyUrl: string; env: Record<string, string> },
): Promise<Program> {
  const { name, entry, readyUrl, env } = program;
  const child = spawn(process.execPath, programArguments(entry), {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: rig.dbUrl,
      TEMPORAL_ADDRESS: rig.temporal.address,
      TEMPORAL_NAMESPACE: rig.temporal.namespace,
      LTIAAS_URL: rig.sandboxUrl,
      LTIAAS_API_KEY: 'test-key',
      ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
      LINGER: '100ms',
      LOG_LEVEL: 'error',
      ...env,
    },
  });
  let written = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written += text));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  after(() => void child.kill('SIGKILL'));
  const isReady = async (): Promise<boolean> => {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the ${name} ended with ${child.exitCode ?? child.signalCode}`);
    return fetch(readyUrl).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  await eventually(`the ${name} is ready`, isReady, 30_000).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return { child, exited, output: () => written };
}
