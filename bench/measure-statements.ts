import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { createLanes } from '../db/platforms/lanes.js';
import { pickContexts } from '../db/runs/pick-contexts.js';
import { planContexts } from '../db/runs/plan-contexts.js';
import { createClaims } from '../db/scores/claims.js';
import { createQueue } from '../db/scores/queue.js';
import { createScoreReader } from '../db/scores/score-reader.js';
import { queryRows, type Queryable } from '../db/server/knex.js';

/** Milliseconds of one execution of each statement, on a database that is left as it was. */
export interface StatementTimes {
  claim: number;
  /** Of the sweep: gates with something ready, probes, courses that want columns. */
  sweep: number;
  probes: number;
  columns: number;
  /** Of the night: courses put in line, and picked from there. */
  line: number;
  pick: number;
  /** Of the API: a list of rejected scores. */
  rejected: number;
}

const LANE_MS = 30_000;
/** As the worker claims: a chunk at a time. */
const CLAIMED = 24;
const SWEPT = 200;
/** As few as the smallest database has, so that the same is done at every size: a third is parked, the others are picked. */
const PLANNED = 12;
const PICKED = 8;
const FEW = 4;
const PATIENCE_MS = 900_000;

export async function measureStatements(db: Knex): Promise<StatementTimes> {
  return {
    ...{ claim: await timeClaim(db), sweep: await timeSweep(db), probes: await timeProbes(db) },
    ...{ columns: await timeColumns(db), ...(await timeNight(db)), rejected: await timeRejected(db) },
  };
}

/** What goes by `pg` in a worker goes by knex here, in a transaction that is undone. */
const toQueryable = (trx: Knex.Transaction): Queryable => ({
  query: async (text, values) => ({
    rows: await queryRows(trx, text.replaceAll(/\$\d/g, '?'), values as Knex.RawBinding[]),
  }),
});

async function timeClaim(db: Knex): Promise<number> {
  return undone(db, async (trx) => {
    const gate = await readyGate(trx);
    const lane = await createLanes(trx).take({ gate, leaseMs: LANE_MS, laneMs: LANE_MS, settleMs: 0 });
    if (!('token' in lane)) throw new Error('The lane is taken.');
    const { tookMs, result } = await timed(() =>
      createClaims(toQueryable(trx)).claim({ gate, token: lane.token, limit: CLAIMED, after: randomUUID() }),
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

async function timeProbes(db: Knex): Promise<number> {
  return undone(db, async (trx) => {
    const { tookMs, result } = await timed(() => createQueue(trx).releaseProbes(SWEPT));
    if (result !== FEW) throw new Error(`${result} let go`);
    return tookMs;
  });
}

async function timeColumns(db: Knex): Promise<number> {
  const { tookMs, result } = await timed(() => createQueue(db).listWantingColumns({ after: null, limit: SWEPT }));
  if (result.courses.length !== FEW) throw new Error(`${result.courses.length} want columns`);
  return tookMs;
}

async function timeRejected(db: Knex): Promise<number> {
  const page = { platforms: null, state: 'rejected', before: null, limit: 50 } as const;
  return (await timed(() => createScoreReader(db).list(page))).tookMs;
}

async function timeNight(db: Knex): Promise<{ line: number; pick: number }> {
  return undone(db, async (trx) => {
    const runId = randomUUID();
    await trx.raw(
      `insert into runs (id, kind, trigger, due_before, ends_by) values (?, 'nightly', 'schedule', now(), now() + interval '1 hour')`,
      [runId],
    );
    const line = await timed(() =>
      planContexts(trx, { runId, kind: 'nightly', limit: PLANNED, patienceMs: PATIENCE_MS }),
    );
    const pick = await timed(() => pickContexts(trx, { runId, kind: 'nightly', limit: PICKED }));
    if (pick.result !== PICKED) throw new Error(`${pick.result} picked`);
    return { line: line.tookMs, pick: pick.tookMs };
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
