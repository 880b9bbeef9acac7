/** A worker as its own process, for tests that stop, pause or kill it. */
import { findFreePort } from '../../dev/machine/free-port.js';
import { startProgram } from './program.js';
import type { Rig } from './rig.js';

export interface WorkerProcess {
  pid: number;
  /** Sends a signal; resolves for a deadly one when the process is gone. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): Promise<void>;
  exitCode(): number | null;
  /** What it has logged. */
  output(): string;
}

/** Starts `worker/main.ts` against the rig and waits until it is ready. */
export async function startWorkerProcess(rig: Rig, env: Record<string, string> = {}): Promise<WorkerProcess> {
  const port = await findFreePort();
  const bundle = process.env['TEST_WORKFLOW_BUNDLE'];
  const { child, exited, output } = await startProgram(rig, {
    ...{ name: 'worker', entry: 'worker/main.ts', readyUrl: `http://127.0.0.1:${port}/readyz` },
    env: {
      WORKER_HEALTH_PORT: String(port),
      LTIAAS_TIMEOUT: '3000',
      LANE_DURATION: '8s',
      ...(bundle !== undefined && { WORKER_BUNDLE: bundle }),
      ...env,
    },
  });
  return {
    pid: child.pid ?? 0,
    async signal(name) {
      child.kill(name);
      if (name === 'SIGKILL' || name === 'SIGTERM') await exited;
    },
    exitCode: () => child.exitCode,
    output,
  };
}
