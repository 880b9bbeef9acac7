import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createAttemptWeeks } from '../../../db/scores/attempt-weeks.js';
import { queryRows } from '../../../db/server/knex.js';
import { createWebhookStore } from '../../../db/webhooks/webhook-store.js';
import type { OriginSource, ScoreOrigin } from '../../../domain/score-origin.js';
import { PRIORITY } from '../../../domain/score.js';
import { DEFAULT_SOURCE_LIMITS } from '../../../domain/webhook-source.js';
import { acceptScores, type ScoreOfTest } from '../../helpers/accept-scores.js';
import { createBackfillsOfTest } from '../../helpers/backfills.js';
import { createTestDatabase } from '../../helpers/database.js';
import {
  anyOrigin,
  insertContext,
  insertLineItem,
  insertPlatform,
  insertServiceKey,
  scoreValue,
  createTestVault,
} from '../../helpers/factories.js';
import { namingMapping, STANDARD_SECRET } from '../../helpers/webhooks.js';

const { db } = await createTestDatabase();
const { platform_id: platformId, deployment } = await insertPlatform(db);
const { id: context, context_id: contextId } = await insertContext(db, { deployment });
await insertServiceKey(db, { context });
const { id: lineItem, line_item_id: lineItemId } = await insertLineItem(db, { context });
const column = { platformId, contextId, lineItemId: lineItemId ?? '' };

interface Told {
  revision: number;
  source: OriginSource;
  originId: string | null;
  requestId: string | null;
  was: number | null;
  changedAt: Date;
}

/** Oldest first. */
const revisionsOf = (userId: string): Promise<Told[]> =>
  queryRows(
    db,
    `select r.revision, r.source, r.origin_id as "originId", r.request_id as "requestId",
       (r.was ->> 'scoreGiven')::float as was, r.changed_at as "changedAt"
     from score_revisions r join scores s on s.id = r.score where s.user_id = ? order by r.revision`,
    [userId],
  );

const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 23, 2, 0, seconds));
const scoreOf = (
  userId: string,
  scoreGiven: number,
  seconds: number,
  change: Partial<ScoreOfTest> = {},
): ScoreOfTest => ({
  ...{ context, lineItem, userId, value: scoreValue({ scoreGiven }), changedAt: at(seconds), force: false },
  ...{ priority: PRIORITY.interactive, awaitsNightly: false },
  ...change,
});

test('keeps of each accepted revision who brought it, when it changed, and the value that it replaced', async () => {
  const other: ScoreOrigin = { source: 'scoreSource', id: randomUUID(), requestId: null };
  await acceptScores(db, [scoreOf('ada', 5, 1)]);
  await acceptScores(db, [scoreOf('ada', 6, 2, { origin: other })]);
  const { id, requestId } = anyOrigin;
  assert.deepEqual(await revisionsOf('ada'), [
    { revision: 1, source: 'apiKey', originId: id, requestId, was: null, changedAt: at(1) },
    { revision: 2, source: 'scoreSource', originId: other.id, requestId: null, was: 5, changedAt: at(2) },
  ]);
});

test('keeps nothing of a value that made no revision: the same one, an older one, one that would clear a grade', async () => {
  await acceptScores(db, [scoreOf('bob', 5, 10)]);
  await acceptScores(db, [scoreOf('bob', 5, 11)]);
  await acceptScores(db, [scoreOf('bob', 6, 1)]);
  const value = scoreValue({ scoreGiven: 3, gradingProgress: 'Pending' });
  await acceptScores(db, [scoreOf('bob', 3, 12, { value })]);
  assert.deepEqual(
    (await revisionsOf('bob')).map(({ revision }) => revision),
    [1],
  );
});

test('keeps each of several values for one student in one call, and of several students the right sender', async () => {
  const event = (): ScoreOrigin => ({ source: 'event', id: randomUUID(), requestId: null });
  const [first, second, third] = [event(), event(), event()];
  await acceptScores(db, [
    scoreOf('cyd', 1, 1, { origin: first }),
    scoreOf('dan', 2, 1, { origin: second }),
    scoreOf('cyd', 3, 2, { origin: third }),
  ]);
  const told = async (userId: string) => (await revisionsOf(userId)).map(({ originId, was }) => [originId, was]);
  assert.deepEqual(await told('cyd'), [
    [first.id, null],
    [third.id, 1],
  ]);
  assert.deepEqual(await told('dan'), [[second.id, null]]);
});

test('a value that came while a call is under way is kept with what it replaced', async () => {
  await acceptScores(db, [scoreOf('eli', 5, 1)]);
  await db.raw(
    `update scores set state = 'unknown', sending_revision = 1, sending_at = now(), lane_token = 1 where user_id = 'eli'`,
  );
  await acceptScores(db, [scoreOf('eli', 6, 2)]);
  assert.deepEqual(
    (await revisionsOf('eli')).map(({ was }) => was),
    [null, 5],
  );
});

test('a webhook event is kept with the revision that it made', async () => {
  const store = createWebhookStore(db, createTestVault());
  const made = await store.sources.insert({
    ...{ name: 'grader', platforms: null, secret: STANDARD_SECRET, limits: DEFAULT_SOURCE_LIMITS },
    verification: { scheme: 'standardWebhooks' },
    mapping: namingMapping(platformId, { column: { id: { value: column.lineItemId } } }),
  });
  const events: string[] = [];
  for (const student of ['fay', 'gus']) {
    const body = JSON.stringify({ type: 'graded', student, course: contextId, grade: 7, max: 10, at: at(1) });
    const event = { source: made?.id ?? '', eventId: student, digest: Buffer.alloc(32), body };
    events.push((await store.events.store(event)).id);
  }
  await store.processor.process({ limit: 10 });
  const told = [...(await revisionsOf('fay')), ...(await revisionsOf('gus'))];
  assert.deepEqual(
    told.map(({ source, originId }) => [source, originId]),
    events.map((id) => ['event', id]),
  );
});

test('a backfill is kept with what it brought, and with what it put back', async () => {
  await acceptScores(db, [scoreOf('hal', 5, 1)]);
  const { store, apiKey, ...backfills } = await createBackfillsOfTest(db);
  const id = await backfills.upload([{ column, userId: 'hal', scoreGiven: 8 }]);
  await backfills.preview(id);
  await store.decide({ backfill: id, decision: 'approve', apiKey, reason: 'right' });
  await store.releasePage({ backfill: id, deployment, limit: 10 });
  await store.decide({ backfill: id, decision: 'cancel', apiKey, reason: 'wrong' });
  assert.equal(await store.withdraw(id), 1);
  const told = await revisionsOf('hal');
  assert.deepEqual(
    told.map(({ revision, source, originId, was }) => [revision, source, originId, was]),
    [
      [1, 'apiKey', anyOrigin.id, null],
      [2, 'backfill', id, 5],
      [3, 'backfillWithdrawn', id, 8],
    ],
  );
  const [score] = await queryRows(
    db,
    `select revision, (value ->> 'scoreGiven')::int as given from scores where user_id = 'hal'`,
  );
  assert.deepEqual(score, { revision: 3, given: 5 });
});

test('a process of the release before, which names no sender, goes on', async () => {
  const row = { context, lineItem, userId: 'ivy', value: scoreValue(), changedAt: at(1), priority: 1 };
  await db.raw('select * from insert_scores(?)', [JSON.stringify([{ ...row, awaitsNightly: false, force: false }])]);
  assert.deepEqual(
    (await revisionsOf('ivy')).map(({ source, originId }) => [source, originId]),
    [['unknown', null]],
  );
});

test('lies in the table of its week, which is dropped when it is too old', async () => {
  const weekOf = (moment: string) =>
    `'score_revisions_' || to_char(date_trunc('week', ${moment} at time zone 'UTC'), 'YYYYMMDD')`;
  const [row] = await queryRows<{ week: string; expected: string }>(
    db,
    `select tableoid::regclass::text as week, ${weekOf('now()')} as expected from score_revisions limit 1`,
  );
  assert.equal(row?.week, row?.expected);
  await db.raw(`select make_week('score_revisions', 'at', now() - interval '500 days')`);
  const weeks = createAttemptWeeks(db);
  const astray = `insert into score_revisions (score, at, changed_at, revision, source)
    values (gen_random_uuid(), now() + interval '100 days', now(), 1, 'unknown')`;
  await db.raw(astray);
  assert.deepEqual(await weeks.look(), { hasNextWeek: true, astray: 1 });
  assert.deepEqual(await weeks.keep({ keptMs: 400 * 86_400_000 }), { made: 1, moved: 1, dropped: 1 });
  const found = await queryRows(
    db,
    `select 1 from pg_class where relname = ${weekOf(`(now() - interval '500 days')`)}`,
  );
  assert.deepEqual(found, []);
  assert.deepEqual(await weeks.look(), { hasNextWeek: true, astray: 0 });
});
