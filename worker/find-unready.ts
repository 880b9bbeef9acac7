import type { Connection } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import type { Knex } from 'knex';

/** Below the second that Kubernetes gives a probe, with what the way there and back may take. */
const DEADLINE_MS = 700;

export interface ReadinessSource {
  db: Knex;
  workers: () => readonly Worker[];
  /** Throws, or is undefined, before the process has come so far. */
  connection: () => Connection | undefined;
}

/**
 * Names what a worker cannot do without and has not, within 0.7 s: what has not answered by then is missing, and is not asked
 * again before it has answered.
 */
export function createFindUnready({ db, workers, connection }: ReadinessSource): () => Promise<string[]> {
  const checks: [string, () => Promise<boolean>][] = [
    ['database', oneAtATime(async () => Boolean(await db.raw('select 1').timeout(DEADLINE_MS)))],
    ['temporal', oneAtATime(async () => isAnswering(connection()))],
    ['workers', async () => workers().length > 0 && workers().every((worker) => worker.getState() === 'RUNNING')],
  ];
  return async () => {
    const answers = await Promise.all(checks.map(([, check]) => check().catch(() => false)));
    return checks.filter((_, place) => !answers[place]).map(([name]) => name);
  };
}

/** Getting a connection from the pool, or making one, takes longer than any deadline of a statement. */
function oneAtATime(check: () => Promise<boolean>): () => Promise<boolean> {
  let current: Promise<boolean> | undefined;
  return async () => {
    current ??= check()
      .catch(() => false)
      .finally(() => (current = undefined));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), DEADLINE_MS)));
    return Promise.race([current, late]).finally(() => clearTimeout(timer));
  };
}

/** Not by gRPC's own health service, which Temporal Cloud does not serve. */
async function isAnswering(connection: Connection | undefined): Promise<boolean> {
  if (!connection) return false;
  await connection.withDeadline(Date.now() + DEADLINE_MS, () => connection.workflowService.getSystemInfo({}));
  return true;
}
