import type { Connection } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import type { Knex } from 'knex';

const DEADLINE_MS = 2_000;

export interface ReadinessSource {
  db: Knex;
  workers: () => readonly Worker[];
  /** Throws, or is undefined, before the process has come so far. */
  connection: () => Connection | undefined;
}

/** Names of what a worker cannot do without and has not; each is asked with a deadline. */
export async function findUnready({ db, workers, connection }: ReadinessSource): Promise<string[]> {
  const checks: [string, () => Promise<boolean>][] = [
    ['database', async () => Boolean(await db.raw('select 1').timeout(DEADLINE_MS))],
    ['temporal', async () => isAnswering(connection())],
    ['workers', async () => workers().length > 0 && workers().every((worker) => worker.getState() === 'RUNNING')],
  ];
  const answers = await Promise.all(checks.map(([, check]) => check().catch(() => false)));
  return checks.filter((_, place) => !answers[place]).map(([name]) => name);
}

/** Not by gRPC's own health service, which Temporal Cloud does not serve. */
async function isAnswering(connection: Connection | undefined): Promise<boolean> {
  if (!connection) return false;
  await connection.withDeadline(Date.now() + DEADLINE_MS, () => connection.workflowService.getSystemInfo({}));
  return true;
}
