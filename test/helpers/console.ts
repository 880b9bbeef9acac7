/** The console as a browser without JavaScript sees it: forms, redirects and cookies. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, InjectOptions } from 'fastify';
import type { Knex } from 'knex';
import type { Deps } from '../../api/app.js';
import { insertAuditEntry } from '../../db/access/audit-entries.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertMembership,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from './factories.js';

export interface Shown {
  status: number;
  location: string | undefined;
  html: string;
  headers: Record<string, unknown>;
  cookies: readonly { name: string; value: string }[];
}

export interface Visitor {
  get(path: string, headers?: Record<string, string>): Promise<Shown>;
  /** Sends a form as a page of ours does. `headers` change what the browser says of where it comes from. */
  post(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Shown>;
  /** Sends one, and follows to the page that it leads to. */
  submit(path: string, fields?: Record<string, string>): Promise<Shown>;
  signIn(key: string): Promise<Shown>;
  cookies: Map<string, string>;
}

const OURS = { 'sec-fetch-site': 'same-origin' };

/** Somebody with a browser of their own. */
export function createVisitor(app: FastifyInstance): Visitor {
  const cookies = new Map<string, string>();
  async function ask(options: InjectOptions): Promise<Shown> {
    const answer = await app.inject({ ...options, cookies: Object.fromEntries(cookies) });
    for (const { name, value } of answer.cookies) {
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const { statusCode: status, payload: html, headers } = answer;
    const { location } = headers;
    return { status, html, headers, cookies: answer.cookies, location: location?.toString() };
  }
  const get: Visitor['get'] = (url, headers = {}) => ask({ method: 'GET', url, headers });
  const post: Visitor['post'] = (url, fields = {}, headers = OURS) =>
    ask({
      ...{ method: 'POST', url, payload: new URLSearchParams(fields).toString() },
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  return {
    ...{ get, post, cookies },
    async submit(path, fields) {
      const { location, status } = await post(path, fields);
      if (location === undefined) throw new Error(`${path} led nowhere: ${status}`);
      return get(location);
    },
    signIn: (key) => post('/console/sign-in', { key }),
  };
}

/** What a page says, without its tags. */
export function textOf({ html }: Pick<Shown, 'html'>): string {
  const bare = html.replaceAll(/<(style|script)[^]*?<\/\1>|<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
  return bare.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

export interface ConsoleCourse {
  platform: string;
  course: string;
  column: string;
  parkedColumn: string;
  serviceKey: string;
  run: string;
  scores: Record<'due' | 'submitted' | 'rejected' | 'held', string>;
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
  await insertMembership(db, { context, userId: 'ada', columns: { name: 'Ada <i>Lovelace</i>' } });
  // Of the same person elsewhere.
  const { id: elsewhere } = await insertContext(db, { deployment: platform.deployment, contextId: 'chem-7' });
  const { id: other } = await insertLineItem(db, { context: elsewhere });
  await insertScore(db, { context: elsewhere, lineItem: other, userId: 'alan', state: 'submitted' });
  await db('attempts').insert([
    {
      ...{ score: rejected, revision: 1, kind: 'submit', outcome: 'rejected', status: 422, lane_token: 1 },
      ...{ failure_type: 'ScoreRejected', excerpt: 'User <i>grace</i> is no student here', started_at: ago(1) },
      duration_ms: 231,
    },
  ]);
  const run = randomUUID();
  await db('runs').insert({
    ...{ id: run, kind: 'nightly', trigger: 'schedule', state: 'completed', ends_by: ago(1) },
    ...{ started_at: ago(8), ended_at: ago(7) },
  });
  const { id: apiKey } = await insertApiKey(db, { columns: { name: '<i>Ada</i>' } });
  await insertAuditEntry(db, {
    ...{ apiKey, action: 'contexts.pause', subject: context, reason: '<b>exams</b>', details: { by: ['<i>'] } },
  });
  const scores = { due, submitted, rejected, held };
  return { platform: platform.id, course: context, column, parkedColumn, serviceKey, run, scores };
}

/** Every page of it that has an address. */
export function listConsolePages({ course, run, scores }: ConsoleCourse): Record<string, string> {
  return {
    overview: '/console',
    scores: '/console/scores',
    'rejected scores': '/console/scores?state=rejected',
    'no score': '/console/scores?platformId=nobody',
    'a due score': `/console/scores/${scores.due}`,
    'a rejected score': `/console/scores/${scores.rejected}`,
    'a held score': `/console/scores/${scores.held}`,
    'a delivered score': `/console/scores/${scores.submitted}`,
    'a person': `/console/scores/${scores.submitted}/person`,
    courses: '/console/courses',
    'a course': `/console/courses/${course}`,
    'a roster': `/console/courses/${course}/roster`,
    runs: '/console/runs',
    'a run': `/console/runs/${run}`,
    find: '/console/find',
    sessions: '/console/sessions',
    keys: '/console/keys',
    'revoked keys': '/console/keys?revoked=true',
    'the audit trail': '/console/audit',
    'no deed': '/console/audit?action=nothing&since=2026-01-01&until=2026-01-01',
  };
}

/** Schedules that are there and take what is asked of them; those of a real Temporal: test/api/schedules. */
export function createSchedules(): Deps['schedules'] {
  const names = ['sweep', 'nightly-sync', 'roster-refresh', 'reconcile', 'upkeep'];
  const soon = new Date(Date.now() + 3_600_000);
  const all = names.map((name) => ({
    ...{ name, workflowType: name, cron: '0 2 * * *', everySeconds: null, timeZone: 'UTC', jitterSeconds: 0 },
    ...{ catchupSeconds: 3_600, paused: false, note: null, nextRuns: [soon], running: [], recent: [], skipped: 0 },
    ...{ createdAt: new Date(), changedAt: new Date(), url: null },
  }));
  const done = async (): Promise<void> => undefined;
  return {
    list: async () => all,
    find: async (wanted) => all.find(({ name }) => name === wanted),
    ...{ change: done, trigger: done, pause: done, unpause: done },
  };
}

/** A key with these scopes, and a visitor who signed in with it. */
export async function signInWith(
  { app, db }: { app: FastifyInstance; db: Knex },
  key: Parameters<typeof insertApiKey>[1] = {},
): Promise<{ visitor: Visitor; apiKey: string; secret: string }> {
  const { id: apiKey, secret } = await insertApiKey(db, key);
  const visitor = createVisitor(app);
  await visitor.signIn(secret);
  return { visitor, apiKey, secret };
}
