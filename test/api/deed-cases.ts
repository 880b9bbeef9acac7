/** How each route that leaves an entry in the audit trail is asked for its deed, of somebody who may do it, where there is something to do. */
import { randomUUID } from 'node:crypto';
import type { LightMyRequestResponse } from 'fastify';
import { DEEDS } from '../../api/deeds.js';
import { queryRows } from '../../db/server/knex.js';
import { createTestApi, textAt, type TestApi } from '../helpers/app.js';
import { createBackfillsOfTest } from '../helpers/backfills.js';
import { createSchedules, createVisitor, type Visitor } from '../helpers/console.js';
import { insertApiKey, insertScore } from '../helpers/factories.js';
import { createTenant, type Ids } from '../helpers/tenant.js';
import { namingMapping, STANDARD_SECRET } from '../helpers/webhooks.js';
import { QUESTIONS, type Question } from './tenants/questions.js';
import { ask, gentleFirst, type Route } from './tenants/routes.js';

export interface DeedCase {
  /** As `DEEDS` has it. */
  name: string;
  action: string;
  /** Asks for it, in every way that there is. */
  ask: () => Promise<Pick<LightMyRequestResponse, 'statusCode' | 'payload' | 'headers'>[]>;
}

export interface DeedWorld {
  api: TestApi;
  /** What takes things away comes last. */
  cases: readonly DeedCase[];
  /** What was asked of Temporal, as a count. */
  countAsked: () => number;
}

const reason = 'a test';

export async function createDeedWorld(): Promise<DeedWorld> {
  let scheduled = 0;
  const count = async (): Promise<void> => void (scheduled += 1);
  const schedules = { ...createSchedules(), change: count, trigger: count, pause: count, unpause: count };
  const api = await createTestApi({ schedules });
  const tenant = await createTenant(api, 'acanary');
  const ids = { ...tenant.ids, ...(await prepare(api, tenant.ids)) };
  const others = await prepareBackfills(api, ids);
  const bodies = await prepareBodies(api, ids);
  const routes = Object.keys(DEEDS).flatMap((name) => routeOf(name) ?? []);
  const cases = gentleFirst(routes).map((route): DeedCase => {
    const described = `${route.method} ${route.path}`;
    const of = { ...ids, ...others[described] };
    return {
      ...{ name: route.name, action: actionOf(route.name) },
      async ask() {
        const questions = bodies[described] ?? QUESTIONS[described]?.ask(of);
        if (!questions) throw new Error(`${route.name} has no line in test/api/tenants/questions.ts.`);
        const answers = [];
        for (const question of questions) answers.push(await ask(api.app, route, { of, key: api.adminKey, question }));
        return answers;
      },
    };
  });
  return {
    ...{ api, cases: [...cases, ...(await consoleCases(api))] },
    countAsked: () =>
      scheduled + api.sends.length + api.syncs.length + api.bulk.length + api.people.length + api.noticed.length,
  };
}

function actionOf(name: string): string {
  const deed = DEEDS[name];
  if (!deed || 'exempt' in deed) throw new Error(`${name} leaves no entry.`);
  return deed.action;
}

function routeOf(name: string): Route | undefined {
  const deed = DEEDS[name];
  const [method = '', path = ''] = name.split(' ');
  if (!deed || 'exempt' in deed || !path.startsWith('/v1/')) return undefined;
  if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH' && method !== 'DELETE') throw new Error(name);
  return { name, method, path: path.replaceAll(/:(\w+)/g, '{$1}') };
}

/** Whatever a deed needs beside what a tenant has: nothing is paused, and one thing more of what must not be the last one. */
async function prepare({ db, call }: TestApi, ids: Ids): Promise<Partial<Ids>> {
  for (const path of [`platforms/${ids.platform}`, `deployments/${ids.deployment}`, `contexts/${ids.context}`]) {
    await call('POST', `/v1/${path}/resume`, { body: { reason } });
  }
  const another = { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`, reason };
  const added = await call('POST', `/v1/webhook-sources/${ids.source}/secrets`, { body: another });
  const made = await call('POST', '/v1/api-keys', { body: { name: 'made', scopes: ['read'], reason } });
  const operations = await queryRows<{ id: string }>(
    db,
    `insert into bulk_operations (id, act) values (gen_random_uuid(), '{"kind": "retryScores"}') returning id`,
  );
  const secret = textAt(added.body, 'secrets', 0, 'id');
  return { secret, apiKey: textAt(made.body, 'id'), operation: operations[0]?.id ?? '' };
}

/** One for each decision, about a score of its own. */
async function prepareBackfills({ db }: TestApi, { platformId, contextId, lineItemId, context, lineItem }: Ids) {
  const backfills = await createBackfillsOfTest(db);
  const { store, apiKey } = backfills;
  const column = { platformId, contextId, lineItemId };
  const previewed = async (userId: string): Promise<string> => {
    await insertScore(db, { context, lineItem, userId, state: 'submitted' });
    const backfill = await backfills.upload([{ column, userId, scoreGiven: 8, scoreMaximum: 10 }]);
    const state = await backfills.preview(backfill);
    if (state !== 'awaitingApproval') throw new Error(`A backfill is ${state}.`);
    return backfill;
  };
  const releasing = async (userId: string): Promise<string> => {
    const backfill = await previewed(userId);
    await store.decide({ backfill, decision: 'approve', apiKey, requestId: randomUUID(), reason });
    return backfill;
  };
  const [paused, finished] = [await releasing('pam'), await releasing('fay')];
  await store.decide({ backfill: paused, decision: 'pause', apiKey, requestId: randomUUID(), reason });
  await db('backfills').where({ id: finished }).update({ state: 'finished', sent: 1, finished_at: new Date() });
  const others: Record<string, { backfill: string }> = {
    'POST /v1/backfills/{id}/approve': { backfill: await previewed('ann') },
    'POST /v1/backfills/{id}/pause': { backfill: await releasing('rex') },
    'POST /v1/backfills/{id}/resume': { backfill: paused },
    'POST /v1/backfills/{id}/cancel': { backfill: await previewed('cal') },
    'POST /v1/backfills/{id}/undo': { backfill: finished },
  };
  return others;
}

/** Where the question about others would do nothing. */
async function prepareBodies({ call }: TestApi, { platformId }: Ids): Promise<Record<string, Question[]>> {
  const person = { platformId, userId: 'to be let in again', reason };
  await call('POST', '/v1/people/erase', { body: person });
  const source = {
    ...{ name: 'another', verification: { scheme: 'standardWebhooks' }, secret: STANDARD_SECRET },
    ...{ mapping: namingMapping(platformId), reason },
  };
  const key = { platformId, contextId: 'another course', serviceKey: 'its key' };
  const resent = { author: 'me', action: 'resend', filter: { platformId }, reason };
  return {
    'POST /v1/people/readmit': [{ body: person }],
    'POST /v1/webhook-sources': [{ body: source }],
    'POST /v1/service-keys': [{ body: key }],
    'POST /v1/backfills': [{ body: resent }],
  };
}

async function consoleCases({ app, db }: TestApi): Promise<DeedCase[]> {
  const { secret: key } = await insertApiKey(db);
  const here = createVisitor(app);
  await here.signIn(key);
  const session = new Map(here.cookies);
  const post = async (visitor: Visitor, path: string, fields: Record<string, string>) => {
    const { status: statusCode, html: payload, headers } = await visitor.post(path, fields);
    return [{ statusCode, payload, headers: { 'x-request-id': String(headers['x-request-id']) } }];
  };
  return [
    {
      ...{ name: 'POST /console/sign-in', action: actionOf('POST /console/sign-in') },
      ask: () => post(createVisitor(app), '/console/sign-in', { key }),
    },
    {
      ...{ name: 'POST /console/sign-out', action: actionOf('POST /console/sign-out') },
      async ask() {
        for (const [name, value] of session) here.cookies.set(name, value);
        return post(here, '/console/sign-out', {});
      },
    },
  ];
}
