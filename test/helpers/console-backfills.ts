/** Backfills as the console shows them, without Temporal. */
import type { Knex } from 'knex';
import { createBackfillsOfTest, type CorrectionOfTest } from './backfills.js';
import { insertContext, insertLineItem, insertScore, insertServiceKey } from './factories.js';

export interface ConsoleBackfills {
  awaiting: string;
  releasing: string;
  finished: string;
}

const SCORED = ['b-ada', 'b-ben', 'b-cleo', 'b-dan', 'b-eve', 'b-fay'];

/** One to be approved, one under way and one that has ended, over scores of a course of their own. */
export async function insertConsoleBackfills(
  db: Knex,
  { platformId, deployment }: { platformId: string; deployment: string },
): Promise<ConsoleBackfills> {
  const { id: context } = await insertContext(db, { deployment, contextId: 'geo-3' });
  const { id: lineItem, line_item_id: lineItemId } = await insertLineItem(db, { context });
  await insertServiceKey(db, { context });
  for (const userId of SCORED) await insertScore(db, { context, lineItem, userId, state: 'submitted' });
  const backfills = await createBackfillsOfTest(db);
  const { store, apiKey } = backfills;
  const column = { platformId, contextId: 'geo-3', lineItemId: lineItemId ?? '' };
  const begin = async (reason: string, grades: Record<string, number>, more: CorrectionOfTest[] = []) => {
    const corrections = Object.entries(grades).map(([userId, scoreGiven]) => ({ column, userId, scoreGiven }));
    const id = await backfills.upload([...corrections, ...more], { reason });
    await backfills.preview(id);
    return id;
  };
  const finished = await begin('One point <b>too few</b>', { 'b-ada': 9 });
  await store.decide({ backfill: finished, decision: 'approve', apiKey, reason: 'looked at it' });
  await db('backfills')
    .where({ id: finished })
    .update({ state: 'finished', sent: 1, unsent: 0, finished_at: new Date() });
  const releasing = await begin('Rounding', { 'b-ada': 8, 'b-ben': 8 });
  await store.decide({ backfill: releasing, decision: 'approve', apiKey, reason: 'looked at it' });
  await db('backfills').where({ id: releasing }).update({ sent: 1, unsent: 1, rate_per_second: 2.5 });
  const elsewhere = { ...column, contextId: 'none' };
  const awaiting = await begin(
    'The bug in quiz "1" & <i>more</i>',
    { 'b-cleo': 10, 'b-dan': 0, 'b-eve': 9.8, 'b-fay': 6.6 },
    [{ column: elsewhere, userId: '<script>x</script>', scoreGiven: 3, scoreMaximum: 10, line: 9 }],
  );
  return { awaiting, releasing, finished };
}
