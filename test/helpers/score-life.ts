/**
 * The life of scores in one course, driven through the stores that drive it in earnest. Each step says which event it
 * expects each score to meet; what the database then holds is compared with the table of transitions.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { SENDING, SUBMITTED } from '../../db/scores/carried-values.js';
import { queryRows } from '../../db/server/knex.js';
import { targetsOf, type ScoreEvent } from '../../domain/score-transitions.js';
import type { HeldScore, ScoreState } from '../../domain/score.js';
import { insertContext, insertLineItem, insertPlatform, insertServiceKey } from './factories.js';

/** A score as it stands between two steps. */
export interface LivingScore extends HeldScore {
  id: string;
  lineItem: string;
  userId: string;
  failureType: string | null;
  awaitsNightly: boolean;
  /** Due, and nothing of its own holds it back. */
  isReady: boolean;
  /** What is on its way. */
  sendingRevision: number | null;
  /** What is on its way is what we hold. */
  isNewest: boolean;
}

export interface Course {
  db: Knex;
  context: string;
  deployment: string;
  gate: string;
  platformId: string;
  contextId: string;
  /** The column, and its id in the LMS; a lost one is followed by another. */
  lineItem: string;
  lineItemId: string;
  resourceId: string;
  token: number;
  /** Events that were expected and came. */
  seen: Set<ScoreEvent>;
}

export async function createCourseOfLife(db: Knex, seen: Set<ScoreEvent>): Promise<Course> {
  const platform = await insertPlatform(db);
  const { deployment } = platform;
  const { id: context, context_id, gate } = await insertContext(db, { deployment });
  await insertServiceKey(db, { context });
  const resourceId = createHash('sha1').update(context).digest('hex');
  const column = await insertLineItem(db, { context, columns: { resource_id: resourceId } });
  return {
    ...{
      db,
      context,
      deployment,
      gate,
      platformId: platform.platform_id,
      contextId: context_id,
      resourceId,
      token: 0,
      seen,
    },
    ...{ lineItem: column.id, lineItemId: column.line_item_id ?? '' },
  };
}

/** All scores of the course but those that are superseded or erased. */
export function readScores({ db, context }: Course): Promise<LivingScore[]> {
  return queryRows(
    db,
    `select id, line_item as "lineItem", user_id as "userId", state, revision, value, changed_at as "changedAt", ${SUBMITTED} as submitted,
       forced, failure_type as "failureType", awaits_nightly as "awaitsNightly",
       sending_revision as "sendingRevision", state = 'due' and not awaits_nightly and not_before <= now() as "isReady",
       coalesce(revision = sending_revision or (value = ${SENDING} and not forced), false) as "isNewest"
     from scores s where context = ? and state not in ('superseded', 'erased') order by seq`,
    [context],
  );
}

/** `undefined`: the score is left alone. A list: it meets one of these, or nothing. */
export type Expectation = (score: LivingScore) => ScoreEvent | readonly ScoreEvent[] | undefined;

/** Acts, and compares what became of every score with the table. `act` may make scores where it expects `created`. */
export async function step(course: Course, expect: Expectation, act: () => Promise<unknown>): Promise<void> {
  const before = await readScores(course);
  await act();
  const rows = await queryRows<{ id: string; state: ScoreState }>(
    course.db,
    'select id, state from scores where context = ?',
    [course.context],
  );
  const after = new Map(rows.map(({ id, state }) => [id, state]));
  for (const score of before) {
    const is = after.get(score.id) ?? 'gone';
    const expected = expect(score);
    const where = `${JSON.stringify(expected)} of ${score.state} leads to ${is}`;
    if (typeof expected === 'string') {
      assert.ok(targetsOf(expected, score.state).includes(is), where);
      course.seen.add(expected);
    } else {
      const allowed = (expected ?? []).flatMap((event) => [...targetsOf(event, score.state)]);
      assert.ok([score.state, ...allowed].includes(is), where);
    }
  }
  const known = new Set(before.map(({ id }) => id));
  const created = (await readScores(course)).filter(({ id }) => !known.has(id));
  for (const { state } of created) assert.equal(state, 'due');
  if (created.length > 0) course.seen.add('created');
  await assertSound(course);
}

/** What holds for every score at every moment, beside the checks of the schema. */
async function assertSound({ db, context }: Course): Promise<void> {
  const broken = await queryRows(
    db,
    `select id, state, forced, overrides_human, sending, submitted, value from scores
     where context = ? and (
       (state = 'submitted' and (forced or overrides_human or submitted is not null))
       or (overrides_human and not forced)
       or sending = value or submitted = value
       or (state in ('due', 'submitted') and sending_revision is not null))`,
    [context],
  );
  assert.deepEqual(broken, []);
}
