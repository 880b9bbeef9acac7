import { request } from 'undici';
import type { BenchApi } from './api-process.js';

/** What was answered, how much, and when. */
export interface Seen {
  status: number;
  bytes: number;
  tookMs: number;
}

/** Somebody who is signed in to the console, as a browser without JavaScript is. */
export interface Viewer {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Seen>;
  post(path: string, fields: Readonly<Record<string, string>>): Promise<Seen>;
}

/** A form that comes from our own page. */
const FORM = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };

export async function signIn(api: BenchApi): Promise<Viewer> {
  const key = api.headers.authorization.replace('Bearer ', '');
  const body = new URLSearchParams({ key }).toString();
  const answer = await request(`${api.url}/console/sign-in`, { method: 'POST', headers: FORM, body });
  await answer.body.dump();
  const [cookie] = [answer.headers['set-cookie'] ?? []].flat();
  if (cookie === undefined) throw new Error(`Nobody could sign in: ${answer.statusCode}`);
  const signed = { cookie: cookie.split(';', 1)[0] ?? '' };
  return {
    get: (path, headers = {}) => ask(`${api.url}${path}`, { headers: { ...signed, ...api.headers, ...headers } }),
    post: (path, fields) =>
      ask(`${api.url}${path}`, {
        ...{ method: 'POST', headers: { ...signed, ...FORM }, body: new URLSearchParams(fields).toString() },
      }),
  };
}

async function ask(url: string, options: Parameters<typeof request>[1]): Promise<Seen> {
  const startedAtMs = performance.now();
  const { statusCode: status, body } = await request(url, options);
  const { byteLength: bytes } = await body.arrayBuffer();
  return { status, bytes, tookMs: performance.now() - startedAtMs };
}
