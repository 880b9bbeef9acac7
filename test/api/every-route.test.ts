import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { LightMyRequestResponse } from 'fastify';
import type { ScheduleRecord, Schedules } from '../../api/temporal/schedule-client.js';
import { queryRows } from '../../db/server/knex.js';
import { at, createTestApi, textAt, type Json } from '../helpers/app.js';
import { requestOf, type DrawnRequest } from '../helpers/arbitrary-request.js';
import {
  insertContext,
  insertLineItem,
  insertMembership,
  insertPlatform,
  insertResourceLink,
  insertScore,
  insertServiceKey,
} from '../helpers/factories.js';
import { sized } from '../helpers/size.js';
import { createSource, GITHUB, hmac, namingMapping, REFERENCE_MAPPING, send } from '../helpers/webhooks.js';
import { eventually } from '../helpers/database.js';
import { faultsOf, sendInPieces, typeOf, type Answer } from '../helpers/described-answer.js';
import { inlined } from '../helpers/inlined.js';
import { watchWrites } from '../helpers/written-rows.js';
import { launchesInto } from '../helpers/launches-into.js';

/**
 * Every route gets what its description allows, and the same spoilt, and keeps to that description: an answer that is
 * described, no longer than is fair, and nothing written where it refuses. With `ROUTES_SEED` and `ROUTES_RUNS` it
 * takes other cases, and more of them.
 */
const seed = Number(process.env['ROUTES_SEED'] ?? 12);
const RUNS = Number(process.env['ROUTES_RUNS'] ?? sized({ full: 30, quick: 8 }));

const nightly: ScheduleRecord = {
  ...{ name: 'nightly-sync', workflowType: 'nightlySync', cron: '30 3 * * *', everySeconds: null, timeZone: 'UTC' },
  ...{ jitterSeconds: 0, catchupSeconds: 60, paused: false, note: null, nextRuns: [], running: [], recent: [] },
  ...{ skipped: 0, createdAt: new Date(), changedAt: new Date(), url: null },
};
const done = async (): Promise<void> => undefined;
const schedules: Schedules = {
  list: async () => [nightly],
  find: async (name) => (name === nightly.name ? nightly : undefined),
  ...{ change: done, trigger: done, pause: done, unpause: done },
};
const api = await createTestApi({ schedules });
const { app, db, call, logs, adminKey } = api;
launchesInto(api, 'course');

interface Operation {
  name: string;
  method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  described: Json;
}
const address = await app.listen({ host: '127.0.0.1', port: 0 });
after(() => app.close());

const { body: description } = await call('GET', '/openapi.json');
const operations = (['GET', 'PUT', 'POST', 'PATCH', 'DELETE'] as const).flatMap((method) =>
  Object.entries(at(description, 'paths') ?? {}).flatMap(([path, methods]: [string, Json]): Operation[] => {
    const described = at(methods, method.toLowerCase());
    if (described === undefined) return [];
    return [{ name: `${method} ${path}`, method, path, described: inlined(description, described) }];
  }),
);
/** Some answers never end by themselves: this one is only asked for what is not there. */
const ENDLESS = 'GET /v1/backfills/{id}/events';

/** What a refusal may write: its answer under a key, and that a key was used. */
const written = await watchWrites(db, { but: ['idempotency_keys', 'api_keys'] });

/** A file that is refused is kept as a backfill that failed, with the problems of its lines, which the answer names. */
const isKept = ({ name }: Operation, table: string): boolean =>
  name === 'POST /v1/backfills' && /^backfill(s|_problems|_items)$/.test(table);

const LINE_ITEM = 'https://lms.example/essay';
const SOON = ['2099-01-01T00:00:00Z'];
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  ...{ platformId: ['lms'], deploymentId: ['d1'], contextId: ['course'], userId: ['ada', 'bob'], cron: ['30 3 * * *'] },
  ...{ resourceLinkId: ['link'], resourceId: ['essay'], lineItemId: [LINE_ITEM], timeZone: ['UTC', 'Europe/Brussels'] },
  ...{ source: ['graders', 'references'], reference: ['r1'], until: SOON, expiresAt: SOON, pointer: ['/id'] },
  ...{ score: ['/score'], student: ['/student'], header: ['X-Signature'], serviceKey: ['key'], ltik: ['ltik'] },
  url: ['https://tool.example/notices'],
};
const requests = (described: Json): fc.Arbitrary<DrawnRequest> => requestOf(described, (name) => KNOWN[name] ?? []);

/** Makes anew whatever was taken away meanwhile, so that there is something behind each route. */
async function sow(): Promise<void> {
  const isThere = async (table: string): Promise<boolean> =>
    (await queryRows(db, `select 1 from ${table} limit 1`)).length > 0;
  if (!(await isThere('platforms'))) {
    const { deployment } = await insertPlatform(db, { platformId: 'lms', deploymentId: 'd1' });
    const { id: context } = await insertContext(db, { deployment, contextId: 'course' });
    await insertResourceLink(db, { context, resourceLinkId: 'link' });
    await insertMembership(db, { context, userId: 'ada' });
    const { id: lineItem } = await insertLineItem(db, { context, lineItemId: LINE_ITEM });
    for (const state of ['due', 'rejected', 'submitted'] as const) {
      await insertScore(db, { context, lineItem, userId: `${state}-ada`, state });
    }
    const run = { id: randomUUID(), kind: 'nightly', trigger: 'operator', ends_by: new Date() };
    await db('runs').insert(run);
  }
  const [context = ''] = await db('contexts').pluck<string[]>('id');
  const [lineItem = ''] = await db('line_items').where({ line_item_id: LINE_ITEM }).pluck<string[]>('id');
  if (!(await isThere('service_keys'))) await insertServiceKey(db, { context });
  const held = { failure_type: 'MemberNotInContext' };
  await insertScore(db, { context, lineItem, state: 'held', columns: held });
  await db('platforms').where({ platform_id: 'lms' }).update({ url: 'https://lms.example' });
  const mappings = { graders: namingMapping('lms', { eventId: '/id' }), references: REFERENCE_MAPPING };
  for (const [name, mapping] of Object.entries(mappings)) {
    if ((await call('GET', `/v1/webhook-sources/${name}`)).status === 404) {
      await createSource(api, { name, mapping, verification: GITHUB });
    }
  }
  if (!(await isThere('webhook_events'))) await sendEvent();
  if (!(await isThere('notice_endpoints'))) {
    const body = { url: 'https://tool.example', format: 'slack', kinds: ['breakerOpen'], reason: 'a test' };
    const { body: endpoint } = await call('POST', '/v1/notices', { body });
    await db('notice_deliveries').insert({ endpoint: textAt(endpoint, 'id'), type: 'attention' });
  }
  const column = { id: LINE_ITEM };
  const tied = { platformId: 'lms', contextId: 'course', userId: 'ada', lineItem: column };
  await call('PUT', '/v1/references/references/r1', { body: tied });
  if (!(await isThere('bulk_operations'))) {
    await db('bulk_operations').insert({ id: randomUUID(), act: { kind: 'retryScores' } });
  }
  if (!(await isThere('backfills'))) {
    const body = { reason: 'a bug', author: 'Ada', filter: { platformId: 'lms' }, action: 'resend' };
    await call('POST', '/v1/backfills', { body });
  }
}

async function sendEvent(): Promise<void> {
  const body = '{"id":"1"}';
  await send(app, 'graders', { body, headers: { 'x-hub-signature-256': `sha256=${hmac(body)}` } });
  await eventually(
    'an event that is looked at',
    async () => (await queryRows(db, `select 1 from webhook_events where state = 'stored'`)).length === 0,
  );
}

/** An id that the path means; without one, of nothing. Keys that tests come with are called so, and are left alone. */
async function findId(path: string, place: number): Promise<string> {
  const [, , named = ''] = path.split('/');
  const things = { notices: 'notice_endpoints', people: 'person_requests' }[named] ?? named;
  const rows = await queryRows<{ id: string }>(
    db,
    `select id from ${things.replaceAll('-', '_')} as thing where to_jsonb(thing) ->> 'name' is distinct from 'test'
      order by ctid desc limit 4`,
  );
  return rows[place % rows.length]?.id ?? randomUUID();
}

async function ask(operation: Operation, request: DrawnRequest): Promise<{ answer: Answer; bytes: number }> {
  const { method, path, name } = operation;
  const hasId = path.includes('{id}') && name !== ENDLESS;
  const parts: Readonly<Record<string, string>> = {
    ...{ source: request.place % 2 === 0 ? 'graders' : 'references', reference: 'r1', name: nightly.name },
    id: hasId ? await findId(path, request.place) : randomUUID(),
    secret: (await db('webhook_secrets').pluck<string[]>('id'))[0] ?? randomUUID(),
  };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, part: string) => request.hostilePart ?? parts[part] ?? '');
  const url = request.query === '' ? filled : `${filled}?${request.query}`;
  const { body } = request;
  const headers = {
    authorization: `Bearer ${adminKey}`,
    ...(body && { 'content-type': request.type }),
    ...(method === 'POST' && request.idempotencyKey !== null && { 'idempotency-key': request.idempotencyKey }),
  };
  const bytes = Buffer.byteLength(`${method} ${url}${Object.entries(headers).join('')}`) + (body?.length ?? 0);
  const isCut = request.isCut && body !== null && body.length < 2_000 && /^[!-~]+$/.test(url);
  const answer = isCut
    ? await sendInPieces(new URL(address), { method, path: url, headers, body })
    : toAnswer(await app.inject({ ...{ method, url, headers }, ...(body && { payload: body }) }));
  return { answer, bytes };
}

function toAnswer({ statusCode, headers, payload }: LightMyRequestResponse): Answer {
  return { status: statusCode, type: typeOf(headers['content-type']), text: payload };
}

/** Short: bodies are told by what was sent, and not by their bytes. */
function reporter(run: fc.RunDetails<[DrawnRequest]>): void {
  const { failed, numRuns, counterexamplePath, errorInstance } = run;
  if (!failed) return;
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  throw new Error(`ROUTES_SEED=${seed}, run ${numRuns}, path ${counterexamplePath}\n${why}`);
}

const reached = new Map<string, Set<number>>();

for (const operation of operations) {
  const { name, described } = operation;
  test(`${name} answers as it is described, briefly, and writes nothing where it refuses`, async () => {
    await sow();
    await written.take();
    const statuses = new Set<number>();
    reached.set(name, statuses);
    await fc.assert(
      fc.asyncProperty(requests(described), async (request) => {
        logs.length = 0;
        const { answer, bytes } = await ask(operation, request);
        statuses.add(answer.status);
        const faults = faultsOf(description, operation, { answer, bytes });
        const tables = (await written.take()).filter((table) => !isKept(operation, table));
        if (answer.status >= 400 && tables.length > 0) faults.push(`${answer.status}, and written: ${tables.join()}`);
        const sent = JSON.stringify({ ...request, body: request.body?.toString().slice(0, 1_000) });
        assert.deepEqual(faults, [], `${sent}\n${answer.text.slice(0, 1_000)}\n${logs.join('').slice(0, 3_000)}`);
      }),
      { numRuns: RUNS, seed, reporter },
    );
  });
}

test('has got most routes to do what they are for, so that the tests above say something', () => {
  const isDone = (statuses: ReadonlySet<number>): boolean => [...statuses].some((status) => status < 300);
  const others = [...reached].filter(([, statuses]) => !isDone(statuses));
  const told = others.map(([name, statuses]) => `${name}: ${[...statuses].join()}`).join('\n');
  assert.ok(others.length < operations.length / 5, told);
});
