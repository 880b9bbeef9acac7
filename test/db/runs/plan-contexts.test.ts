import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Knex } from 'knex';
import { createRunContexts } from '../../../db/runs/run-contexts.js';
import { createPasses, createRunReader } from '../../../db/runs/runs.js';
import type { PassKind } from '../../../domain/run.js';
import { createTestDatabase } from '../../helpers/database.js';
import { breakDatabase } from '../../helpers/database-faults.js';
import {
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const PAST = '2026-01-01T00:00:00Z';

async function setUp(t: Parameters<typeof createTestDatabase>[0], kind: PassKind = 'nightly') {
  const { db } = await createTestDatabase(t);
  const runContexts = createRunContexts(db);
  const runId = randomUUID();
  const createCourse = async (deployment: string, more: { context?: Knex.ValueDict; score?: Knex.ValueDict } = {}) => {
    const { id: context } = await insertContext(db, { deployment, ...(more.context && { columns: more.context }) });
    await insertServiceKey(db, { context, serviceKey: 'key' });
    const { id: lineItem } = await insertLineItem(db, { context });
    const columns = { due_at: PAST, not_before: PAST, ...more.score };
    const { id: score } = await insertScore(db, { context, lineItem, columns });
    return { context, score };
  };
  const begin = async (): Promise<void> => {
    await createPasses(db).begin({ runId, kind, scheduleId: 'any', workflowId: 'any', limitMs: 60_000 });
    await runContexts.fixDue(runId);
  };
  const planPage = (limit: number) => runContexts.plan({ runId, kind, limit, patienceMs: 60_000 });
  const planAll = async (limit = 2): Promise<number> => {
    for (let pages = 1; ; pages += 1) if (await planPage(limit)) return pages;
  };
  const statesOf = async (): Promise<Record<string, string>> => {
    const page = { run: runId, platforms: null, after: null, limit: 100 };
    const rows = await createRunReader(db).listContexts(page);
    return Object.fromEntries(rows.map(({ context, state }) => [context, state]));
  };
  return { db, runContexts, runId, createCourse, begin, planPage, planAll, statesOf };
}

test('courses with something due are put in line page by page, each once, and picked when all are', async (t) => {
  const { db, runContexts, runId, createCourse, begin, planAll, statesOf } = await setUp(t);
  const { deployment } = await insertPlatform(db, { inFlightMax: 4 });
  const due = await Promise.all(Array.from({ length: 5 }, () => createCourse(deployment)));
  await createCourse(deployment, { score: { state: 'submitted', submitted: '{}', submitted_revision: 1 } });
  await createCourse(deployment, { score: { due_at: new Date(Date.now() + 60_000) } });
  await begin();
  assert.deepEqual(await runContexts.countOpen(runId), { open: 0, hasMore: true });
  assert.equal(await planAll(2), 4, 'six with something in the queue, and a page that shows the end');
  assert.deepEqual(new Set(Object.keys(await statesOf())), new Set(due.map(({ context }) => context)));
  assert.deepEqual(new Set(Object.values(await statesOf())), new Set(['inLine']));
  assert.equal(await planAll(2), 1, 'repeating it changes nothing');
  assert.equal(await runContexts.pick({ runId, kind: 'nightly', limit: 3 }), 3);
  assert.deepEqual(await runContexts.countOpen(runId), { open: 3, hasMore: true });
  assert.equal(await runContexts.pick({ runId, kind: 'nightly', limit: 3 }), 2);
  assert.deepEqual(await runContexts.countOpen(runId), { open: 5, hasMore: false });
});

test('a plan that was cut off goes on where it was', async (t) => {
  const { db, createCourse, begin, planPage, planAll, statesOf } = await setUp(t);
  const { deployment } = await insertPlatform(db);
  for (let made = 0; made < 5; made += 1) await createCourse(deployment);
  await begin();
  assert.equal(await planPage(3), false);
  assert.equal(Object.keys(await statesOf()).length, 3);
  assert.equal(await planAll(3), 1);
  assert.equal(Object.keys(await statesOf()).length, 5);
});

test('what cannot move has no place in line, and its scores wait for no other night', async (t) => {
  const { db, runContexts, runId, createCourse, begin, planAll, statesOf } = await setUp(t);
  const { deployment } = await insertPlatform(db, { inFlightMax: 1 });
  const waits = { awaits_nightly: true };
  const parked = await createCourse(deployment, {
    context: { parked_type: 'ToolRemoved', parked_at: PAST },
    score: waits,
  });
  const resting = await createCourse(deployment, { score: { not_before: new Date(Date.now() + 3_600_000) } });
  const ready = await createCourse(deployment, { score: waits });
  await begin();
  await planAll();
  assert.deepEqual(await statesOf(), {
    [parked.context]: 'underWay',
    [resting.context]: 'underWay',
    [ready.context]: 'inLine',
  });
  const awaiting = () => db('scores').where({ awaits_nightly: true }).pluck('id');
  assert.deepEqual(await awaiting(), [ready.score]);
  assert.equal(await runContexts.countDue({ runId, patienceMs: 60_000 }), 2);
  await runContexts.pick({ runId, kind: 'nightly', limit: 10 });
  assert.deepEqual(await awaiting(), []);
  assert.deepEqual(
    (await runContexts.listUnwoken(runId)).map(({ context }) => context),
    [ready.context],
  );
});

test('each gate with somebody in line has its turn, the one with least under way first', async (t) => {
  const { db, runContexts, runId, createCourse, begin, planAll } = await setUp(t);
  const gates = [await insertPlatform(db), await insertPlatform(db), await insertPlatform(db)];
  for (const [place, { deployment }] of gates.entries())
    for (let made = 0; made <= place * 3; made += 1) await createCourse(deployment);
  await begin();
  await planAll(50);
  const picked = async () => {
    const rows = await db('run_contexts').whereNotNull('asked_at').select('gate');
    return gates.map(({ gate }) => rows.filter((row: { gate: string }) => row.gate === gate).length);
  };
  await runContexts.pick({ runId, kind: 'nightly', limit: 3 });
  assert.deepEqual(await picked(), [1, 1, 1]);
  await runContexts.pick({ runId, kind: 'nightly', limit: 4 });
  assert.deepEqual(await picked(), [1, 3, 3]);
});

test('a pass over rosters puts every course in line that can be read, the one first that was read longest ago', async (t) => {
  const { db, runContexts, runId, createCourse, begin, planAll } = await setUp(t, 'rosters');
  const { deployment } = await insertPlatform(db, { inFlightMax: 1 });
  const late = await createCourse(deployment, { context: { roster_read_at: new Date() } });
  const early = await createCourse(deployment, { context: { roster_read_at: PAST } });
  const never = await createCourse(deployment);
  await createCourse(deployment, { context: { parked_type: 'ToolRemoved', parked_at: PAST } });
  await begin();
  await planAll();
  const order: string[] = [];
  for (;;) {
    const count = await runContexts.pick({ runId, kind: 'rosters', limit: 10 });
    if (count === 0) break;
    assert.equal(count, 1, 'one at a time');
    const [asked] = await runContexts.listUnwoken(runId);
    assert.ok(asked);
    order.push(asked.context);
    await runContexts.countOne({ runId, context: asked.context, failure: null });
  }
  assert.deepEqual(order, [never.context, early.context, late.context]);
});

test('what somebody paused for longer than the run waits is told as waiting, and never woken', async (t) => {
  const { db, runContexts, runId, createCourse, begin, planAll } = await setUp(t);
  const { deployment } = await insertPlatform(db);
  const [forLong, shortly, open] = [
    await createCourse(deployment),
    await createCourse(deployment),
    await createCourse(deployment),
  ];
  const inAMoment = new Date(Date.now() + 10_000);
  await db('pauses').insert({ context: forLong.context, reason: 'wrong', until: 'infinity' });
  await db('pauses').insert({ context: shortly.context, reason: 'wrong', until: inAMoment });
  await begin();
  await planAll();
  await runContexts.pick({ runId, kind: 'nightly', limit: 10 });
  const woken = (await runContexts.listUnwoken(runId)).map(({ context }) => context);
  assert.deepEqual(new Set(woken), new Set([shortly.context, open.context]));
  await runContexts.countDue({ runId, patienceMs: 60_000 });
  const [row] = await createRunReader(db).listContexts({
    run: runId,
    platforms: null,
    after: null,
    limit: 100,
    state: 'settled',
  });
  assert.deepEqual([row?.context, row?.waitingFor], [forLong.context, { contextPaused: 1 }]);
});

test('rosters of what somebody paused are not read', async (t) => {
  const { db, createCourse, begin, planAll, statesOf } = await setUp(t, 'rosters');
  const { id, deployment } = await insertPlatform(db);
  const other = await createCourse((await insertPlatform(db)).deployment);
  await createCourse(deployment);
  await db('pauses').insert({ platform: id, reason: 'wrong', until: 'infinity' });
  await begin();
  await planAll();
  assert.deepEqual(Object.keys(await statesOf()), [other.context]);
});

test('a course that is passed over, since PostgreSQL refuses what the plan does there, is told with that reason', async (t) => {
  const { db, runId, createCourse, begin, planAll } = await setUp(t);
  const { deployment } = await insertPlatform(db);
  const parked = { context: { parked_at: new Date(), parked_type: 'ContextConcluded' } };
  const [refused, nowhere, other] = [
    await createCourse(deployment, { ...parked, score: { awaits_nightly: true } }),
    await createCourse(deployment),
    await createCourse(deployment),
  ];
  const isLetGo = `new.context = '${refused.context}' and not new.awaits_nightly`;
  await breakDatabase(db, { table: 'scores', on: 'update', when: isLetGo, code: '23514' });
  const isRow = `new.context = '${nowhere.context}'`;
  await breakDatabase(db, { table: 'run_contexts', on: 'insert', when: isRow, code: '23514' });
  await begin();
  await planAll();
  const rows = await createRunReader(db).listContexts({ run: runId, platforms: null, after: null, limit: 100 });
  const told = rows.map(({ context, state, failure }) => `${context} ${state} ${failure}`);
  assert.deepEqual(
    told.toSorted(),
    [`${refused.context} settled RefusedByDatabase`, `${other.context} inLine null`].toSorted(),
    'there is no row where it is the row that is refused',
  );
});
