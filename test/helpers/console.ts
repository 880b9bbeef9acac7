/** The console as a browser without JavaScript sees it: forms, redirects and cookies. */
import type { FastifyInstance, InjectOptions } from 'fastify';
import type { Knex } from 'knex';
import type { Deps } from '../../api/app.js';
import { insertApiKey } from './factories.js';

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

/** Schedules that are there and take what is asked of them; those of a real Temporal: test/api/schedules. */
export function createSchedules(): Deps['schedules'] {
  const names = ['sweep', 'nightly-sync', 'roster-refresh', 'reconcile', 'upkeep'];
  const soon = [1, 2, 3, 4, 5, 6].map((days) => new Date(Date.now() + days * 86_400_000));
  const all = names.map((name) => ({
    ...{ name, workflowType: name, cron: '0 2 * * *', everySeconds: null, timeZone: 'UTC', jitterSeconds: 0 },
    ...{ catchupSeconds: 3_600, paused: false, note: null, nextRuns: soon, running: [], recent: [], skipped: 0 },
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
