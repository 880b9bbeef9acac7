import type { Knex } from 'knex';
import { BACKFILL_ENDS } from '../../domain/backfill.js';
import { queryRows } from '../server/knex.js';
import type { PreviewStep } from './preview.js';

const ENDS = BACKFILL_ENDS.map((end) => `'${end}'`).join(', ');

/** It (`b`) waits for another one, which has not ended. */
export const IS_BEHIND_ANOTHER = `(b.state = 'queued' and exists (
  select from backfills o where o.id = b.blocked_by and o.state not in (${ENDS})))`;

/** Those that wait for this one, the oldest first. */
export async function listBehind(db: Knex, backfill: string): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    db,
    `select id from backfills where blocked_by = :backfill and state = 'queued' order by seq`,
    { backfill },
  );
  return rows.map(({ id }) => id);
}

/**
 * Lets a backfill be previewed, unless it waits for another one: that is one look by keys, however often it is asked. When
 * its turn comes, all is judged again, since the other one may have changed what is held.
 */
export async function enterPreview(
  db: Knex,
  backfill: string,
): Promise<{ source: string; step: Partial<PreviewStep> } | undefined> {
  return db.transaction(async (trx) => {
    const [row] = await queryRows<{ source: string; state: string; step: Partial<PreviewStep> }>(
      trx,
      `select source, state, preview_step as step from backfills b
       where id = :backfill and state in ('previewing', 'queued') and not ${IS_BEHIND_ANOTHER} for no key update`,
      { backfill },
    );
    if (!row) return undefined;
    const { source, state, step } = row;
    if (state === 'queued') await forgetJudgement(trx, { backfill, source });
    await queryRows(
      trx,
      `update backfills set state = 'previewing', blocked_by = null, updated_at = now() where id = :backfill`,
      { backfill },
    );
    return { source, step: state === 'queued' ? {} : step };
  });
}

async function forgetJudgement(
  trx: Knex.Transaction,
  { backfill, source }: { backfill: string; source: string },
): Promise<void> {
  await queryRows(trx, `update backfills set preview_step = '{}' where id = :backfill`, { backfill });
  if (source === 'upload') {
    await queryRows(
      trx,
      `update backfill_items set state = 'staged', kind = null, reason = null, other_line = null, expected_revision = null
       where backfill = :backfill and state <> 'staged'`,
      { backfill },
    );
    return;
  }
  await queryRows(trx, 'delete from backfill_items where backfill = :backfill', { backfill });
  await queryRows(trx, 'delete from backfill_targets where backfill = :backfill', { backfill });
}
