import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../dev/embedded-postgres.js';

export interface Cluster {
  url: string;
  /** Stops it, and removes all that it kept. */
  stop(): Promise<void>;
}

/** A PostgreSQL for one run. */
export async function startCluster(): Promise<Cluster> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-bench-'));
  // The database's account is another one when we are root, and must be able to pass through.
  chmodSync(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDir: path.join(folder, 'postgres') });
  return {
    url: postgres.url,
    async stop() {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
