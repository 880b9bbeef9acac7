import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { LockHeldError, takeLock } from './single-holder-lock.js';

interface MakeOnceOptions {
  /** For who waits: `fetching Temporal`. */
  doing: string;
  onProgress?: ((text: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Does something in a folder while nobody else on this machine does: others wait until it is done, and do it then. */
export async function makeOnce<T>(folder: string, options: MakeOnceOptions, make: () => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const giveLockBack = await waitForLock(folder, options);
  try {
    return await make();
  } finally {
    giveLockBack();
  }
}

async function waitForLock(folder: string, { doing, onProgress, signal }: MakeOnceOptions): Promise<() => void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return takeLock(folder, 'fetch');
    } catch (error) {
      if (!(error instanceof LockHeldError)) throw error;
      if (tries === 0) onProgress?.(`waiting for process ${error.pid}, which is ${doing}`);
      await delay(250, undefined, signal ? { signal } : {});
    }
  }
}
