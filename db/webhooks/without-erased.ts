import type { Knex } from 'knex';
import type { ErasedPeople } from '../privacy/erased-people.js';
import type { Verdict } from './judge-events.js';

/** An event that cannot be used may still say of whom it is: then it ends as others of that person do. */
export async function withoutErased(
  trx: Knex.Transaction,
  erased: ErasedPeople,
  verdicts: readonly Verdict[],
): Promise<Verdict[]> {
  const people = verdicts.map(({ state, facts: { platformId, userId } }) =>
    state === 'scored' || platformId === undefined || userId === undefined ? null : { platformId, userId },
  );
  const gone = await erased.findOnPlatforms(trx, people);
  return verdicts.map((verdict, place) => {
    if (!gone.has(place)) return verdict;
    const nothing = { facts: {}, item: null, score: null, parts: [], wake: null };
    return { id: verdict.id, ...nothing, state: 'ignored', reason: { name: 'personErased' } };
  });
}
