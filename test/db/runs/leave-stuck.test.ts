import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Knex } from 'knex';
import { createRunContexts } from '../../../db/runs/run-contexts.js';
import { createPasses, createRunReader } from '../../../db/runs/runs.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const passes = createPasses(db);
const runContexts = createRunContexts(db);
const reader = createRunReader(db);
const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
const HALF_AN_HOUR_MS = 1_800_000;

async function open(kind: 'nightly' | 'rosters' = 'nightly'): Promise<string> {
  const runId = randomUUID();
  const scheduleId = kind === 'nightly' ? 'nightly-sync' : 'roster-refresh';
  await passes.begin({ runId, kind, scheduleId, workflowId: `${kind}-1`, limitMs: 60_000 });
  return runId;
}

/** A course that the run asked an hour ago, with a score that has waited since before. */
async function ask(runId: string, deployment: string, score: Knex.ValueDict = {}) {
  const { id: context, gate } = await insertContext(db, { deployment });
  const { id: lineItem } = await insertLineItem(db, { context });
  await insertScore(db, { context, lineItem, columns: { due_at: minutesAgo(120), ...score } });
  await db('run_contexts').insert({
    ...{ run: runId, context, gate, is_poked: true, poked_at: minutesAgo(60), asked_at: minutesAgo(60) },
    moved_at: minutesAgo(60),
  });
  return { context, lineItem };
}

const leave = async (runId: string, kind: 'nightly' | 'rosters' = 'nightly') => {
  await runContexts.leaveStuck({ runId, kind, stallMs: HALF_AN_HOUR_MS });
  return (await reader.listContexts({ run: runId, platforms: null, state: 'notSettled', after: null, limit: 100 })).map(
    ({ context }) => context,
  );
};

const ended = { state: 'submitted', submitted: '{}', submitted_revision: 1 };

test('a course is left when nothing of it came to an end for long, and one where something did is not', async () => {
  const { deployment } = await insertPlatform(db);
  const runId = await open();
  await runContexts.fixDue(runId);
  const stuck = await ask(runId, deployment);
  const moves = await ask(runId, deployment);
  const movesElsewhere = await ask(runId, deployment);
  const { id: own } = await insertScore(db, { ...moves, columns: { due_at: minutesAgo(120), user_id: 'b' } });
  await db('scores').where({ id: own }).update(ended);
  // What came after the night began proves nothing for what it waits for.
  const later = { due_at: new Date(Date.now() + 1_000), user_id: 'b' };
  const { id: other } = await insertScore(db, { ...movesElsewhere, columns: later });
  await db('scores').where({ id: other }).update(ended);
  assert.deepEqual(new Set(await leave(runId)), new Set([stuck.context, movesElsewhere.context]));
  assert.equal((await runContexts.countOpen(runId)).open, 1);
  assert.equal((await leave(runId)).length, 2, 'it has just moved');
  const [row] = await reader.listContexts({ run: runId, platforms: null, state: 'notSettled', after: null, limit: 1 });
  assert.equal(row?.waiting, 1);
});

test('a course that is in line while calls are made for others of its gate is waited for', async () => {
  const runId = await open();
  await runContexts.fixDue(runId);
  const busy = await insertPlatform(db);
  const inLine = await ask(runId, busy.deployment);
  const onHold = await ask(runId, busy.deployment, { not_before: new Date(Date.now() + 60_000) });
  const tried = await ask(runId, busy.deployment);
  await db('contexts')
    .where({ id: tried.context })
    .update({ last_attempted_at: minutesAgo(1) });
  const idle = await ask(runId, (await insertPlatform(db)).deployment);
  const left = await leave(runId);
  assert.deepEqual(new Set(left), new Set([onHold.context, tried.context, idle.context]));
  assert.ok(!left.includes(inLine.context));
});

test('a course whose actor tells nothing is left, and told as not settled even when it tells too late', async () => {
  const runId = await open('rosters');
  const { context } = await ask(runId, (await insertPlatform(db)).deployment);
  assert.deepEqual(await leave(runId, 'rosters'), [context]);
  const summary = await passes.close({ runId, trouble: [], source: null });
  assert.deepEqual([summary.state, summary.trouble, summary.notSettled], ['incomplete', ['notSettled'], 1]);
  await runContexts.countOne({ runId, context, failure: null });
  assert.deepEqual(await passes.close({ runId, trouble: [], source: null }), summary);
});

test('a course that settles after it was left, while the run lasts, is settled', async () => {
  const runId = await open('rosters');
  const { context } = await ask(runId, (await insertPlatform(db)).deployment);
  await leave(runId, 'rosters');
  await runContexts.countOne({ runId, context, failure: null });
  const summary = await passes.close({ runId, trouble: [], source: null });
  assert.deepEqual([summary.state, summary.settled, summary.notSettled], ['completed', 1, 0]);
});

test('what a run had under way when its time was over is not settled, and not stuck', async () => {
  const runId = await open();
  await ask(runId, (await insertPlatform(db)).deployment);
  const summary = await passes.close({ runId, trouble: ['limitReached'], source: null });
  assert.deepEqual([summary.trouble, summary.notSettled], [['limitReached'], 1]);
});
