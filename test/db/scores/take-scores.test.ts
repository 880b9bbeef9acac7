import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { takeScores } from '../../../db/scores/take-scores.js';
import type { ColumnName } from '../../../domain/parse-column.js';
import { parseScore, type ParsedScore } from '../../../domain/parse-score.js';
import { createTestDatabase, whenBlocked } from '../../helpers/database.js';
import { anyErased } from '../../helpers/any-erased.js';
import { anyOrigin, insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const { platform_id: platformId, deployment } = await insertPlatform(db);
const { id: context, context_id: contextId } = await insertContext(db, { deployment });

function score(lineItem: ColumnName, change: Record<string, unknown> = {}): ParsedScore {
  const item = { platformId, contextId, lineItem, userId: 'ann', scoreGiven: 5, scoreMaximum: 10, ...change };
  const parsed = parseScore(item, new Date());
  assert.ok(parsed.ok);
  return parsed.score;
}

const take = (scores: readonly ParsedScore[]) =>
  takeScores(db, scores, { platforms: null, origin: anyOrigin, erased: anyErased() });
const wanted = (resourceId: string): ColumnName => ({ resourceId, label: resourceId, scoreMaximum: 10 });

const listScores = (resourceId: string): Promise<{ column: string; userId: string }[]> =>
  queryRows(
    db,
    `select l.id as column, s.user_id as "userId" from line_items l left join scores s on s.line_item = l.id
     where l.resource_id = ? order by s.user_id`,
    [resourceId],
  );

test('says of each score what became of it, and where, in their order', async () => {
  const taken = await take([
    score(wanted('order')),
    score(wanted('order'), { contextId: 'nowhere' }),
    score(wanted('order')),
    score(wanted('order'), { scoreGiven: undefined, gradingProgress: 'Pending' }),
    score(wanted('order'), { userId: 'bob', submit: 'nightly' }),
  ]);
  assert.deepEqual(
    taken.map((answer) => ('problem' in answer ? answer.problem : [answer.outcome, answer.needsSync])),
    [['accepted', true], 'unknownContext', ['unchanged', true], ['wouldClear', false], ['accepted', false]],
  );
  const places = taken.flatMap((answer) => ('problem' in answer ? [] : [[answer.context, answer.deployment]]));
  assert.deepEqual(places, Array(4).fill([context, deployment]));
});

test('keeps no column where the scores cannot be stored', async () => {
  await db.raw(`alter table scores add constraint no_thirteen check (user_id <> 'thirteen')`);
  await assert.rejects(take([score(wanted('refused')), score(wanted('refused'), { userId: 'thirteen' })]));
  await db.raw('alter table scores drop constraint no_thirteen');
  assert.deepEqual(await listScores('refused'), []);
});

test('follows a column that turns out to be another after it was found, and before it is locked', async () => {
  const known = await insertLineItem(db, { context });
  const named = await insertLineItem(db, { context, lineItemId: null, columns: { resource_id: 'merged' } });
  const merge = await db.transaction();
  await merge.raw('select 1 from line_items where id in (?, ?) order by id for update', [named.id, known.id]);
  const taking = take([score(wanted('merged'))]);
  await whenBlocked(db);
  await merge.raw('update line_items set merged_into = ? where id = ?', [known.id, named.id]);
  await merge.commit();
  await taking;
  const rows = await queryRows(db, 'select 1 from scores where line_item = ?', [known.id]);
  assert.equal(rows.length, 1);
});

test('takes all of it anew, its new columns too, when PostgreSQL gives it up for the sake of another', async () => {
  const { id: lineItem, line_item_id } = await insertLineItem(db, { context });
  const { id: held } = await insertScore(db, { context, lineItem, userId: 'ann' });
  const other = await db.transaction();
  // It is ours that notices the deadlock first, and is given up.
  await other.raw(`set local deadlock_timeout = '1min'`);
  await other.raw('select 1 from scores where id = ? for update', [held]);
  const taking = take([score(wanted('twice')), score({ id: line_item_id ?? '' })]);
  await whenBlocked(db);
  const insert =
    'insert into line_items (context, resource_id, label, score_maximum) values (?, ?, ?, 10) returning id';
  const [column] = await queryRows<{ id: string }>(other, insert, [context, 'twice', 'of the other']);
  await other.commit();
  assert.deepEqual(
    (await taking).map((answer) => 'outcome' in answer && answer.outcome),
    ['accepted', 'accepted'],
  );
  assert.deepEqual(await listScores('twice'), [{ column: column?.id, userId: 'ann' }]);
});
