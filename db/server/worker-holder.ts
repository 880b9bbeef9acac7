import { randomInt } from 'node:crypto';
import pg from 'pg';

/** First key of the two-number advisory locks that stand for living workers. */
export const HOLDER_LOCK_CLASS = 7_228_623;
const RECONNECT_MS = 500;

/**
 * A process's sign of life in PostgreSQL: a session-level advisory lock on a number of its own. While the session lives,
 * others see that the holder of a lane is alive; a killed process loses it at once. Behind a transaction pooler the lock
 * says nothing, and lanes run out by time alone.
 */
export interface WorkerHolder {
  /** The number that lanes are taken under, or null while the session is lost. A new session has a new number. */
  current(): number | null;
  /** Told when a session is lost: whatever was taken under its number may be taken by others. */
  onLost(listener: (holder: number) => void): void;
  close(): Promise<void>;
}

/** Connects and takes the lock; keeps trying for ever after a loss. Rejects only when the first connection fails. */
export async function createWorkerHolder({ url }: { url: string }): Promise<WorkerHolder> {
  const listeners: ((holder: number) => void)[] = [];
  let session = await openSession(url);
  let current: number | null = session.holder;
  let closed = false;

  const watch = (): void => {
    session.client.once('end', () => {
      const lost = current;
      current = null;
      if (closed) return;
      if (lost !== null) for (const listener of listeners) listener(lost);
      void reconnect();
    });
  };
  const reconnect = async (): Promise<void> => {
    while (!closed) {
      try {
        session = await openSession(url);
        current = session.holder;
        watch();
        if (closed) await session.client.end();
        return;
      } catch {
        // The database is away; lanes cannot be taken meanwhile, which is what `current() === null` says.
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    }
  };
  watch();
  return {
    current: () => current,
    onLost: (listener) => void listeners.push(listener),
    async close() {
      closed = true;
      await session.client.end();
    },
  };
}

async function openSession(url: string): Promise<{ client: pg.Client; holder: number }> {
  const client = new pg.Client({ connectionString: url, application_name: 'passback worker holder', keepAlive: true });
  // Without a listener an error event would end the process; the loss itself is handled at 'end'.
  client.on('error', () => void client.end().catch(() => undefined));
  await client.connect();
  for (;;) {
    const holder = randomInt(1, 2 ** 31 - 1);
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1::int, $2::int) as taken', [
      HOLDER_LOCK_CLASS,
      holder,
    ]);
    if (rows[0]?.taken) return { client, holder };
  }
}
