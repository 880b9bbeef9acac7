import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { createLanes } from '../db/platforms/lanes.js';
import { pickContexts } from '../db/runs/pick-contexts.js';
import { createClaims } from '../db/scores/claims.js';
import { createQueue } from '../db/scores/queue.js';
import { queryRows } from '../db/server/knex.js';

/** Milliseconds of one execution of each statement, on a database that is left as it was. */
export interface StatementTimes {
  claim: number;
  sweep: number;
  pick: number;
}

const LANE_MS = 30_000;
/** As the worker claims: a chunk at a time. */
const CLAIMED = 24;
const SWEPT = 200;
/** As few as the smallest database has, so that the same is done at every size. */
const PICKED = 8;
const PATIENCE_MS = 900_000;

export async function measureStatements(db: Knex): Promise<StatementTimes> {
  return { claim: await timeClaim(db), sweep: await timeSweep(db), pick: await timePick(db) };
}

async function timeClaim(db: Knex): Promise<number> {
  return undone(db, async (trx) => {
    const gate = await readyGate(trx);
    const lane = await createLanes(trx).take({ gate, leaseMs: LANE_MS, laneMs: LANE_MS, settleMs: 0 });
    if (!('token' in lane)) throw new Error('The lane is taken.');
    const { tookMs, result } = await timed(() =>
      createClaims(trx).claim({ gate, token: lane.token, limit: CLAIMED, after: randomUUID() }),
    );
    if (result?.scores.length !== CLAIMED) throw new Error(`${result?.scores.length ?? 'none'} claimed`);
    return tookMs;
  });
}

async function timeSweep(db: Knex): Promise<number> {
  const { tookMs, result } = await timed(() => createQueue(db).listUntended({ after: null, limit: SWEPT }));
  if (result.length === 0) throw new Error('The sweep found nothing.');
  return tookMs;
}

async function timePick(db: Knex): Promise<number> {
  return undone(db, async (trx) => {
    const runId = randomUUID();
    await trx.raw(
      `insert into runs (id, kind, trigger, due_before, ends_by) values (?, 'nightly', 'schedule', now(), now() + interval '1 hour')`,
      [runId],
    );
    const { tookMs, result } = await timed(() =>
      pickContexts(trx, { runId, kind: 'nightly', limit: PICKED, patienceMs: PATIENCE_MS }),
    );
    if (result !== PICKED) throw new Error(`${result} picked`);
    return tookMs;
  });
}

async function readyGate(trx: Knex.Transaction): Promise<string> {
  const [row] = await queryRows<{ id: string }>(
    trx,
    `select g.id from gates g where exists (select from score_queue q where q.gate = g.id and q.hold is null)
     order by random() limit 1`,
  );
  if (!row) throw new Error('Nothing is ready.');
  return row.id;
}

async function timed<T>(run: () => Promise<T>): Promise<{ tookMs: number; result: T }> {
  const startedAtMs = performance.now();
  const result = await run();
  return { tookMs: performance.now() - startedAtMs, result };
}

/** Runs in a transaction that is rolled back. */
async function undone<T>(db: Knex, run: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
  const trx = await db.transaction();
  try {
    return await run(trx);
  } finally {
    await trx.rollback();
  }
}
