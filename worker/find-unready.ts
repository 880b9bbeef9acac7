import type { Connection } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import type { Knex } from 'knex';

const DEADLINE_MS = 2_000;
const SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';
/** grpc.health.v1 SERVING; a number, since the client exports the type of the status but not its values. */
const SERVING = 1;

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
    ['temporal', async () => isServing(connection())],
    ['workers', async () => workers().length > 0 && workers().every((worker) => worker.getState() === 'RUNNING')],
  ];
  const answers = await Promise.all(checks.map(([, check]) => check().catch(() => false)));
  return checks.filter((_, place) => !answers[place]).map(([name]) => name);
}

async function isServing(connection: Connection | undefined): Promise<boolean> {
  if (!connection) return false;
  const { status } = await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
    connection.healthService.check({ service: SERVICE }),
  );
  return Number(status) === SERVING;
}
