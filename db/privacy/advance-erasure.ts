import type { Knex } from 'knex';
import { PERSON_STEPS, type PersonStep } from '../../domain/person-request.js';
import { queryRows } from '../server/knex.js';
import { listInFlight } from './erase-scores.js';
import { ERASE_STEPS, type EraseStep } from './erase-steps.js';
import type { Person } from './person.js';

/** Where a request stands, and whose it is. */
export interface OpenRequest extends Person {
  request: string;
  step: PersonStep;
  after: string;
  round: number;
  createdAt: Date;
}

/** Where it goes on after a page. */
export interface Advance {
  /** Null: it has come to its end. */
  to: { step: PersonStep; after: string; round: number } | null;
  counts: Record<string, number>;
  inFlight: number;
  /** Nothing can be done until something else has ended. */
  isWaiting: boolean;
  /** To be woken, so that they settle what is on its way. */
  contexts: readonly { context: string; deployment: string; gate: string }[];
}

/** The second round finds what others copied from rows that the first one had not reached. */
const ROUNDS = 2;
/** For so long nobody can say whether a score arrived: then its column is named as one that may hold it. */
const PATIENCE_MS = 24 * 3_600_000;
const PAGE = 2_000;

/**
 * One step of an erasure: a page, or a look whether all who began before the tombstone have ended. The steps go round twice,
 * each time after such a wait.
 */
export async function advanceErasure(trx: Knex.Transaction, open: OpenRequest, now: Date): Promise<Advance> {
  const { step, round } = open;
  if (step === 'settle' || step === 'collect') {
    const isSettled = await hasSettled(trx, open.request);
    const at = isSettled ? { step: 'events' as const, after: '0', round } : { step, after: open.after, round };
    return { to: at, counts: {}, inFlight: 0, isWaiting: !isSettled, contexts: [] };
  }
  const givesUp = now.getTime() - open.createdAt.getTime() > PATIENCE_MS;
  const { next, counts, inFlight = 0 } = await ERASE_STEPS[step](trx, { ...open, limit: PAGE, givesUp });
  const done = { counts, inFlight, isWaiting: false, contexts: [] };
  if (next !== null) return { ...done, to: { step, after: next, round } };
  if (inFlight > 0) {
    return { ...done, to: { step, after: '0', round }, isWaiting: true, contexts: await listInFlight(trx, open) };
  }
  const following = stepAfter(step);
  if (following) return { ...done, to: { step: following, after: '0', round } };
  if (round >= ROUNDS) return { ...done, to: null };
  await trx.raw('update person_requests set horizon = null where id = ?', [open.request]);
  return { ...done, to: { step: 'settle', after: '0', round: round + 1 } };
}

function stepAfter(step: EraseStep): EraseStep | undefined {
  const names = PERSON_STEPS.filter((name): name is EraseStep => name !== 'settle' && name !== 'collect');
  return names[names.indexOf(step) + 1];
}

/**
 * Whether every transaction that might not have seen what was committed before this step has ended. The first look only
 * notes which those are. What was noted lies in the future of another server, onto which a backup was restored: it would not
 * come for years, so it is noted anew.
 */
async function hasSettled(trx: Knex.Transaction, request: string): Promise<boolean> {
  const [row] = await queryRows<{ isSettled: boolean | null }>(
    trx,
    `select case when horizon <= pg_snapshot_xmax(pg_current_snapshot())
       then horizon <= pg_snapshot_xmin(pg_current_snapshot()) end as "isSettled"
     from person_requests where id = ?`,
    [request],
  );
  if (row?.isSettled === null) {
    await trx.raw('update person_requests set horizon = pg_snapshot_xmax(pg_current_snapshot()) where id = ?', [
      request,
    ]);
  }
  return row?.isSettled ?? false;
}
