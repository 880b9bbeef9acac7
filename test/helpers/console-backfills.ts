/** Backfills as the console shows them, without Temporal. */
import type { Knex } from 'knex';
import { createBackfillsOfTest, type CorrectionOfTest } from './backfills.js';

export interface ConsoleBackfills {
  awaiting: string;
  releasing: string;
  finished: string;
}

/** One to be approved, one under way and one that has ended, over scores of a course. */
export async function insertConsoleBackfills(
  db: Knex,
  of: { platformId: string; contextId: string; column: string },
): Promise<ConsoleBackfills> {
  const { platformId, contextId } = of;
  const lineItemId = (await db('line_items').where({ id: of.column }).pluck<string[]>('line_item_id'))[0] ?? '';
  const column = { platformId, contextId, lineItemId };
  const backfills = await createBackfillsOfTest(db);
  const { store, apiKey } = backfills;
  const begin = async (reason: string, corrections: readonly CorrectionOfTest[]): Promise<string> => {
    const id = await backfills.upload(corrections, { reason, queueBehind: false });
    await backfills.preview(id);
    return id;
  };
  const corrected = (userId: string, scoreGiven: number): CorrectionOfTest => ({
    ...{ column, userId, scoreGiven, scoreMaximum: 10 },
  });
  const finished = await begin('One point <b>too few</b>', [corrected('ada', 9)]);
  await store.decide({ backfill: finished, decision: 'approve', apiKey, reason: 'looked at it' });
  await db('backfills')
    .where({ id: finished })
    .update({ state: 'finished', sent: 1, unsent: 0, finished_at: new Date() });
  const releasing = await begin('Rounding', [corrected('alan', 4), corrected('new-one', 2)]);
  await store.decide({ backfill: releasing, decision: 'approve', apiKey, reason: 'looked at it' });
  await db('backfills').where({ id: releasing }).update({ sent: 1, unsent: 1, rate_per_second: 2.5 });
  const awaiting = await begin('The bug in quiz "1" & <i>more</i>', [
    ...[corrected('ada', 10), corrected('grace', 0), { ...corrected('ben', 5), line: 4 }],
    { ...corrected('<script>x</script>', 3), line: 5, column: { ...column, contextId: 'none' } },
  ]);
  return { awaiting, releasing, finished };
}
