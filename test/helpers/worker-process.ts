/** A worker as its own process, for tests that stop, pause or kill it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../../dev/machine/free-port.js';
import { eventually } from './database.js';
import type { Rig } from './rig.js';

const ENTRY = fileURLToPath(new URL('../../worker/main.ts', import.meta.url));

export interface WorkerProcess {
  pid: number;
  /** Sends a signal; resolves for a deadly one when the process is gone. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): Promise<void>;
  exitCode(): number | null;
}

/** Starts `worker/main.ts` against the rig and waits until it is ready; whatever is left of it dies with the file. */
export async function startWorkerProcess(rig: Rig, env: Record<string, string> = {}): Promise<WorkerProcess> {
  const port = await findFreePort();
  const bundle = process.env['TEST_WORKFLOW_BUNDLE'];
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
      WORKER_HEALTH_PORT: String(port),
      LTIAAS_TIMEOUT: '3000',
      LANE_DURATION: '8s',
      LINGER: '1s',
      LOG_LEVEL: 'error',
      ...(bundle !== undefined && { WORKER_BUNDLE: bundle }),
      ...env,
    },
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  after(() => void child.kill('SIGKILL'));
  await eventually('the worker is ready', () => isReady(child, port), 30_000);
  return {
    pid: child.pid ?? 0,
    async signal(name) {
      child.kill(name);
      if (name === 'SIGKILL' || name === 'SIGTERM') await exited;
    },
    exitCode: () => child.exitCode,
  };
}

async function isReady(child: ChildProcess, port: number): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`the worker ended with ${child.exitCode}`);
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false;
  }
}
