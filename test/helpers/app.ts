/** The API on a real database, with fakes for Temporal and LTIAAS, the two things that lie outside. */
import type { FastifyInstance, InjectOptions } from 'fastify';
import type { Knex } from 'knex';
import { pino } from 'pino';
import { buildApp, type ApiSettings, type Deps } from '../../api/app.js';
import type { Cause } from '../../domain/cause.js';
import { createFacts } from '../../api/operations/facts.js';
import type { CourseWake, SenderWake } from '../../waking/workflow-waker.js';
import { createApiMetrics } from '../../api/watching/api-metrics.js';
import { createApiStore } from '../../db/api-store.js';
import { classify } from '../../ltiaas/classify.js';
import { familyOf } from '../../ltiaas/family.js';
import { readIdToken, type Member } from '../../ltiaas/payloads.js';
import { asApp, createTestDatabase, type Cleanup } from './database.js';
import { assertDescribedProblem } from './described-problem.js';
import { insertApiKey, testKeyRing } from './factories.js';

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  /** The parsed body; of any shape, since tests look at what they expect. */
  body: Json;
  text: string;
}

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface CallOptions {
  /** The bearer; default: an admin key. Null sends none. */
  key?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface TestApi {
  app: FastifyInstance;
  deps: Deps;
  db: Knex;
  adminKey: string;
  /** The senders, and the actors of courses, that Temporal was asked for, in order. */
  sends: SenderWake[];
  syncs: CourseWake[];
  /** What each of these was asked for. */
  causes: (Cause | undefined)[];
  /** Bulk operations that a workflow was started for. */
  bulk: string[];
  people: string[];
  /** Endpoints of notices that a workflow was asked to serve. */
  noticed: string[];
  /** What the fakes do; tests change it. */
  temporal: { fails: boolean; pollers: number };
  ltiaas: { getIdToken: Deps['ltiaas']['getIdToken']; listLineItems: Deps['ltiaas']['listLineItems'] };
  clock: { now(): Date };
  logs: string[];
  /** What Prometheus would be told. */
  metrics: () => Promise<string>;
  call: (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, options?: CallOptions) => Promise<Answer>;
}

/** An API of its own on a database of its own, closed when `cleanup` ends. */
export async function createTestApi(
  options: {
    cleanup?: Cleanup;
    settings?: Partial<ApiSettings>;
    db?: Knex;
    schedules?: Deps['schedules'];
    factsFreshMs?: number;
  } = {},
): Promise<TestApi> {
  const db = options.db ?? (await createTestDatabase(options.cleanup)).db;
  const { secret: adminKey } = await insertApiKey(db);
  const logs: string[] = [];
  const api: Omit<TestApi, 'app' | 'call' | 'deps' | 'metrics'> = {
    ...{
      db,
      adminKey,
      logs,
      sends: [],
      syncs: [],
      causes: [],
      bulk: [],
      people: [],
      noticed: [],
      temporal: { fails: false, pollers: 1 },
      clock: { now: () => new Date() },
    },
    ltiaas: {
      getIdToken: async () => Promise.reject(new Error('this test expects no id token')),
      listLineItems: async () => [],
    },
  };
  const deps = { ...toDeps(api), ...(options.schedules && { schedules: options.schedules }) };
  const facts = createFacts(deps, options.factsFreshMs ?? 0);
  const metrics = createApiMetrics({ ...deps, facts });
  const app = await buildApp({
    ...{ facts, metrics },
    logger: pino({ level: 'debug' }, { write: (line: string) => void logs.push(line) }),
    settings: {
      bodyLimitBytes: 1_000_000,
      requestsPerMinute: null,
      callerCacheMs: 0,
      failuresFreshMs: 0,
      diagnosisFreshMs: 0,
      ...options.settings,
    },
    deps,
  });
  options.cleanup?.after(() => app.close());
  return {
    ...api,
    app,
    deps,
    metrics: () => metrics.text(),
    call: (method, path, call = {}) => callApi(app, adminKey, method, path, call),
  };
}

function toDeps(api: Omit<TestApi, 'app' | 'call' | 'deps' | 'metrics'>): Deps {
  const linkOf = (workflowId: string) => ({ workflowId, url: `http://temporal.example/${workflowId}` });
  const linkOfSender = (gate: string) => linkOf(`send/${gate}`);
  const mayFail = async (): Promise<void> => {
    if (api.temporal.fails) throw new Error('Temporal is down');
  };
  return {
    store: createApiStore(asApp(api.db), { keyRing: testKeyRing }),
    workflows: {
      async wakeSender(input) {
        const { cause, ...request } = input;
        api.sends.push(request);
        api.causes.push(cause);
        await mayFail();
        return linkOfSender(input.gate);
      },
      async wakeCourse(input) {
        const { cause, ...request } = input;
        api.syncs.push(request);
        api.causes.push(cause);
        await mayFail();
        return linkOf(`sync-context/${input.context}`);
      },
      linkOf,
      urlOfRun: (run) => `http://temporal.example/?run=${run}`,
      linkOfSender,
      linkOfRun: linkOfSender,
      async wakeBackfill(backfill) {
        await mayFail();
        return linkOf(`backfill/${backfill}`);
      },
      linkOfBackfill: (backfill) => linkOf(`backfill/${backfill}`),
      async carryOnBulk(operation) {
        api.bulk.push(operation);
        await mayFail();
        return linkOf(`bulk-operation/${operation}`);
      },
      async carryOnPerson(request) {
        api.people.push(request);
        await mayFail();
        return linkOf(`person-request/${request}`);
      },
      linkOfPerson: (request) => linkOf(`person-request/${request}`),
      async deliverNotices(endpoint) {
        api.noticed.push(endpoint);
        await mayFail();
        return linkOf(`deliver-notices/${endpoint}`);
      },
      linkOfBulk: (operation) => linkOf(`bulk-operation/${operation}`),
      checkHealth: mayFail,
      listQueues: async () => [{ taskQueue: 'passback-submit', pollers: api.temporal.pollers, builds: [] }],
      listMissingSearchAttributes: async () => [],
    },
    schedules: noSchedules,
    ltiaas: {
      getIdToken: (call) => api.ltiaas.getIdToken(call),
      listLineItems: (call) => api.ltiaas.listLineItems(call),
      async *membershipPages() {
        yield { members: [aMember('one'), aMember('two')], skipped: 0 };
      },
    },
    readIdToken,
    familyOf,
    classify: (error, operation) => classify({ error, family: 'unknown', operation }),
    now: () => api.clock.now(),
    version: '0.1.0',
  };
}

const aMember = (userId: string): Member => ({ userId, roles: ['Learner'], status: 'Active' });

const no = async (): Promise<never> => Promise.reject(new Error('this test has no schedules'));

/** Tests of schedules have a real Temporal. */
const noSchedules: Deps['schedules'] = {
  ...{ list: async () => [], find: async () => undefined, change: no, trigger: no, pause: no, unpause: no },
};

async function callApi(
  app: FastifyInstance,
  adminKey: string,
  method: NonNullable<InjectOptions['method']>,
  url: string,
  { key = adminKey, body, headers = {} }: CallOptions,
): Promise<Answer> {
  const isText = typeof body === 'string';
  const response = await app.inject({
    method,
    url,
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { payload: isText ? body : JSON.stringify(body) }),
  });
  const isJson = String(response.headers['content-type']).includes('json') && !response.payload.includes('\n{');
  const parsed: Json = isJson && response.payload !== '' ? response.json<Json>() : null;
  assertDescribedProblem(app, { method, url }, { status: response.statusCode, body: parsed });
  return { status: response.statusCode, headers: response.headers, body: parsed, text: response.payload };
}

/** Reads into a parsed body: `at(answer.body, 'scores', 0, 'id')`. Undefined where there is nothing. */
export function at(value: Json | undefined, ...path: (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, name) => {
    if (Array.isArray(inner)) return typeof name === 'number' ? inner[name] : undefined;
    return typeof inner === 'object' && inner !== null ? inner[name] : undefined;
  }, value);
}

export function parseJson(text: string): Json {
  const parsed: unknown = JSON.parse(text);
  if (!isJson(parsed)) throw new Error('JSON.parse gave nothing.');
  return parsed;
}

/** JSON.parse gives nothing else. */
function isJson(value: unknown): value is Json {
  return value !== undefined;
}

/** The same where a string must stand. */
export function textAt(value: Json | undefined, ...path: (string | number)[]): string {
  const text = at(value, ...path);
  if (typeof text !== 'string') throw new Error(`No text at ${path.join('/')} of ${JSON.stringify(value)}`);
  return text;
}

/** The type of a problem without its prefix. */
export function problemOf(value: Json | undefined): string | undefined {
  const type = at(value, 'type');
  return typeof type === 'string' ? type.replace('urn:passback:problem:', '') : undefined;
}
