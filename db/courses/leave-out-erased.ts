import type { Knex } from 'knex';
import type { ErasedPeople } from '../privacy/erased-people.js';
import { queryRows } from '../server/knex.js';

/** Whom a read has listed, but for those who were erased since the page with them was kept aside: they go. */
export async function leaveOutErased(
  trx: Knex.Transaction,
  erased: ErasedPeople,
  { context, read }: { context: string; read: number },
): Promise<{ user: string }[]> {
  const drafts = await queryRows<{ user: string }>(
    trx,
    'select user_id as "user" from membership_drafts where context = ? and read = ?',
    [context, read],
  );
  const gone = await erased.find(
    trx,
    drafts.map(({ user }) => ({ context, userId: user })),
  );
  if (gone.size === 0) return drafts;
  const users = drafts.flatMap(({ user }, place) => (gone.has(place) ? [user] : []));
  await trx.raw('delete from membership_drafts where context = ? and user_id = any (?::text[])', [context, users]);
  return drafts.filter((_, place) => !gone.has(place));
}
