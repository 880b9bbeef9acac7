/** An API with one of everything that it shows, on a database whose sessions are far from UTC. */
import { randomUUID } from 'node:crypto';
import type { Deps } from '../../api/app.js';
import type { ScheduleRecord } from '../../api/temporal/schedule-client.js';
import { createTestApi, textAt, type TestApi } from './app.js';
import { createBackfillsOfTest } from './backfills.js';
import { packNotices } from '../../db/notices/notice-outbox.js';
import { queryRows } from '../../db/server/knex.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertMembership,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from './factories.js';
import { createSource, namingMapping, sendStandard } from './webhooks.js';

/** What stands in the place of the parameters of a path. */
export type Names = Readonly<Record<string, readonly string[]>>;

export interface FullApi extends TestApi {
  /** What can be looked at, by the path in the description up to its first parameter. */
  names: Names;
}

const AN_INSTANT = new Date('2026-11-26T23:30:00.120Z');
const NO_WAY = async (): Promise<never> => Promise.reject(new Error('not in this test'));

const SCHEDULE: ScheduleRecord = {
  ...{ name: 'nightly-sync', workflowType: 'nightlySync', cron: '30 3 * * *', everySeconds: null, timeZone: 'UTC' },
  ...{ jitterSeconds: 0, catchupSeconds: 60, paused: true, nextRuns: [AN_INSTANT], running: [], skipped: 0, url: null },
  ...{
    recent: [{ workflowId: 'one', url: null, startedAt: AN_INSTANT }],
    createdAt: AN_INSTANT,
    changedAt: AN_INSTANT,
  },
  note: `paused by API key ${randomUUID()} at ${AN_INSTANT.toISOString()}, note ${randomUUID()}`,
};
const schedules: Deps['schedules'] = {
  list: async () => [SCHEDULE],
  find: async (name) => (name === SCHEDULE.name ? SCHEDULE : undefined),
  ...{ change: NO_WAY, trigger: NO_WAY, pause: async () => undefined, unpause: NO_WAY },
};

/** Columns of time that nothing here sets by itself, as text that no other part of a row depends on. */
const LATER: readonly [table: string, columns: readonly string[]][] = [
  ['contexts', ['last_attempted_at', 'line_items_read_at', 'roster_read_at', 'results_read_at']],
  ['service_keys', ['rejected_at', 'last_ok_at']],
  ['line_items', ['verified_at']],
  ['drifts', ['resent_at']],
  ['run_contexts', ['settled_at']],
  ['bulk_operations', ['ended_at']],
  ['backfills', ['approved_at', 'released_at', 'finished_at']],
  ['backfill_items', ['settled_at']],
];

export async function createFullApi(): Promise<FullApi> {
  const api = await createTestApi({ schedules });
  const { db, call, app } = api;
  const post = async (path: string, body: object): Promise<string> => {
    const answer = await call('POST', path, { body: { reason: 'a test', ...body } });
    if (answer.status >= 400) throw new Error(`${path} ${answer.text}`);
    return answer.text;
  };
  await moveFromUtc(api);

  const platform = await insertPlatform(db, { platformId: 'lms' });
  const context = await insertContext(db, { deployment: platform.deployment, contextId: 'bio' });
  const serviceKey = await insertServiceKey(db, { context: context.id });
  const line = await insertLineItem(db, { context: context.id });
  const of = { context: context.id, lineItem: line.id };
  await insertScore(db, { ...of, state: 'rejected', userId: 'ben' });
  const waiting = await insertScore(db, {
    ...of,
    userId: 'cleo',
    columns: { not_before: new Date(Date.now() + 3_600_000), failure_type: 'PlatformUnavailable' },
  });
  const submission = { startedAt: '2026-11-26T10:00:00.000Z', submittedAt: '2026-11-26T11:00:00.000Z' };
  const score = await insertScore(db, { ...of, state: 'submitted', userId: 'ada', value: { submission } });
  await queryRows(
    db,
    `insert into attempts (score, revision, kind, outcome, status, started_at, duration_ms, workflow_run, lane_token)
     values (?, 1, 'submit', 'submitted', 200, now(), 12, 'run-1', 1)`,
    [score.id],
  );
  await insertApiKey(db, { columns: { revoked_at: AN_INSTANT } });
  const { id: apiKey } = await insertApiKey(db);
  await db('api_keys').update({ expires_at: '2100-01-01T00:00:00Z', rotated_at: AN_INSTANT });
  await db('console_sessions').insert({ hash: Buffer.alloc(32), api_key: apiKey, expires_at: '2100-01-01T00:00:00Z' });
  await insertMembership(db, { context: context.id, userId: 'ada' });
  await db('membership_changes').insert({
    context: context.id,
    user_id: 'ada',
    change: 'joined',
    status: 'Active',
    read: 2,
    roles_after: ['Learner'],
  });
  for (const ended_at of [null, AN_INSTANT]) {
    const drift = {
      context: context.id,
      line_item: line.id,
      score: score.id,
      user_id: 'ada',
      kind: 'missing',
      revision: 1,
    };
    await db('drifts').insert({ ...drift, score_maximum: 10, ended_at });
  }
  const run = randomUUID();
  await db('runs').insert({
    id: run,
    kind: 'nightly',
    trigger: 'schedule',
    state: 'completed',
    started_at: AN_INSTANT,
    ends_by: AN_INSTANT,
    ended_at: AN_INSTANT,
  });
  await db('run_contexts').insert({ run, context: context.id, is_poked: true, gate: context.gate });

  const backfills = await createBackfillsOfTest(db);
  const column = { platformId: 'lms', contextId: 'bio', lineItemId: line.line_item_id ?? '' };
  const backfill = await backfills.upload([
    { column, userId: 'ada', scoreGiven: 3, scoreMaximum: 10, line: 2 },
    { column: { ...column, contextId: 'none' }, userId: 'ada', scoreGiven: 3, scoreMaximum: 10, line: 3 },
  ]);
  await backfills.preview(backfill);
  const paused = await backfills.upload([{ column, userId: 'cleo', scoreGiven: 9, scoreMaximum: 10 }]);
  await backfills.preview(paused);
  for (const decision of ['approve', 'pause'] as const) {
    await backfills.store.decide({ backfill: paused, decision, apiKey: backfills.apiKey, reason: 'a test' });
  }

  await createSource(api, { name: 'grader', mapping: namingMapping('lms') });
  const graded = { type: 'graded', student: 'ada', grade: 7, max: 10, at: '2026-11-20T10:00:00+01:00' };
  for (const course of ['bio', 'none']) {
    const event = await sendStandard(app, 'grader', { ...graded, course });
    if (event.status !== 202) throw new Error(event.text);
  }
  const tie = { platformId: 'lms', contextId: 'bio', userId: 'ada', lineItem: { id: line.line_item_id } };
  await call('PUT', '/v1/references/grader/s-1', { body: tie });

  await call('POST', '/v1/scores/retry', { body: { filter: { contextId: 'bio' }, reason: 'a test' } });
  await insertScore(db, { ...of, state: 'rejected', userId: 'dora' });
  const [operation = ''] = await db('bulk_operations').limit(1).pluck<string[]>('id');
  const until = new Date(Date.now() + 86_400_000).toISOString();
  await post(`/v1/platforms/${platform.id}/pause`, { until });
  await post(`/v1/deployments/${platform.deployment}/pause`, { until });
  await post(`/v1/contexts/${context.id}/pause`, { until });
  await post('/v1/schedules/nightly-sync/pause', {});
  await setTheRest(api, { platform: platform.id, line: line.id, context: context.id });

  const people = await exportPerson(api, { platformId: 'lms', userId: 'ada' });
  const notices = await createNotices(api);
  const events = await db('webhook_events').pluck<string[]>('id');
  return {
    ...api,
    names: {
      '/v1/service-keys/': [serviceKey.id],
      '/v1/scores/': [score.id, waiting.id],
      '/v1/contexts/': [context.id],
      '/v1/line-items/': [line.id],
      '/v1/platforms/': [platform.id],
      '/v1/schedules/': ['nightly-sync'],
      '/v1/bulk-operations/': [operation],
      '/v1/runs/': [run],
      '/v1/people/requests/': [people],
      '/v1/notices/': [notices],
      '/v1/notice-deliveries/': await db('notice_deliveries').pluck<string[]>('id'),
      '/v1/webhook-sources/': ['grader'],
      '/v1/references/': ['grader/s-1'],
      '/v1/webhook-events/': events,
      '/v1/backfills/': [backfill, paused],
    },
  };
}

async function exportPerson({ call, deps }: TestApi, person: object): Promise<string> {
  const asked = await call('POST', '/v1/people/export', { body: { ...person, reason: 'a test' } });
  const id = textAt(asked.body, 'id');
  while ((await deps.store.personRequests.advance(id))?.state === 'running');
  return id;
}

/** An endpoint that failed for days, with two secrets. */
async function createNotices({ db, call }: TestApi): Promise<string> {
  const body = { url: 'https://tool.example', format: 'slack', kinds: ['breakerOpen'], reason: 'a test' };
  const made = await call('POST', '/v1/notices', { body });
  const endpoint = textAt(made.body, 'id');
  await call('POST', `/v1/notices/${endpoint}/rotate-secret`, { body: { reason: 'a test' } });
  const failed = { failures: 1, failing_since: AN_INSTANT, disabled_at: AN_INSTANT, disabled_by: 'failures' };
  await db('notice_endpoints').where({ id: endpoint }).update(failed);
  const facts = { platformId: 'lms', failureType: 'PlatformUnavailable' };
  const notice = { kind: 'breakerOpen', status: 'needsAttention', subject: 'lms', incident: endpoint, facts };
  await db('notices').insert({ ...notice, endpoint, since: AN_INSTANT });
  await db.transaction(packNotices);
  await db('notice_deliveries').update({ state: 'delivered', last_tried_at: AN_INSTANT, delivered_at: AN_INSTANT });
  return endpoint;
}

/** What writes a time as the session has it is found out. */
async function moveFromUtc({ db }: TestApi): Promise<void> {
  const [{ name } = { name: '' }] = await queryRows<{ name: string }>(db, 'select current_database() as name');
  await db.raw(`alter database ${name} set timezone to 'Asia/Kolkata'`);
  await db.destroy();
  db.initialize();
}

async function setTheRest({ db }: TestApi, of: { platform: string; line: string; context: string }): Promise<void> {
  for (const [table, columns] of LATER) {
    for (const column of columns)
      await db(table)
        .whereNull(column)
        .update({ [column]: AN_INSTANT });
  }
  const soon = new Date(Date.now() + 86_400_000);
  const parked = { parked_type: 'ContextConcluded', parked_at: AN_INSTANT, parked_until: soon };
  await db('contexts').where({ id: of.context }).update(parked);
  await db('line_items')
    .where({ id: of.line })
    .update({ ...parked, parked_type: 'LineItemNotFound' });
  const breaker = { breaker: 'open', breaker_type: 'PlatformUnavailable', breaker_opened_at: AN_INSTANT };
  await db('gates')
    .where({ platform: of.platform })
    .update({ ...breaker, blocked_until: soon });
}
