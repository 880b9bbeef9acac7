import { setImmediate } from 'node:timers/promises';

/** Each holds up to two megabytes of lines that wait, and the socket that they come from. */
const MOST_STREAMS = 32;
/** Parts that are stored at once: one keeps PostgreSQL busy, two hide the client's own work; other requests need connections too. */
const MOST_STORES = 2;

/** What the streams of one process share, so that however many there are, other requests are answered meanwhile. */
export interface StreamTurns {
  /** Takes a place for a stream, to be given back once by what is returned; null: all are taken. */
  enter(): (() => void) | null;
  /** Resolves when requests that came meanwhile have had their turn: to be awaited before work that keeps the process busy. */
  yield(): Promise<void>;
  /** Stores a part when its turn comes, in the order of asking, and gives or throws what that does. */
  store<T>(work: () => Promise<T>): Promise<T>;
}

export function createStreamTurns(): StreamTurns {
  let streams = 0;
  let storing = 0;
  const waiting: (() => void)[] = [];

  return {
    enter() {
      if (streams >= MOST_STREAMS) return null;
      streams += 1;
      let isInside = true;
      return () => {
        if (isInside) streams -= 1;
        isInside = false;
      };
    },
    yield: async () => setImmediate(),
    async store(work) {
      // The place of one that ends goes to the first that waits, so nobody who comes later gets ahead.
      if (storing >= MOST_STORES) await new Promise<void>((resolve) => waiting.push(resolve));
      else storing += 1;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else storing -= 1;
      }
    },
  };
}
