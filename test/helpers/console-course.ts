/** A course with one of everything that the console shows, and the addresses of its pages. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { insertAuditEntry } from '../../db/access/audit-entries.js';
import { insertConsoleBackfills, type ConsoleBackfills } from './console-backfills.js';
import { insertConsoleNotices, type ConsoleNotices } from './console-notices.js';
import { CONSOLE_SOURCE, insertConsoleEvents, type ConsoleEvents } from './console-events.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertMembership,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from './factories.js';

export interface ConsoleCourse {
  platform: string;
  deployment: string;
  course: string;
  column: string;
  parkedColumn: string;
  serviceKey: string;
  run: string;
  /** One that runs, and one that is done. */
  bulk: Record<'running' | 'completed', string>;
  scores: Record<'due' | 'submitted' | 'rejected' | 'held', string>;
  backfills: ConsoleBackfills;
  events: ConsoleEvents;
  notices: ConsoleNotices;
}

/** One of everything that the console shows. Names are markup, which must stay names. */
export async function insertConsoleCourse(db: Knex): Promise<ConsoleCourse> {
  const ago = (hours: number): Date => new Date(Date.now() - hours * 3_600_000);
  const platform = await insertPlatform(db, { platformId: 'canvas-of-the-north', deploymentId: '1' });
  await db('gates')
    .where({ id: platform.gate })
    .update({
      ...{ breaker: 'open', breaker_type: 'PlatformUnavailable', breaker_opened_at: ago(0.2) },
    });
  await insertPlatform(db, { platformId: 'moodle-of-the-south', deploymentId: '1', family: 'moodle' });
  const { id: context } = await insertContext(db, {
    ...{ deployment: platform.deployment, contextId: 'bio-101' },
    columns: { title: 'Biology <b>101</b>', roster_read_at: ago(3), line_items_read_at: ago(5) },
  });
  const { id: column } = await insertLineItem(db, {
    context,
    columns: { label: 'Quiz "1" & more', verified_at: ago(5) },
  });
  const { id: parkedColumn } = await insertLineItem(db, {
    ...{ context, columns: { label: 'Essay', parked_type: 'LineItemNotFound', parked_at: ago(2) } },
  });
  const { id: serviceKey } = await insertServiceKey(db, { context, launchedAt: ago(30) });
  const of = { context, lineItem: column };
  const { id: due } = await insertScore(db, {
    ...of,
    userId: '<script>alert(1)</script>',
    columns: { due_at: ago(1) },
  });
  const { id: submitted } = await insertScore(db, { ...of, userId: 'ada', state: 'submitted' });
  const { id: rejected } = await insertScore(db, { ...of, userId: 'grace', state: 'rejected' });
  const { id: held } = await insertScore(db, {
    ...{ ...of, userId: 'alan', state: 'held', columns: { failure_type: 'HumanGradeUndecided' } },
  });
  await insertScore(db, { ...of, lineItem: parkedColumn, userId: 'ada', columns: { due_at: ago(1) } });
  const { id: changed } = await insertScore(db, { ...of, userId: 'mary', state: 'submitted' });
  await db('drifts').insert({
    ...{ context, line_item: column, score: changed, user_id: 'mary', kind: 'changed', revision: 1 },
    ...{ score_given: 7.5, score_maximum: 10, result_score: 9, result_maximum: 10 },
  });
  await insertMembership(db, { context, userId: 'ada', columns: { name: 'Ada <i>Lovelace</i>' } });
  // Of the same person elsewhere.
  const { id: elsewhere } = await insertContext(db, { deployment: platform.deployment, contextId: 'chem-7' });
  const { id: other } = await insertLineItem(db, { context: elsewhere });
  await insertScore(db, { context: elsewhere, lineItem: other, userId: 'alan', state: 'submitted' });
  await db('attempts').insert([
    {
      ...{ score: rejected, revision: 1, kind: 'submit', outcome: 'rejected', status: 422, lane_token: 1 },
      ...{ failure_type: 'ScoreRejected', excerpt: 'User <i>grace</i> is no student here', started_at: ago(1) },
      ...{ duration_ms: 231, service_key: serviceKey },
    },
    ...[1, 2, 3, 5, 8, 13].map((hours) => ({
      ...{ score: submitted, revision: 1, kind: 'submit', outcome: 'submitted', status: 204, lane_token: 1 },
      ...{ started_at: ago(hours), duration_ms: 40 * hours, service_key: serviceKey },
    })),
  ]);
  const run = randomUUID();
  await db('runs').insert({
    ...{ id: run, kind: 'nightly', trigger: 'schedule', state: 'completed', ends_by: ago(1) },
    ...{ started_at: ago(8), ended_at: ago(7) },
  });
  const bulk = { running: randomUUID(), completed: randomUUID() };
  const { id: apiKey } = await insertApiKey(db, { columns: { name: '<i>Ada</i>' } });
  await db('bulk_operations').insert(
    (['running', 'completed'] as const).map((state) => ({
      ...{ id: bulk[state], act: JSON.stringify({ kind: 'retryScores' }), state, acted: 5_000, skipped: 12 },
      ...{ reason: 'Canvas is <b>back</b>', ended_at: state === 'running' ? null : ago(1) },
      ...{ details: JSON.stringify({ unparkedContexts: 3 }), api_key: apiKey },
    })),
  );
  await insertAuditEntry(db, {
    ...{ apiKey, action: 'contexts.pause', subject: context, reason: '<b>exams</b>', details: { by: ['<i>'] } },
  });
  const scores = { due, submitted, rejected, held };
  const notices = await insertConsoleNotices(db);
  const backfills = await insertConsoleBackfills(db, {
    ...{ platformId: platform.platform_id, deployment: platform.deployment },
  });
  const events = await insertConsoleEvents(db, { platformId: platform.platform_id, contextId: 'bio-101' });
  return {
    platform: platform.id,
    deployment: platform.deployment,
    course: context,
    column,
    parkedColumn,
    serviceKey,
    run,
    bulk,
    scores,
    backfills,
    events,
    notices,
  };
}

/** Every page of it that has an address. */
export function listConsolePages({
  course,
  platform,
  run,
  bulk,
  scores,
  backfills,
  events,
  notices,
}: ConsoleCourse): Record<string, string> {
  return {
    overview: '/console',
    triage: '/console/triage',
    'a retry': '/console/triage/retry?failureType=ScoreRejected&platformId=canvas-of-the-north',
    'work in bulk': '/console/bulk-operations',
    'a retry under way': `/console/bulk-operations/${bulk.running}`,
    scores: '/console/scores',
    'rejected scores': '/console/scores?state=rejected',
    'no score': '/console/scores?platformId=nobody',
    'a due score': `/console/scores/${scores.due}`,
    'a rejected score': `/console/scores/${scores.rejected}`,
    'a held score': `/console/scores/${scores.held}`,
    'a delivered score': `/console/scores/${scores.submitted}`,
    'a person': `/console/scores/${scores.submitted}/person`,
    courses: '/console/courses',
    columns: '/console/columns?parked=true',
    differences: '/console/differences',
    'a course': `/console/courses/${course}`,
    'a roster': `/console/courses/${course}/roster`,
    platforms: '/console/platforms',
    'a platform': `/console/platforms/${platform}`,
    runs: '/console/runs',
    'a run': `/console/runs/${run}`,
    backfills: '/console/backfills',
    'no backfill': '/console/backfills?state=failed',
    'a new backfill': '/console/backfills/new',
    'to undo a key': '/console/backfills/undo-key',
    'a backfill to be approved': `/console/backfills/${backfills.awaiting}`,
    'a backfill under way': `/console/backfills/${backfills.releasing}`,
    'a backfill that has ended': `/console/backfills/${backfills.finished}`,
    'lines of a backfill': `/console/backfills/${backfills.awaiting}/changes`,
    'lines with problems': `/console/backfills/${backfills.awaiting}/problems`,
    'columns of a backfill': `/console/backfills/${backfills.awaiting}/columns`,
    'webhook events': '/console/webhooks',
    'unmatched events': `/console/webhooks?source=${CONSOLE_SOURCE}&state=unmatched`,
    'a scored event': `/console/webhooks/events/${events.scored}`,
    'an unmatched event': `/console/webhooks/events/${events.unmatched}`,
    'an invalid event': `/console/webhooks/events/${events.invalid}`,
    'an expired event': `/console/webhooks/events/${events.expired}`,
    'webhook sources': '/console/webhooks/sources',
    'a webhook source': `/console/webhooks/sources/${CONSOLE_SOURCE}`,
    notices: '/console/notices',
    'messages given up': `/console/notices?state=failed&endpoint=${notices.endpoint}`,
    'a message': `/console/notices/deliveries/${notices.delivery}`,
    find: '/console/find',
    sessions: '/console/sessions',
    keys: '/console/keys',
    'revoked keys': '/console/keys?revoked=true',
    'the audit trail': '/console/audit',
    'no deed': '/console/audit?action=nothing&since=2026-01-01&until=2026-01-01',
  };
}
