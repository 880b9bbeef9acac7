/** Places that tests pause and resume, through the stores that do it in earnest. */
import assert from 'node:assert/strict';
import type { Knex } from 'knex';
import { createGateLimits } from '../../db/platforms/gate-limits.js';
import { createLanes, type HeldLane } from '../../db/platforms/lanes.js';
import { createPauses } from '../../db/platforms/pauses.js';
import type { Pausable } from '../../db/platforms/pausing.js';
import { createClaims } from '../../db/scores/claims.js';
import { createScoreReader } from '../../db/scores/score-reader.js';
import type { Wait } from '../../domain/wait.js';
import { toQueryable } from './database.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from './factories.js';

const PAST = '2026-01-01T00:00:00Z';

export interface Place {
  platform: string;
  deployment: string;
  gate: string;
  context: string;
  lineItem: string;
  score: string;
}

type Words = { until: Date | null; reason: string };

// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the inferred record is what tests need
export async function createPlaces(db: Knex) {
  const pauses = createPauses(db);
  const lanes = createLanes(db);
  const limits = createGateLimits(db);
  const { id: apiKey } = await insertApiKey(db);

  const createPlatform = async (): Promise<{ platform: string; deployment: string }> => {
    const { id, deployment } = await insertPlatform(db);
    return { platform: id, deployment };
  };

  /** A course with one score that has been due for long; by itself behind its gate, unless `beside` another. */
  async function createCourse(beside?: Place): Promise<Place> {
    const { platform, deployment } = beside ?? (await createPlatform());
    const { id: context, gate } = await insertContext(db, { deployment });
    await insertServiceKey(db, { context });
    const { id: lineItem } = await insertLineItem(db, { context });
    const { id: score } = await insertScore(db, { context, lineItem, columns: { due_at: PAST, not_before: PAST } });
    return { platform, deployment, gate, context, lineItem, score };
  }

  const pause = (kind: Pausable, place: Place, { until = null, reason = 'wrong grades' }: Partial<Words> = {}) =>
    pauses.pause({ kind, id: place[kind], reason, until, audit: audit(`${kind}s.pause`, place[kind]) });
  const resume = (kind: Pausable, place: Place) =>
    pauses.resume({ kind, id: place[kind], audit: audit(`${kind}s.resume`, place[kind]) });
  const audit = (action: string, subject: string) => ({ apiKey, action, subject, reason: 'a test' });

  async function claim({ gate }: Place): Promise<string[]> {
    const { token, held } = await hold(gate);
    const claimed = await createClaims(toQueryable(db)).claim({ gate, token, limit: 10, after: null });
    assert.ok(claimed && held);
    await lanes.giveBack({ gate, token });
    return claimed.scores.map(({ id }) => id);
  }

  async function hold(gate: string): Promise<{ token: number; held: HeldLane }> {
    await db.raw('update gates set lane_expires_at = null, lane_calls_end_at = null where id = ?', [gate]);
    const lane = await lanes.take({ gate, leaseMs: 60_000, laneMs: 60_000, settleMs: 0 });
    assert.ok('token' in lane);
    const want = { inFlight: 0, want: 4, unspent: 0, starts: 100, hasSucceeded: false };
    const held = await lanes.hold({ gate, token: lane.token, leaseMs: 60_000, laneMs: 60_000, ...want });
    assert.ok(held);
    return { token: lane.token, held };
  }

  const waitOf = async ({ score }: Place): Promise<Wait | null | undefined> =>
    (await createScoreReader(db).find({ id: score, platforms: null }))?.wait;

  const takeTurn = async ({ gate, context }: Place): Promise<string> => {
    const answer = await limits.takeTurn({ gate, context, ttlMs: 1_000 });
    if (!('turn' in answer)) return answer.reason;
    await limits.endTurn(answer.turn);
    return 'turn';
  };

  return { pauses, createCourse, pause, resume, claim, hold, waitOf, takeTurn };
}
