/** A person of `score-life.ts` is erased, at any moment. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { eraseScores } from '../../db/privacy/erase-scores.js';
import { createPersonRequests } from '../../db/privacy/person-requests.js';
import { queryRows } from '../../db/server/knex.js';
import type { ScoreEvent } from '../../domain/score-transitions.js';
import { insertApiKey, createTestVault } from './factories.js';
import type { Happening } from './score-happenings.js';
import { step, type LivingScore } from './score-life.js';

/** `givesUp`: what nobody could read back for long goes too. */
export const isErased =
  (userId: string, givesUp = false): Happening =>
  async (course) => {
    const { db, platformId, context } = course;
    const { id: apiKey } = await insertApiKey(db);
    const request = randomUUID();
    const person = { platformId, userId, platforms: null };
    const begun = await createPersonRequests(db, { vault: createTestVault() }).begin({
      ...person,
      ...{ id: request, kind: 'erase', apiKey, reason: 'a test' },
    });
    assert.ok(!('problem' in begun));
    const [{ platform } = { platform: '' }] = await queryRows<{ platform: string }>(
      db,
      'select platform from person_requests where id = ?',
      [request],
    );
    // What happens next is to go on as if somebody else of that name came.
    await db.raw('delete from person_tombstones where request = ?', [request]);
    if (givesUp) await db.raw('update scores set not_before = now() where context = ?', [context]);
    const page = { request, platform, platformId, userId, deployment: null, after: '0', limit: 100, givesUp };
    await step(
      course,
      (score) => eventOf(score, userId, givesUp),
      () => db.transaction((trx) => eraseScores(trx, page)),
    );
  };

function eventOf({ userId, state }: LivingScore, erased: string, givesUp: boolean): ScoreEvent | undefined {
  if (userId !== erased || state === 'sending') return undefined;
  if (state === 'unknown') return givesUp ? 'abandoned' : undefined;
  return 'erased';
}
