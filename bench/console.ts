import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Knex } from 'knex';
import { createKnex, queryRows } from '../db/server/knex.js';
import { migrate } from '../db/server/migrate.js';
import { startApi, type BenchApi } from './api-process.js';
import { joinRounds, median, type Outcome } from './figures.js';
import { fillConsole } from './fill-console.js';
import { wholeNumber } from './flags.js';
import { startBenchStack, type BenchStack } from './stack.js';
import { signIn, type Seen, type Viewer } from './viewer.js';

export const CONSOLE_USAGE = 'console [--scores 1000000] [--runs 3]';

const SMALL = 10_000;
const PLATFORMS = 20;
/** A million scores are in five thousand courses. */
const PER_COURSE = 200;
const TRIES = 20;
/** How long viewers look, and how often each page of theirs refreshes itself. */
const LOOKED_MS = 30_000;
const REFRESH_MS = 1_000;
/** A session of PostgreSQL that rests tells what it did after ten seconds. */
const TOLD_AFTER_MS = 11_000;

/** One database with an API of its own, somebody who is signed in, and what there is to look for. */
interface Side {
  db: Knex;
  api: BenchApi;
  viewer: Viewer;
  samples: readonly Sample[];
}

interface Sample {
  score: string;
  userId: string;
  course: string;
  contextId: string;
}

/** What people look at, and how it is asked for. */
const VIEWS: Readonly<Record<string, (viewer: Viewer, sample: Sample) => Promise<Seen>>> = {
  overview: (viewer) => viewer.get('/console'),
  'find a student': (viewer, { userId }) => viewer.post('/console/find', { what: userId }),
  'find a course': (viewer, { contextId }) => viewer.post('/console/find', { what: contextId }),
  'find an id': (viewer, { score }) => viewer.post('/console/find', { what: score }),
  story: (viewer, { score }) => viewer.get(`/v1/scores/${score}/story`),
  triage: (viewer) => viewer.get('/console/triage'),
  'a score': (viewer, { score }) => viewer.get(`/console/scores/${score}`),
  'a person': (viewer, { score }) => viewer.get(`/console/scores/${score}/person`),
  'a course': (viewer, { course }) => viewer.get(`/console/courses/${course}`),
  'rejected scores': (viewer) => viewer.get('/console/scores?state=rejected'),
  courses: (viewer) => viewer.get('/console/courses'),
  runs: (viewer) => viewer.get('/console/runs'),
  sessions: (viewer) => viewer.get('/console/sessions'),
  keys: (viewer) => viewer.get('/console/keys'),
  'audit trail': (viewer) => viewer.get('/console/audit'),
};
/** Pages that are not there in every version. */
const MAY_BE_MISSING = new Set(['triage']);

/**
 * How soon the console answers over a large database, against a small one in the same cluster with its own API, in turn; what
 * ten viewers cost the database against one; and how large a page becomes where every list is longer than a page.
 */
export async function consoleScreens(args: readonly string[], print: (text: string) => void): Promise<Outcome> {
  const options = { scores: { type: 'string', default: '1000000' }, runs: { type: 'string', default: '3' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  const scores = wholeNumber('--scores', values.scores, SMALL);
  const runs = wholeNumber('--runs', values.runs, 1);
  const stack = await startBenchStack({ ltiaasUrl: 'http://127.0.0.1:9', hasWorker: false, say: print });
  const sides: Side[] = [];
  try {
    const small = await openSide(stack, 'small', SMALL, print);
    sides.push(small);
    const large = await openSide(stack, 'large', scores, print);
    sides.push(large);
    const rounds: Record<string, number>[] = [];
    let isRight = true;
    for (let run = 1; run <= runs; run += 1) {
      const views = await measureViews({ small, large }, print);
      isRight &&= views.isRight;
      rounds.push({ ...views.figures, ...(await measureViewers(large, print)) });
    }
    return { isRight, figures: [...joinRounds(rounds), { name: '… at scores', values: [scores] }] };
  } finally {
    for (const { api, db } of sides) {
      await api.stop();
      await db.destroy();
    }
    await stack.stop();
  }
}

async function openSide(stack: BenchStack, name: string, scores: number, print: (text: string) => void): Promise<Side> {
  await stack.db.raw('create database ??', [name]);
  const url = new URL(stack.env['DATABASE_URL'] ?? '');
  url.pathname = `/${name}`;
  const db = createKnex({ url: url.href, poolMax: 2, applicationName: 'passback bench' });
  await migrate(db);
  const startedAtMs = performance.now();
  await fillConsole(db, { scores, platforms: PLATFORMS, perCourse: PER_COURSE });
  print(`${name}: ${scores} scores, filled in ${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s`);
  const api = await startApi(stack, { DATABASE_URL: url.href });
  const samples = await queryRows<Sample>(
    db,
    `select s.id as score, s.user_id as "userId", s.context as course, c.context_id as "contextId"
     from scores s join contexts c on c.id = s.context where s.seq % greatest(1, :scores::integer / 1000) = 0
     order by md5(s.seq::text) limit ${TRIES}`,
    { scores },
  );
  return { db, api, viewer: await signIn(api), samples };
}

async function measureViews(
  { small, large }: Record<'small' | 'large', Side>,
  print: (text: string) => void,
): Promise<{ isRight: boolean; figures: Record<string, number> }> {
  const figures: Record<string, number> = {};
  let isRight = true;
  let largest = 0;
  for (const [name, look] of Object.entries(VIEWS)) {
    const seen = { small: new Array<Seen>(), large: new Array<Seen>() };
    for (const [place, sample] of large.samples.entries()) {
      seen.small.push(await look(small.viewer, small.samples[place] ?? sample));
      seen.large.push(await look(large.viewer, sample));
    }
    const all = [...seen.small, ...seen.large];
    if (MAY_BE_MISSING.has(name) && all.every(({ status }) => status === 404)) continue;
    isRight &&= all.every(({ status }) => status === 200 || status === 303);
    const took = (some: readonly Seen[]): number[] =>
      some.map(({ tookMs }) => tookMs).toSorted((one, two) => one - two);
    const p95 = took(seen.large)[Math.ceil(TRIES * 0.95) - 1] ?? Number.NaN;
    const ratio = median(took(seen.large)) / median(took(seen.small));
    largest = Math.max(largest, ...all.map(({ bytes }) => bytes / 1_000));
    print(
      `${name.padEnd(16)} ${median(took(seen.small)).toFixed(1)} ms at ${SMALL}, ${median(took(seen.large)).toFixed(1)} ms, ` +
        `p95 ${p95.toFixed(1)} ms, ${(Math.max(...seen.large.map(({ bytes }) => bytes)) / 1_000).toFixed(0)} kB`,
    );
    figures[`console: ${name}, p95 ms`] = p95;
    figures[`console: ${name}, large ÷ small`] = ratio;
  }
  return { isRight, figures: { ...figures, 'console: largest page, kB': largest } };
}

/** What one viewer of the overview costs the database, and ten at once, beyond what the API does by itself. */
async function measureViewers(side: Side, print: (text: string) => void): Promise<Record<string, number>> {
  const spent = { none: await spend(side, 0), one: await spend(side, 1), ten: await spend(side, 10) };
  const of = (what: keyof Spent): { one: number; ten: number } => ({
    one: spent.one[what] - spent.none[what],
    ten: spent.ten[what] - spent.none[what],
  });
  const [statements, ms] = [of('statements'), of('ms')];
  print(
    `in ${LOOKED_MS / 1_000} s: one viewer ${statements.one} statements and ${ms.one.toFixed(0)} ms of the database, ` +
      `ten ${statements.ten} and ${ms.ten.toFixed(0)} ms`,
  );
  return {
    'console: statements of ten viewers ÷ of one': statements.ten / statements.one,
    'console: database time of ten viewers ÷ of one': ms.ten / ms.one,
  };
}

interface Spent {
  /** Each is a transaction of its own. */
  statements: number;
  /** In which a session of the database was busy. */
  ms: number;
}

async function spend({ db, viewer }: Side, viewers: number): Promise<Spent> {
  await wait(TOLD_AFTER_MS);
  const before = await readSpent(db);
  const refreshed = { 'x-console-refresh': '1' };
  const endsAtMs = performance.now() + LOOKED_MS;
  const look = async (place: number): Promise<void> => {
    await wait((place / viewers) * REFRESH_MS);
    for (; performance.now() < endsAtMs; await wait(REFRESH_MS)) await viewer.get('/console', refreshed);
  };
  await Promise.all(Array.from({ length: viewers }, (_none, place) => look(place)));
  await wait(Math.max(0, endsAtMs - performance.now()));
  await wait(TOLD_AFTER_MS);
  const after = await readSpent(db);
  return { statements: after.statements - before.statements, ms: after.ms - before.ms };
}

async function readSpent(db: Knex): Promise<Spent> {
  const [row] = await queryRows<Spent>(
    db,
    `select (xact_commit + xact_rollback)::float8 as statements, active_time as ms from pg_stat_database
     where datname = current_database()`,
  );
  if (!row) throw new Error('PostgreSQL does not tell what it did.');
  return row;
}
