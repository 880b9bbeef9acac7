/** An API as its own process, for tests that kill it. */
import { spawn } from 'node:child_process';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from './database.js';
import type { Rig } from './rig.js';

const ENTRY = fileURLToPath(new URL('../../api/server.ts', import.meta.url));
export const API_PROCESS_KEY = 'passback_key_of_the_test';

export interface ApiProcess {
  url: string;
  kill(): Promise<void>;
}

/** Starts `api/server.ts` against the rig on this port and waits until it is ready; it dies with the file. */
export async function startApiProcess(rig: Rig, port: number): Promise<ApiProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', ENTRY], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: rig.dbUrl,
      TEMPORAL_ADDRESS: rig.temporal.address,
      TEMPORAL_NAMESPACE: rig.temporal.namespace,
      LTIAAS_URL: rig.sandboxUrl,
      LTIAAS_API_KEY: 'test-key',
      ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
      BOOTSTRAP_API_KEY: API_PROCESS_KEY,
      PORT: String(port),
      LINGER: '1s',
      LOG_LEVEL: 'error',
    },
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  after(() => void child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  const isReady = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`the API ended with ${child.exitCode}`);
    return fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  await eventually('the API is ready', isReady, 30_000);
  return {
    url,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
