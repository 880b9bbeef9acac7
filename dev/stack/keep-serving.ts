import { setTimeout as delay } from 'node:timers/promises';
import { aborted } from '../machine/time-limit.js';

/** What Postgres and Temporal have in common for whoever keeps them up. */
interface Server {
  pid: number;
  exited: Promise<void>;
  stop(): Promise<void>;
  kill(): void;
}

/** A server that is started again when it ends without having been asked to. */
export interface KeptServer {
  name: string;
  /** Of the process that runs now. */
  readonly pid: number;
  stop(): Promise<void>;
  kill(): void;
}

const waitMs = 500;

/**
 * Watches a server that runs. `start` must give it back at the same address, or its clients are lost; so a start that
 * fails is tried again until it succeeds.
 */
export function keepServing<S extends Server>(
  name: string,
  first: S,
  start: () => Promise<S>,
  onProgress: (text: string) => void,
): KeptServer {
  let server = first;
  const stopped = new AbortController();
  const watch = async () => {
    for (;;) {
      await server.exited;
      if (stopped.signal.aborted) return;
      onProgress(`${name} ended, starting it again`);
      const next = await startAgain(name, start, stopped.signal, onProgress);
      if (next === undefined) return;
      server = next;
      if (stopped.signal.aborted) return await server.stop();
    }
  };
  const watching = watch();
  return {
    name,
    get pid() {
      return server.pid;
    },
    async stop() {
      stopped.abort();
      await server.stop();
      await watching;
    },
    kill() {
      stopped.abort();
      server.kill();
    },
  };
}

async function startAgain<S extends Server>(
  name: string,
  start: () => Promise<S>,
  stopped: AbortSignal,
  onProgress: (text: string) => void,
): Promise<S | undefined> {
  while (!stopped.aborted) {
    try {
      return await start();
    } catch (error) {
      onProgress(`${name} can't be started: ${error instanceof Error ? error.message : String(error)}`);
      await Promise.race([delay(waitMs), aborted(stopped)]);
    }
  }
  return undefined;
}
