import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Connection } from '@temporalio/client';
import type { Schedules } from '../../../api/temporal/schedule-client.js';
import { msToTs, requiredTsToMs } from '@temporalio/common/lib/time.js';
import { createScheduleClient } from '../../../api/temporal/schedule-client.js';
import { nextInstants } from '../../../domain/schedule-spec.js';
import { desiredSchedules, reconcileSchedules, type ScheduleSettings } from '../../../worker/schedules.js';
import { at, createTestApi, problemOf, textAt } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { insertApiKey } from '../../helpers/factories.js';
import { createTestNamespace } from '../../helpers/temporal.js';

const settings: ScheduleSettings = {
  sweepIntervalMs: 3_600_000,
  timeZone: 'Europe/Brussels',
  nightlyAt: { hour: 3, minute: 30 },
  nightlyLimitMs: 6 * 3_600_000,
  rosterAt: { hour: 23, minute: 15 },
  reconcileAt: { hour: 5, minute: 30 },
};
const { address, client, namespace } = await createTestNamespace();
const connection = await Connection.connect({ address });
after(() => connection.close());
const schedules = createScheduleClient({
  connection,
  namespace,
  uiUrl: 'http://ui.example',
  deadlineMs: 20_000,
});
const api = await createTestApi({ schedules });
const plainly = { timeZone: 'UTC', jitterSeconds: 0 };
const start = (changes: Partial<ScheduleSettings> = {}): Promise<void> =>
  reconcileSchedules(client, desiredSchedules({ ...settings, ...changes }));
await start();

describe('a fresh cluster', () => {
  test('has five schedules, of which reconciliation is off', async () => {
    const { status, body } = await api.call('GET', '/v1/schedules');
    assert.equal(status, 200);
    const seen = [0, 1, 2, 3, 4].map((place) => [
      at(body, 'schedules', place, 'name'),
      at(body, 'schedules', place, 'paused') !== null,
    ]);
    assert.deepEqual(seen, [
      ['sweep', false],
      ['nightly-sync', false],
      ['roster-refresh', false],
      ['reconcile', true],
      ['upkeep', false],
    ]);
  });

  test('runs its night by a named clock, skips overlaps and makes up for six hours', async () => {
    const { body } = await api.call('GET', '/v1/schedules/nightly-sync');
    assert.equal(at(body, 'cron'), '30 3 * * *');
    assert.equal(at(body, 'timeZone'), 'Europe/Brussels');
    assert.equal(at(body, 'jitterSeconds'), 300);
    assert.equal(at(body, 'catchupSeconds'), 6 * 3_600);
    assert.deepEqual(at(body, 'clockTrouble'), []);
    assert.equal(at(body, 'url'), `http://ui.example/namespaces/${namespace}/schedules/nightly-sync`);
    assert.match(textAt(body, 'nextRuns', 0), /^\d{4}-/);
    const { policies } = await client.schedule.getHandle('nightly-sync').describe();
    assert.equal(policies.overlap, 'SKIP');
    const { action } = await client.schedule.getHandle('nightly-sync').describe();
    assert.equal(action.workflowExecutionTimeout, 8 * 3_600_000);
  });

  test('has no schedule of any other name', async () => {
    const { status } = await api.call('GET', '/v1/schedules/lunch');
    assert.equal(status, 404);
  });
});

describe('what an operator did', () => {
  test('a pause outlives the start of a worker, with who and why', async () => {
    const paused = await api.call('POST', '/v1/schedules/nightly-sync/pause', { body: { reason: 'LMS upgrade' } });
    assert.equal(paused.status, 200);
    await start();
    await start({ nightlyLimitMs: 1_000_000 });
    const { body } = await api.call('GET', '/v1/schedules/nightly-sync');
    const { state } = await client.schedule.getHandle('nightly-sync').describe();
    assert.match(state.note ?? '', /^paused by API key \S+ at \S+, note [0-9a-f-]{36}$/);
    const [, apiKeyId, since] =
      /^paused by API key ([0-9a-f-]{36}) at (\S+): LMS upgrade$/.exec(textAt(body, 'note')) ?? [];
    assert.deepEqual(at(body, 'paused'), { reason: 'LMS upgrade', apiKeyId, since, until: null });
    const again = await api.call('POST', '/v1/schedules/nightly-sync/pause', { body: { reason: 'and another' } });
    assert.deepEqual(at(again.body, 'paused'), { reason: 'and another', apiKeyId, since, until: null });
    const { action } = await client.schedule.getHandle('nightly-sync').describe();
    assert.deepEqual(action.args, [{ limitMs: 1_000_000 }]);
    const kept = api.db('audit_entries').where({ action: 'schedules.pause', subject: 'nightly-sync', outcome: 'done' });
    assert.deepEqual(await kept.orderBy('id').pluck('reason'), ['LMS upgrade', 'and another']);

    const unpaused = await api.call('POST', '/v1/schedules/nightly-sync/unpause', { body: { reason: 'done' } });
    assert.deepEqual([unpaused.status, at(unpaused.body, 'paused')], [200, null]);
    assert.match(textAt(unpaused.body, 'note'), /^unpaused by .*: done$/);
  });

  test('takes a reason of any length that is allowed, and audits the whole of it', async () => {
    for (const reason of ['x'.repeat(1_000), '漢'.repeat(1_000)])
      for (const action of ['pause', 'trigger', 'unpause', 'pause']) {
        const done = await api.call('POST', `/v1/schedules/reconcile/${action}`, { body: { reason } });
        assert.equal(done.status, action === 'trigger' ? 202 : 200, `${action} ${done.text}`);
        assert.equal((await api.db('audit_entries').where({ action: `schedules.${action}`, reason })).length > 0, true);
      }
  });

  test('a changed time outlives the start of a worker, and gives way to another configured time', async () => {
    const change = { cron: '15 4 * * mon-fri', timeZone: 'America/New_York', reason: 'backups at three' };
    const { status, body } = await api.call('PATCH', '/v1/schedules/roster-refresh', { body: change });
    assert.equal(status, 200);
    assert.equal(at(body, 'cron'), '15 4 * * 1-5');
    assert.equal(at(body, 'jitterSeconds'), 300);
    await start();
    await start({ nightlyLimitMs: 2_000_000 });
    const kept = await api.call('GET', '/v1/schedules/roster-refresh');
    assert.equal(at(kept.body, 'cron'), '15 4 * * 1-5');
    assert.equal(at(kept.body, 'timeZone'), 'America/New_York');

    await start({ rosterAt: { hour: 22, minute: 0 } });
    const replaced = await api.call('GET', '/v1/schedules/roster-refresh');
    assert.equal(at(replaced.body, 'cron'), '0 22 * * *');
    assert.equal(at(replaced.body, 'timeZone'), 'Europe/Brussels');
  });

  for (const [what, deed] of [
    ['a trigger', (client: Schedules) => client.trigger('roster-refresh', 'triggered')],
    ['a change', (client: Schedules) => client.change('roster-refresh', { cron: '* * * * *', ...plainly }, 'changed')],
  ] as const) {
    test(`a pause is not undone by ${what} that had looked at the schedule before`, async () => {
      const pausesMeanwhile = beforeFirstUpdate(() => schedules.pause('roster-refresh', 'paused by another'));
      await deed(createScheduleClient({ connection: pausesMeanwhile, namespace, deadlineMs: 20_000 }));
      const record = await schedules.find('roster-refresh');
      assert.deepEqual([record?.paused, record?.note?.split(' | ')[0]], [true, 'paused by another']);
      assert.match(record?.note ?? '', / \| (triggered|changed)$/);
      await schedules.unpause('roster-refresh', 'go on');
    });
  }

  test('a time that the clock leaps over is taken, and the days are named', async () => {
    const { body } = await api.call('PATCH', '/v1/schedules/reconcile', {
      body: { cron: '30 2 * * *', reason: 'earlier' },
    });
    assert.match(textAt(body, 'paused', 'reason'), /^[^|]+$/);
    const trouble = JSON.stringify(at(body, 'clockTrouble'));
    assert.match(trouble, /skipped/);
    assert.match(trouble, /twice/);
  });
});

describe('a time that cannot be', () => {
  for (const [what, body, detail] of [
    ['a bad cron line', { cron: '61 3 * * *' }, /minute/],
    ['a day that never comes', { cron: '0 3 31 2 *' }, /never comes/],
    ['a zone that is none', { timeZone: 'Europe/Atlantis' }, /time zone/],
  ] as const) {
    test(`${what} is refused with the reason, and the old schedule stays`, async () => {
      const before = await api.call('GET', '/v1/schedules/sweep');
      const night = await api.call('GET', '/v1/schedules/nightly-sync');
      const answer = await api.call('PATCH', '/v1/schedules/nightly-sync', { body: { ...body, reason: 'try' } });
      assert.equal(answer.status, 422);
      assert.equal(problemOf(answer.body), 'invalid-schedule');
      assert.match(textAt(answer.body, 'detail'), detail);
      const after = await api.call('GET', '/v1/schedules/nightly-sync');
      for (const name of ['cron', 'timeZone', 'note']) assert.deepEqual(at(after.body, name), at(night.body, name));
      assert.equal(at(before.body, 'everySeconds'), 3_600);
    });
  }

  test('what only Temporal refuses is the same problem', async () => {
    await assert.rejects(
      schedules.change('nightly-sync', { cron: '99 99 * * *', timeZone: 'UTC', jitterSeconds: 0 }, 'try'),
      { name: 'ScheduleRefusedError' },
    );
  });
});

test('two triggers start one run, since nothing ends it meanwhile', async () => {
  const first = await api.call('POST', '/v1/schedules/nightly-sync/trigger', { body: { reason: 'now' } });
  assert.equal(first.status, 202);
  const started = await eventually('the run', async () => {
    const record = await schedules.find('nightly-sync');
    return record && record.running.length > 0 ? record.running : undefined;
  });
  await api.call('POST', '/v1/schedules/nightly-sync/trigger', { body: { reason: 'impatience' } });
  const record = await eventually('the skip', async () => {
    const found = await schedules.find('nightly-sync');
    return found && found.skipped > 0 ? found : undefined;
  });
  assert.deepEqual(record.running, started);
  const count = await client.workflow.count(`WorkflowType = 'nightlySync'`);
  assert.ok(count.count <= 1);
});

test('a key that is limited to some platforms changes nothing', async () => {
  const { secret } = await insertApiKey(api.db, { platforms: ['lms'] });
  for (const action of ['trigger', 'pause', 'unpause']) {
    const { status } = await api.call('POST', `/v1/schedules/sweep/${action}`, { key: secret, body: { reason: 'x' } });
    assert.equal(status, 403, action);
  }
  assert.equal((await api.call('GET', '/v1/schedules', { key: secret })).status, 200);
});

/** The connection, with a deed of somebody else just before the first update of a schedule arrives. */
function beforeFirstUpdate(deed: () => Promise<void>): Connection {
  let isDone = false;
  const { workflowService: service } = connection;
  const update = async (request: Parameters<typeof service.updateSchedule>[0]): Promise<unknown> => {
    if (!isDone) await deed();
    isDone = true;
    return service.updateSchedule(request);
  };
  const late = new Proxy(service, {
    get: (target, name): unknown => (name === 'updateSchedule' ? update : Reflect.get(target, name)),
  });
  return new Proxy(connection, {
    get: (target, name): unknown => (name === 'workflowService' ? late : Reflect.get(target, name)),
  });
}
describe('a time by the clock', () => {
  const from = new Date('2026-11-24T12:00:00Z');
  const until = new Date('2027-11-24T12:00:00Z');

  // Clocks that leap over an hour or midnight, and one that shows an hour twice; not all of these: see decision 11.
  for (const [cron, timeZone] of [
    ['30 2 * * *', 'America/New_York'],
    ['30 1 * * *', 'America/New_York'],
    ['0 0 * * *', 'Africa/Cairo'],
    ['0 0 * * *', 'America/Havana'],
    ['30 4 * * *', 'Europe/Brussels'],
    ['0 3 13 * fri', 'UTC'],
    ['5/20 0-4/2 1,15-17 */3 1-5', 'Europe/Brussels'],
  ] as const) {
    test(`${cron} in ${timeZone} comes in a year when we say that it does`, async () => {
      const scheduleId = `clock ${cron} ${timeZone}`;
      const handle = await client.schedule.create({
        ...{ scheduleId, spec: { cronExpressions: [cron], timezone: timeZone }, state: { paused: true } },
        action: { type: 'startWorkflow', workflowType: 'never', taskQueue: 'never' },
      });
      const { startTime } = await client.workflowService.listScheduleMatchingTimes({
        ...{ namespace, scheduleId, startTime: msToTs(from.getTime()), endTime: msToTs(until.getTime()) },
      });
      await handle.delete();
      const ours = nextInstants({ cron, timeZone }, from, 1_000).filter((instant) => instant <= until);
      const theirs = startTime.map((time) => new Date(requiredTsToMs(time, 'startTime')));
      assert.deepEqual(ours, theirs);
    });
  }
});
