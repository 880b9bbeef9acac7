import { type NodeProcess, type NodeProcessOptions, startNodeProcess } from '../processes.js';

/** A process of ours that can be replaced by one of the sources as they are now. */
export interface ReplaceableProcess {
  name: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /**
   * Stops the process and starts the program again. When it does not become ready, or the signal aborts, nothing runs
   * until the next call: one that is broken is not started over and over. The caller waits for one call before the next.
   *
   * @throws Error with the program's last lines when it did not become ready
   */
  replace(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
  kill(): void;
}

/** Starts one of our programs as `startNodeProcess` does. */
export async function startReplaceable(options: NodeProcessOptions): Promise<ReplaceableProcess> {
  let current: NodeProcess = await startNodeProcess(options);
  const stopped = new AbortController();
  let replacing: Promise<void> = Promise.resolve();
  const replace = async (signal: AbortSignal): Promise<void> => {
    await current.stop();
    current = await startNodeProcess({ ...options, signal: AbortSignal.any([signal, stopped.signal]) });
  };
  return {
    name: options.name,
    get pid() {
      return current.pid;
    },
    async replace(signal) {
      const work = replace(signal);
      replacing = work.catch(() => undefined);
      await work;
    },
    async stop() {
      stopped.abort();
      await replacing;
      await current.stop();
    },
    kill() {
      stopped.abort();
      current.kill();
    },
  };
}
