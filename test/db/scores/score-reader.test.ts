import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { createScoreReader } from '../../../db/scores/score-reader.js';
import { queryRows } from '../../../db/server/knex.js';
import { SCORE_STATES } from '../../../domain/score.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertScore } from '../../helpers/factories.js';

const { db, url } = await createTestDatabase();
const { id: context } = await insertContext(db);
const { id: lineItem } = await insertLineItem(db, { context });
const page = { platforms: null, before: null, limit: 50 };

for (const state of SCORE_STATES) {
  if (state === 'superseded') continue;
  await insertScore(db, {
    context,
    lineItem,
    state,
    ...(state === 'held' && { columns: { failure_type: 'MemberLeft' } }),
  });
}
await insertScore(db, { context, lineItem, columns: { awaits_nightly: true } });
await insertScore(db, { context, lineItem, columns: { not_before: '2100-01-01' } });

test('lists the scores of each state, and no others', async () => {
  for (const state of SCORE_STATES) {
    const listed = (await createScoreReader(db).list({ ...page, state })).map(({ id }) => id);
    const there = (await queryRows<{ id: string }>(db, 'select id from scores where state = ?', [state])).map(
      ({ id }) => id,
    );
    assert.deepEqual(listed.toSorted(), there.toSorted(), state);
  }
});

test('finds unfinished and rejected scores without reading the submitted ones', async (t) => {
  const client = new pg.Client(url);
  await client.connect();
  t.after(() => client.end());
  await db.raw(
    `insert into scores (context, line_item, user_id, value, changed_at, state, priority, submitted, submitted_revision, submitted_at)
     select s.context, s.line_item, 'done-' || n, s.value, now(), 'submitted', 3, s.value, 1, now()
     from (select * from scores limit 1) s, generate_series(1, 5000) n`,
  );
  await db.raw('analyze');
  for (const state of ['due', 'sending', 'unknown', 'rejected', 'held'] as const) {
    const statements: { sql: string; bindings: unknown[] }[] = [];
    const note = (query: { sql: string; bindings: unknown[] }): void => void statements.push(query);
    db.on('query', note);
    await createScoreReader(db).list({ ...page, state });
    db.removeListener('query', note);
    const [asked] = statements;
    assert.ok(asked);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${asked.sql}`, asked.bindings);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    assert.doesNotMatch(plan, /Seq Scan on scores|scores_seq_key/, `${state}:\n${plan}`);
  }
});
