import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { endKeptProcess } from '../machine/pid-file.js';
import { takeLock } from '../machine/single-holder-lock.js';
import { stopOrphanPostgres } from '../postgres/orphan.js';
import { findClusterPlace } from '../postgres/place.js';
import { stopOrphanTemporal } from '../temporal-server.js';

/** Our own processes stop themselves when their parent was killed; they may still be at it, holding their ports. */
const steps = [
  { signal: 'SIGTERM', waitMs: 3000 },
  { signal: 'SIGKILL', waitMs: 2000 },
] as const;

/** Where the stack notes the process of this name. */
export function pidFile(dataDir: string, name: string): string {
  return path.join(dataDir, 'pids', name);
}

/** Ends what an earlier stack, which was killed, left of our own processes. The caller holds the stack's lock. */
export async function endOrphans(dataDir: string, onProgress: (text: string) => void): Promise<void> {
  await Promise.all(
    ['worker', 'api', 'sandbox'].map(async (name) => {
      const pid = await endKeptProcess(pidFile(dataDir, name), process.execPath, steps);
      if (pid !== undefined) onProgress(`stopped the ${name} of an earlier run (process ${pid})`);
    }),
  );
}

/** All that a stack keeps. Nothing else is removed: the folder may be one that holds other things too. */
const kept = [
  ...['postgres', 'temporal', 'logs', 'pids', 'api-key', 'sandbox-key', 'encryption-keys'],
  ...['api-port', 'worker-port', 'api-metrics-port', 'worker-metrics-port', 'temporal-metrics-port', 'sandbox-port'],
];

/**
 * Removes what the stack keeps in the folder, after ending what an earlier one left running.
 *
 * @throws LockHeldError when a stack runs on it
 */
export async function resetStack(dataDir: string, onProgress: (text: string) => void = () => undefined): Promise<void> {
  if (!existsSync(dataDir)) return;
  const giveLockBack = takeLock(dataDir, 'stack');
  try {
    await endOrphans(dataDir, onProgress);
    const temporal = path.join(dataDir, 'temporal');
    if (existsSync(temporal)) await stopOrphanTemporal(temporal);
    const postgres = path.join(dataDir, 'postgres');
    if (existsSync(postgres)) {
      const { folder } = findClusterPlace(postgres);
      await stopOrphanPostgres(folder);
      rmSync(folder, { recursive: true, force: true });
    }
    for (const name of kept) rmSync(path.join(dataDir, name), { recursive: true, force: true });
  } finally {
    giveLockBack();
  }
}
