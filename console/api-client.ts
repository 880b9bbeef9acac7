import type { Readable } from 'node:stream';
import type { InjectOptions } from 'fastify';
import type { Static, TSchema } from 'typebox';
import { Parse } from 'typebox/value';
import type { Caller, Callers } from '../api/callers.js';
import type { Problem } from '../api/problems.js';
import { ProblemSchema } from '../api/schemas/problem.js';
import type { Answer, SharedReads } from './shared-reads.js';

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The API as a screen sees it: over HTTP in this process, under the API key that was signed in with. What the key may, what
 * is valid, what is audited and what goes wrong is decided and said by the API alone.
 */
export interface ApiClient {
  /** `path` from `/v1` on, made by `at`. Empty values of the query are left out. @throws {ApiProblem} */
  get<T extends TSchema>(path: string, answer: T, query?: Query): Promise<Static<T>>;
  /** @throws {ApiProblem} */
  send<T extends TSchema>(method: Method, path: string, body: object | null, answer: T): Promise<Static<T>>;
  /** Hands a file on as it comes, in a POST. @throws {ApiProblem} */
  upload<T extends TSchema>(path: string, query: Query, file: UploadedFile, answer: T): Promise<Static<T>>;
}

interface UploadedFile {
  type: string;
  bytes: Readable;
}

type Method = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What the API answered in place of what it was asked for. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export interface ApiClientOptions {
  /** Of the server that the console stands on. */
  inject: (options: InjectOptions) => Promise<{ statusCode: number; payload: string }>;
  callers: Pick<Callers, 'lend'>;
  caller: Caller;
  /** Of the browser. */
  address: string;
  /** Names what a form does, so that a second click does it no second time. */
  once?: string | undefined;
  reads: SharedReads;
  /** Of a page that refreshes itself: what it reads may have been read for somebody else a moment ago. */
  mayShare: boolean;
}

export function createApiClient(options: ApiClientOptions): ApiClient {
  const { inject, callers, caller, address, once, reads, mayShare } = options;
  let sent = 0;
  const onceOf = (method: Method): Record<string, string> => {
    sent += 1;
    return method === 'POST' && once !== undefined ? { 'idempotency-key': `${once} ${sent}` } : {};
  };
  const ask = (options: InjectOptions): Promise<Answer> =>
    callers.lend(caller, async (bearer) => {
      const headers = { ...options.headers, authorization: `Bearer ${bearer}` };
      const { statusCode, payload } = await inject({ ...options, remoteAddress: address, headers });
      return { statusCode, payload };
    });
  const act = async (options: InjectOptions): Promise<Answer> => ask(options).finally(() => reads.forget());
  function parse<T extends TSchema>({ statusCode, payload }: Answer, schema: T): Static<T> {
    const body: unknown = payload === '' ? null : JSON.parse(payload);
    if (statusCode >= 400) throw new ApiProblem(Parse(ProblemSchema, body));
    return Parse(schema, body);
  }
  return {
    async get(path, answer, query = {}) {
      const url = `${path}${toQuery(query)}`;
      const read = (): Promise<Answer> => ask({ method: 'GET', url });
      return parse(await (mayShare ? reads.read(caller, url, read) : read()), answer);
    },
    async send(method, path, body, answer) {
      const headers = { ...(body !== null && { 'content-type': 'application/json' }), ...onceOf(method) };
      const payload = body !== null && { payload: JSON.stringify(body) };
      return parse(await act({ method, url: path, headers, ...payload }), answer);
    },
    async upload(path, query, { type, bytes }, answer) {
      const headers = { 'content-type': type, ...onceOf('POST') };
      try {
        const url = `${path}${toQuery(query)}`;
        return parse(await act({ method: 'POST', url, headers, payload: bytes }), answer);
      } catch (error) {
        throw bytes.errored === null ? error : new ApiProblem(BROKEN_OFF);
      }
    },
  };
}

const BROKEN_OFF: Problem = {
  type: 'about:blank',
  title: 'The file did not come whole.',
  status: 400,
  detail: 'Nothing of it was used. Send it again.',
};

/** A path whose values are names within it, whatever they hold: at`/v1/scores/${id}`. */
export function at(path: TemplateStringsArray, ...values: string[]): string {
  return path.reduce((made, part, index) => `${made}${encodeURIComponent(values[index - 1] ?? '')}${part}`);
}

/** `?state=due&state=held`, or nothing. */
export function toQuery(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values ?? []]
      .flat()
      .filter((value) => value !== '')
      .map((value): [string, string] => [name, value]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}
