/** The rig with the API in front of it: all of Passback in one process. */
import { after } from 'node:test';
import { Connection } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { createFacts } from '../../api/operations/facts.js';
import { buildApp, type Deps } from '../../api/app.js';
import { createScheduleClient } from '../../api/temporal/schedule-client.js';
import { createWorkflowClient } from '../../api/temporal/workflow-client.js';
import { createApiStore } from '../../db/api-store.js';
import { createGateWakes } from '../../db/platforms/gate-wakes.js';
import { classify } from '../../ltiaas/classify.js';
import { familyOf } from '../../ltiaas/family.js';
import { readIdToken } from '../../ltiaas/payloads.js';
import { at, textAt, type Answer, type CallOptions, type Json } from './app.js';
import { eventually } from './database.js';
import { insertApiKey, testKeyRing } from './factories.js';
import { createRig, type Rig, type RigCourse, type RigOptions } from './rig.js';
import { LINGER_MS } from './rig-waking.js';

type Call = (method: 'GET' | 'POST', path: string, options?: CallOptions) => Promise<Answer>;

export interface BackfillRig extends Rig {
  app: FastifyInstance;
  /** Secrets of two admin keys. */
  keys: { author: string; other: string };
  call: Call;
  /** One more API on the same database, with connections of its own, as another process has; it may reach Temporal elsewhere. */
  openApi(options?: { temporalAddress?: string }): Promise<Call>;
  /** Uploads a file and gives the answer. */
  upload(file: string | Buffer, parameters?: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
  /** Waits until a backfill is in one of some states, and gives it. */
  whenIn(id: string, ...states: string[]): Promise<Json>;
}

export async function createBackfillRig(
  options: RigOptions & { approval?: { scores: number; drop: number } } = {},
): Promise<BackfillRig> {
  const { approval = { scores: 1_000, drop: 100 }, ...rigOptions } = options;
  const rig = await createRig(rigOptions);
  const keys = { author: (await insertApiKey(rig.db)).secret, other: (await insertApiKey(rig.db)).secret };
  const open = async (temporalAddress: string): Promise<{ app: FastifyInstance; call: Call }> => {
    const app = await buildRigApp(rig, { approval, temporalAddress });
    return { app, call: (method, url, call = {}) => inject(app, method, url, { key: keys.author, ...call }) };
  };
  const { app, call } = await open(rig.temporal.address);
  return {
    ...{ ...rig, app, keys, call },
    openApi: async ({ temporalAddress = rig.temporal.address } = {}) => (await open(temporalAddress)).call,
    upload: (file, parameters = {}, headers = {}) => {
      const query = new URLSearchParams({ reason: 'a bug was fixed', author: 'Ada Lovelace', ...parameters });
      return call('POST', `/v1/backfills?${query.toString()}`, {
        body: file,
        headers: { 'content-type': 'text/csv', ...headers },
      });
    },
    whenIn: async (id, ...states) => {
      let last: Json = null;
      return eventually(
        `the backfill is ${states.join(' or ')}`,
        async () => {
          last = (await call('GET', `/v1/backfills/${id}`)).body;
          return states.includes(textAt(last, 'state')) ? last : undefined;
        },
        30_000,
      ).catch((error: unknown) => {
        throw new Error(`It is ${JSON.stringify({ state: at(last, 'state'), progress: at(last, 'progress') })}`, {
          cause: error,
        });
      });
    },
  };
}

async function buildRigApp(
  { db, temporal: { namespace } }: Rig,
  { approval, temporalAddress }: { approval: { scores: number; drop: number }; temporalAddress: string },
): Promise<FastifyInstance> {
  const connection = Connection.lazy({ address: temporalAddress });
  const deps: Deps = {
    store: createApiStore(db, { keyRing: testKeyRing }),
    workflows: createWorkflowClient({ connection, namespace, gateWakes: createGateWakes(db), lingerMs: LINGER_MS }),
    ltiaas: {
      getIdToken: () => Promise.reject(new Error('not expected')),
      listLineItems: async () => [],
      async *membershipPages() {
        yield { members: [], skipped: 0 };
      },
    },
    readIdToken,
    schedules: createScheduleClient({ connection, namespace, uiUrl: undefined }),
    familyOf,
    classify: (error, operation) => classify({ error, family: 'unknown', operation }),
    now: () => new Date(),
    version: '0.1.0',
  };
  const app = await buildApp({
    logger: pino({ level: 'silent' }),
    settings: { bodyLimitBytes: 1_000_000, requestsPerMinute: null, callerCacheMs: 0, approval },
    ...{ deps, facts: createFacts(deps, 0) },
  });
  after(async () => {
    await app.close();
    await connection.close();
  });
  return app;
}

async function inject(
  app: FastifyInstance,
  method: 'GET' | 'POST',
  url: string,
  { key, body, headers = {} }: CallOptions,
): Promise<Answer> {
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const response = await app.inject({
    ...{ method, url },
    headers: { authorization: `Bearer ${key ?? ''}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { payload: isRaw ? body : JSON.stringify(body) }),
  });
  const isJson = String(response.headers['content-type']).includes('json');
  return {
    ...{ status: response.statusCode, headers: response.headers, text: response.payload },
    body: isJson ? response.json<Json>() : null,
  };
}

/** A CSV of one column of a course. */
export function toCsv(
  { platformId, contextId, columns }: RigCourse,
  scores: readonly (readonly [string, number])[],
): string {
  const rows = scores.map(([userId, given]) => `${platformId},${contextId},${columns[0] ?? ''},${userId},${given},10`);
  return ['platformId,contextId,lineItemId,userId,scoreGiven,scoreMaximum', ...rows, ''].join('\n');
}
