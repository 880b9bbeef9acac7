import type { Pool } from 'undici';

export interface PoolsOptions {
  /** Opens no connection before the first call. */
  readonly makePool: () => Pool;
  /**
   * A pool that no call has used for so long is closed when others are used, in milliseconds. Default a minute. Its
   * connections have ended long before by themselves.
   */
  readonly idleMs?: number;
  /** Pools with names that are kept; there are more only while that many are in use. Default 500. */
  readonly mostKept?: number;
}

/** A pool for one call. */
export interface TakenPool {
  readonly pool: Pool;
  /** To be called once, when the call is over. */
  release(): void;
}

/**
 * Connections by name, so that a far side which lets all of its own hang takes none from another. Calls without a name
 * share one pool.
 */
export interface Pools {
  take(name: string | undefined): TakenPool;
  /** Waits for calls under way. A pool that is taken afterwards is closed. */
  close(): Promise<void>;
}

export function createPools({ makePool, idleMs = 60_000, mostKept = 500 }: PoolsOptions): Pools {
  const unnamed = new CountedPool(makePool());
  const named = new Map<string, CountedPool>();
  let lookedAtMs = performance.now();
  let isClosed = false;

  /** Closes what was not used since then, and of the rest the longest unused until `most` are left; none in use. */
  function closeIdle(sinceMs: number, most: number): void {
    const idle = [...named].filter(([, { callsUnderWay }]) => callsUnderWay === 0);
    idle.sort(([, one], [, other]) => one.usedAtMs - other.usedAtMs);
    for (const [name, { pool, usedAtMs }] of idle) {
      if (usedAtMs > sinceMs && named.size <= most) return;
      named.delete(name);
      void pool.close();
    }
  }

  function make(name: string): CountedPool {
    if (named.size >= mostKept) closeIdle(performance.now() - idleMs, mostKept - 1);
    const made = new CountedPool(makePool());
    named.set(name, made);
    return made;
  }

  return {
    take(name) {
      if (name === undefined || isClosed) return unnamed.take();
      const nowMs = performance.now();
      if (nowMs - lookedAtMs >= idleMs) {
        lookedAtMs = nowMs;
        closeIdle(nowMs - idleMs, mostKept);
      }
      return (named.get(name) ?? make(name)).take();
    },
    async close() {
      isClosed = true;
      await Promise.all([unnamed, ...named.values()].map(({ pool }) => pool.close()));
    },
  };
}

class CountedPool implements TakenPool {
  readonly pool: Pool;
  callsUnderWay = 0;
  usedAtMs = performance.now();

  constructor(pool: Pool) {
    this.pool = pool;
  }

  take(): this {
    this.callsUnderWay += 1;
    return this;
  }

  release(): void {
    this.callsUnderWay -= 1;
    this.usedAtMs = performance.now();
  }
}
