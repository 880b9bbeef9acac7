import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Deps } from '../../../api/app.js';
import type { ScheduleRecord } from '../../../api/temporal/schedule-client.js';
import { createSyncRuns } from '../../../db/runs/sync-runs.js';
import { at, createTestApi, textAt } from '../../helpers/app.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const records = new Map<string, ScheduleRecord>();
const refuse = async (): Promise<never> => Promise.reject(new Error('not in this test'));
let isTemporalDown = false;
const schedules: Deps['schedules'] = {
  list: async () => (isTemporalDown ? refuse() : [...records.values()]),
  find: async (name) => records.get(name),
  ...{ change: refuse, trigger: refuse, pause: refuse, unpause: refuse },
};
const api = await createTestApi({ schedules });
const { db, call, metrics, sends } = api;

async function course(platformId: string) {
  const { deployment, gate } = await insertPlatform(db, { platformId });
  const { id: context } = await insertContext(db, { deployment });
  await insertServiceKey(db, { context, serviceKey: 'key' });
  const { id: lineItem } = await insertLineItem(db, { context });
  return { context, gate, lineItem, platformId };
}

const HOUR_MS = 3_600_000;
const now = Date.parse('2027-03-02T09:00:00Z');
api.clock.now = () => new Date(now);

function schedule(name: string, changes: Partial<ScheduleRecord> = {}): void {
  records.set(name, {
    ...{ name, workflowType: name, cron: '30 3 * * *', everySeconds: null, timeZone: 'Europe/Brussels' },
    ...{ jitterSeconds: 300, catchupSeconds: 21_600, paused: false, note: null, nextRuns: [], running: [], recent: [] },
    ...{
      skipped: 0,
      url: null,
      createdAt: new Date(now - 1_000 * HOUR_MS),
      changedAt: new Date(now - 1_000 * HOUR_MS),
    },
    ...changes,
  });
}

async function night(hoursAgo: number, changes: Record<string, unknown> = {}): Promise<void> {
  const startedAt = new Date(now - hoursAgo * HOUR_MS);
  await db('runs').insert({
    ...{ id: randomUUID(), kind: 'nightly', trigger: 'schedule', state: 'completed', started_at: startedAt },
    ...{ ends_by: new Date(startedAt.getTime() + 6 * HOUR_MS), ended_at: new Date(startedAt.getTime() + HOUR_MS) },
    ...changes,
  });
}

async function findings(): Promise<[string, string, string][]> {
  const { body } = await call('GET', '/v1/health/operations');
  const found = at(body, 'findings');
  assert.ok(Array.isArray(found));
  return found
    .filter((one) => /^(run|schedule)/.test(textAt(one, 'type')))
    .map((one) => [textAt(one, 'type'), textAt(one, 'severity'), textAt(one, 'subject')]);
}

describe('the heartbeat of the night', { concurrency: false }, () => {
  const begin = async (): Promise<void> => {
    await db('runs').where({ kind: 'nightly' }).delete();
    await db.transaction(async (trx) => {
      await trx.raw(`set local passback.retention = 'on'`);
      await trx('audit_entries').where({ subject: 'nightly-sync' }).delete();
    });
    records.clear();
    schedule('nightly-sync');
    schedule('sweep', { cron: null, everySeconds: 60 });
    schedule('roster-refresh', { createdAt: new Date(now) });
    schedule('reconcile', { paused: true, note: 'Off' });
    schedule('upkeep', { cron: null, everySeconds: 86_400 });
  };

  test('beats silently when the last night came and ended well', async () => {
    await begin();
    await night(6.4);
    assert.deepEqual(await findings(), []);
  });

  test('tells by the morning that the night did not come', async () => {
    await begin();
    await night(30.4);
    assert.deepEqual(await findings(), [['runLate', 'critical', 'nightly-sync']]);
    const text = await metrics();
    assert.match(text, /passback_schedule_alarm\{schedule="nightly-sync",type="runLate"\} 1/);
    assert.match(text, /passback_run_last_good_start_timestamp_seconds\{kind="nightly"\} \d+/);
  });

  test('tells it where no night ever came', async () => {
    await begin();
    assert.deepEqual(await findings(), [['runLate', 'critical', 'nightly-sync']]);
  });

  test('waits for the first time after a change, or after somebody unpaused it', async () => {
    await begin();
    await night(30.4);
    schedule('nightly-sync', { changedAt: new Date(now - HOUR_MS) });
    assert.deepEqual(await findings(), []);
    schedule('nightly-sync');
    await db('audit_entries').insert({
      action: 'schedules.unpause',
      subject: 'nightly-sync',
      at: new Date(now - HOUR_MS),
    });
    assert.deepEqual(await findings(), []);
  });

  test('tells of a pause as one, with who and why', async () => {
    await begin();
    await night(30.4);
    schedule('nightly-sync', { paused: true, note: 'paused by API key 1: LMS upgrade' });
    assert.deepEqual(await findings(), [['schedulePaused', 'warning', 'nightly-sync']]);
    const { text } = await call('GET', '/v1/health/operations');
    assert.match(text, /paused by API key 1: LMS upgrade/);
  });

  test('tells of a schedule that somebody deleted', async () => {
    await begin();
    await night(6.4);
    records.delete('nightly-sync');
    assert.deepEqual(await findings(), [['scheduleMissing', 'critical', 'nightly-sync']]);
  });

  for (const [what, changes, finding] of [
    ['failed', { state: 'failed', trouble: ['canceled'] }, ['runFailed', 'critical', 'nightly-sync']],
    [
      'did not do all',
      { state: 'incomplete', trouble: ['limitReached'] },
      ['runIncomplete', 'warning', 'nightly-sync'],
    ],
    [
      'never ended',
      { state: 'running', ended_at: null, ends_by: new Date(now - HOUR_MS) },
      ['runNotEnded', 'critical', 'nightly-sync'],
    ],
  ] as const) {
    test(`tells of a night that ${what}`, async () => {
      await begin();
      await night(6.4, changes);
      assert.deepEqual(await findings(), [finding]);
    });
  }

  test('still knows how the last night ended when Temporal cannot be asked', async () => {
    await begin();
    await night(6.4, { state: 'failed', trouble: ['workflowFailed'] });
    isTemporalDown = true;
    assert.deepEqual(await findings(), [['runFailed', 'critical', 'nightly-sync']]);
    isTemporalDown = false;
  });
});

test('a sync is a run, whose courses carry its id and whose counts come from the scores', async () => {
  const mine = await course('runs-one');
  const { id: score } = await insertScore(db, { context: mine.context, lineItem: mine.lineItem });
  const other = await course('runs-two');
  await insertScore(db, { context: other.context, lineItem: other.lineItem });
  sends.length = 0;
  const body = { platformId: mine.platformId, reason: 'before the exam' };
  const answer = await call('POST', '/v1/syncs', { body });
  assert.equal(answer.status, 202, answer.text);
  const runId = textAt(answer.body, 'runId');
  assert.deepEqual(
    sends.map(({ gate, run }) => [gate, run]),
    [[mine.gate, runId]],
  );
  const running = await call('GET', `/v1/runs/${runId}`);
  assert.equal(at(running.body, 'state'), 'running');
  assert.equal(at(running.body, 'kind'), 'sync');
  assert.equal(at(running.body, 'reason'), 'before the exam');
  assert.equal(at(running.body, 'contexts'), 1);
  assert.equal(at(running.body, 'workflowsUrl'), `http://temporal.example/?run=${runId}`);

  assert.equal(await createSyncRuns(db).closeDone(), 0);
  await db('scores')
    .where({ id: score })
    .update({
      ...{ state: 'submitted', submitted: db.ref('value'), submitted_revision: db.ref('revision') },
      submitted_at: db.fn.now(),
    });
  assert.equal(await createSyncRuns(db).closeDone(), 1);
  const ended = await call('GET', `/v1/runs/${runId}`);
  assert.deepEqual(
    ['state', 'settled', 'submitted', 'rejected', 'waiting'].map((name) => at(ended.body, name)),
    ['completed', 1, 1, 0, 0],
  );
  assert.equal(await createSyncRuns(db).closeDone(), 0);
});

test('a key that is limited to some platforms sees runs with the counts of those', async () => {
  const mine = await course('runs-mine');
  const foreign = await course('runs-foreign');
  for (const { context, lineItem } of [mine, foreign]) await insertScore(db, { context, lineItem });
  const answer = await call('POST', '/v1/syncs', { body: { all: true, reason: 'a test' } });
  const runId = textAt(answer.body, 'runId');
  const { secret: key } = await insertApiKey(db, { platforms: ['runs-mine'], scopes: ['read'] });
  assert.equal(at((await call('GET', `/v1/runs/${runId}`, { key })).body, 'contexts'), 1);
  assert.ok(Number(at((await call('GET', `/v1/runs/${runId}`)).body, 'contexts')) >= 2);
  const body = { platformId: 'runs-foreign', reason: 'not for all eyes' };
  const foreignRun = textAt((await call('POST', '/v1/syncs', { body })).body, 'runId');
  assert.equal((await call('GET', `/v1/runs/${foreignRun}`, { key })).status, 404);
  assert.doesNotMatch((await call('GET', '/v1/runs', { key })).text, /not for all eyes/);
});

test('lists runs newest first, by kind, page by page', async () => {
  await night(50);
  await night(26);
  const first = await call('GET', '/v1/runs?kind=nightly&limit=1');
  const cursor = textAt(first.body, 'nextCursor');
  const second = await call('GET', `/v1/runs?kind=nightly&limit=1&cursor=${cursor}`);
  assert.notEqual(textAt(first.body, 'runs', 0, 'id'), textAt(second.body, 'runs', 0, 'id'));
  assert.equal((await call('GET', `/v1/runs/${randomUUID()}`)).status, 404);
});
