/** An API as its own process, for tests that kill it. */
import { startProgram } from './program.js';
import type { Rig } from './rig.js';

export const API_PROCESS_KEY = 'passback_key_of_the_test';

export interface ApiProcess {
  url: string;
  /** What it has logged. */
  output(): string;
  kill(): Promise<void>;
  /** Asks it to end, and gives the code that it ends with; null: it had to be killed. */
  stop(): Promise<number | null>;
}

/** Starts `api/server.ts` against the rig on this port and waits until it is ready. */
export async function startApiProcess(rig: Rig, port: number, env: Record<string, string> = {}): Promise<ApiProcess> {
  const url = `http://127.0.0.1:${port}`;
  const { child, exited, output } = await startProgram(rig, {
    ...{ name: 'API', entry: 'api/server.ts', readyUrl: `${url}/readyz` },
    env: { BOOTSTRAP_API_KEY: API_PROCESS_KEY, PORT: String(port), ...env },
  });
  return {
    ...{ url, output },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
  };
}
