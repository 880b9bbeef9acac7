/** A program of ours that is to end by itself, such as one whose configuration cannot be used. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { programArguments } from './repository.js';

export interface EndOfProgram {
  code: number | null;
  /** All that it said, by either stream. */
  output: string;
}

/** Starts it with no variables but these and what every program needs, and waits. */
export async function endOfProgram(entry: string, env: Record<string, string>): Promise<EndOfProgram> {
  const child = spawn(process.execPath, programArguments(entry), {
    timeout: 45_000,
    env: {
      PATH: process.env['PATH'],
      LTIAAS_URL: 'http://127.0.0.1:9',
      LTIAAS_API_KEY: 'none',
      WORKER_HEALTH_PORT: '0',
      PORT: '0',
      ...env,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  await once(child, 'close');
  return { code: child.exitCode, output };
}
