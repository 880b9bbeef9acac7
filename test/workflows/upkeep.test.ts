import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { desiredSchedules, reconcileSchedules } from '../../worker/schedules.js';
import { UPKEEP_SCHEDULE_ID } from '../../workflows/names.js';
import { eventually } from '../helpers/database.js';
import { createRig } from '../helpers/rig.js';

const rig = await createRig();

test('the schedule has the tables of the coming weeks made, and what is older than it is kept removed', async () => {
  const clock = { hour: 3, minute: 30 };
  const declared = desiredSchedules({
    ...{ sweepIntervalMs: 3_600_000, timeZone: 'UTC', nightlyLimitMs: 60_000 },
    ...{ nightlyAt: clock, rosterAt: clock, reconcileAt: clock },
  }).filter(({ scheduleId }) => scheduleId === UPKEEP_SCHEDULE_ID);
  await rig.db.raw(`select make_attempts_week(now() - interval '500 days')`);
  const [astray, kept] = [await insertAttempt('100 days'), await insertAttempt('-1 hour')];
  await rig.db.raw(
    `insert into runs (id, kind, trigger, state, ends_by, ended_at)
     values (gen_random_uuid(), 'sync', 'api', 'completed', now(), now() - interval '500 days')`,
  );
  await reconcileSchedules(rig.client, declared);
  const handle = rig.client.schedule.getHandle(UPKEEP_SCHEDULE_ID);
  const { spec, policies } = await handle.describe();
  assert.deepEqual([spec.intervals?.map(({ every }) => every), policies.overlap], [[86_400_000], 'SKIP']);
  await handle.trigger();
  const result = await eventually('an upkeep that has ended', async () => {
    const [begun] = (await handle.describe()).info.recentActions;
    return begun && rig.client.workflow.getHandle<() => Promise<object>>(begun.action.workflow.workflowId).result();
  });
  assert.deepEqual(result, { made: 1, moved: 1, dropped: 1, removed: { runs: 1 } });
  const rows = await queryRows<{ score: string }>(
    rig.db,
    `select score from attempts where tableoid <> 'attempts_default'::regclass order by started_at`,
  );
  assert.deepEqual(
    rows.map(({ score }) => score),
    [kept, astray],
  );
});

async function insertAttempt(fromNow: string): Promise<string> {
  const score = randomUUID();
  await rig.db.raw(
    `insert into attempts (score, revision, kind, outcome, started_at, duration_ms, lane_token)
     values (?, 1, 'submit', 'submitted', now() + ?::interval, 5, 1)`,
    [score, fromNow],
  );
  return score;
}
