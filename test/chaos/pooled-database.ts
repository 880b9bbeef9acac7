import { startPostgres } from '../../dev/stack/servers.js';
import { startPooler } from '../helpers/pgbouncer.js';

/** PostgreSQL of a stack, behind a pooler. */
export interface PooledDatabase {
  /** Leads through the pooler. */
  url: string;
  processes: readonly { name: string; readonly pid: number }[];
  stop(): Promise<void>;
}

/** Starts both, each brought back if it ends. */
export async function startPooledDatabase(options: {
  dataDir: string;
  env: NodeJS.ProcessEnv;
  /** To PostgreSQL, for all clients together. */
  connections: number;
  onProgress: (text: string) => void;
}): Promise<PooledDatabase> {
  const { dataDir, env, connections, onProgress } = options;
  const { signal } = new AbortController();
  const postgres = await startPostgres({ dataDir, env, onProgress, signal });
  try {
    const pooler = await startPooler({ databaseUrl: postgres.ownerUrl, connections, onProgress });
    return {
      url: pooler.url,
      processes: [postgres.kept, pooler],
      async stop() {
        await pooler.stop();
        await postgres.kept.stop();
      },
    };
  } catch (error) {
    await postgres.kept.stop();
    throw error;
  }
}
