import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, textAt } from '../../helpers/app.js';

const { db, call } = await createTestApi();

test('tells of evidence that lies in no week’s table, and of a week that has none', async () => {
  const find = async (): Promise<[string, number][]> => {
    const { body } = await call('GET', '/v1/health/operations');
    const findings = at(body, 'findings');
    assert.ok(Array.isArray(findings));
    return findings
      .filter((finding) => at(finding, 'subject') === 'attempts')
      .map((finding) => [textAt(finding, 'type'), Number(at(finding, 'count'))]);
  };
  assert.deepEqual(await find(), []);
  const [row] = await queryRows<{ week: string }>(
    db,
    `select 'attempts_' || to_char(date_trunc('week', now() at time zone 'UTC') + interval '7 days', 'YYYYMMDD') as week`,
  );
  await db.raw('drop table ??', [row?.week ?? '']);
  await db.raw(
    `insert into attempts (score, revision, kind, outcome, started_at, duration_ms, lane_token)
     select gen_random_uuid(), 1, 'submit', 'submitted', now() + n * interval '168 hours', 5, 1
     from unnest(array[0, 1, 30]) as n`,
  );
  assert.deepEqual(await find(), [
    ['attemptsWeekMissing', 1],
    ['attemptsAstray', 2],
  ]);
  const { text } = await call('GET', '/v1/health/operations');
  assert.match(text, /2 rows of evidence lie in no week’s table/);
});
