import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createRunPass } from '../../../activities/passes/run-pass.js';
import { createRunContexts } from '../../../db/runs/run-contexts.js';

import { createPasses, createRunReader } from '../../../db/runs/runs.js';
import { createScorePulls } from '../../../db/runs/score-pulls.js';
import { createSyncRuns } from '../../../db/runs/sync-runs.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const passes = createPasses(db);
const runContexts = createRunContexts(db);
const pass = { kind: 'nightly', scheduleId: 'nightly-sync', workflowId: 'nightly-sync-1', limitMs: 60_000 } as const;

async function open(): Promise<string> {
  const runId = randomUUID();
  await passes.begin({ runId, ...pass });
  return runId;
}

/** In small pages, as many as it takes. */
async function planAndPick(runId: string): Promise<number> {
  for (let isPlanned = false; !isPlanned;) {
    isPlanned = await runContexts.plan({ runId, kind: 'nightly', limit: 3, patienceMs: 60_000 });
  }
  return runContexts.pick({ runId, kind: 'nightly', limit: 200 });
}

async function createDue(deployment: string, count: number): Promise<string[]> {
  const contexts: string[] = [];
  for (let made = 0; made < count; made += 1) {
    const { id: context } = await insertContext(db, { deployment });
    const { id: lineItem } = await insertLineItem(db, { context });
    await insertScore(db, { context, lineItem });
    contexts.push(context);
  }
  return contexts;
}

test('opens a run once however often it is asked to, and closes it once', async () => {
  const runId = await open();
  await passes.begin({ runId, ...pass });
  const first = await passes.close({ runId, trouble: [], source: null });
  const second = await passes.close({ runId, trouble: ['workflowFailed'], source: null });
  assert.deepEqual(second, first);
  assert.equal(first.state, 'completed');
});

test('closes a run that never ended as abandoned when the next one begins', async () => {
  const lost = await open();
  const next = await open();
  const reader = createRunReader(db);
  const found = await reader.find({ id: lost, platforms: null });
  assert.deepEqual([found?.state, found?.trouble], ['failed', ['abandoned']]);
  assert.equal((await reader.find({ id: next, platforms: null }))?.state, 'running');
});

test('knows the run that an operator triggered, with the reason, and not the next one', async () => {
  await open();
  await db('audit_entries').insert({ action: 'schedules.trigger', subject: 'nightly-sync', reason: 'exam week' });
  const reader = createRunReader(db);
  const first = await reader.find({ id: await open(), platforms: null });
  assert.deepEqual([first?.trigger, first?.reason], ['operator', 'exam week']);
  const second = await reader.find({ id: await open(), platforms: null });
  assert.deepEqual([second?.trigger, second?.reason], ['schedule', null]);
});

test('wakes what a step that was cut off had only picked, and nothing twice as often as needed', async () => {
  const { deployment } = await insertPlatform(db, { inFlightMax: 4 });
  await createDue(deployment, 6);
  const runId = await open();
  const woken: string[] = [];
  let isDown = true;
  const steps = createRunPass({
    ...{ passes, runContexts, syncRuns: createSyncRuns(db), scorePulls: createScorePulls(db), scoreSource: null },
    isWorkflowOpen: async () => false,
    resendsDrift: false,
    async wakeAll(requests) {
      for (const { context, run } of requests) {
        if (isDown && woken.length >= 2) throw new Error('Temporal is away');
        assert.equal(run, runId);
        woken.push(context);
      }
    },
  });
  const input = { runId, kind: 'nightly', patienceMs: 60_000, stallMs: 60_000 } as const;
  await assert.rejects(steps.askNext(input), /away/);
  isDown = false;
  await steps.askNext(input);
  assert.equal(new Set(woken).size, 6);
  woken.length = 0;
  const again = await steps.askNext(input);
  assert.deepEqual([again.picked, again.woken, again.open], [0, 0, 6]);
  assert.deepEqual(woken, []);
});

test('a gate whose sender cannot be woken stops none of the others, and is tried again', async () => {
  await db.raw('update scores set state = ?, submitted_revision = revision', ['submitted']);
  const deployments = [await insertPlatform(db), await insertPlatform(db), await insertPlatform(db)];
  const [broken, ...others] = deployments.map(({ gate }) => gate);
  for (const { deployment } of deployments) await createDue(deployment, 2);
  const runId = await open();
  const woken = new Set<string>();
  let isBroken = true;
  const steps = createRunPass({
    ...{ passes, runContexts, syncRuns: createSyncRuns(db), scorePulls: createScorePulls(db), scoreSource: null },
    isWorkflowOpen: async () => false,
    resendsDrift: false,
    async wakeAll(requests) {
      if (isBroken && requests.some(({ gate }) => gate === broken)) throw new Error('too many signals');
      for (const { gate } of requests) woken.add(gate);
    },
  });
  const input = { runId, kind: 'nightly', patienceMs: 60_000, stallMs: 60_000 } as const;
  const { picked, woken: count } = await steps.askNext(input);
  assert.deepEqual([picked, count, woken], [6, 4, new Set(others)]);
  // Alone it fails the step, until the run leaves it.
  await assert.rejects(steps.askNext(input), /too many/);
  isBroken = false;
  assert.equal((await steps.askNext(input)).woken, 2);
  assert.deepEqual(woken, new Set(deployments.map(({ gate }) => gate)));
});

test('a course that can never be woken is left in the end', async () => {
  const { deployment } = await insertPlatform(db);
  await db.raw('update scores set state = ?, submitted_revision = revision', ['submitted']);
  await createDue(deployment, 1);
  const runId = await open();
  const steps = createRunPass({
    ...{ passes, runContexts, syncRuns: createSyncRuns(db), scorePulls: createScorePulls(db), scoreSource: null },
    ...{ isWorkflowOpen: async () => false, resendsDrift: false },
    async wakeAll(requests) {
      if (requests.length > 0) throw new Error('too many signals');
    },
  });
  const input = { runId, kind: 'nightly', patienceMs: 60_000, stallMs: 60_000 } as const;
  await assert.rejects(steps.askNext(input), /too many/);
  await db('run_contexts')
    .where({ run: runId })
    .update({ moved_at: new Date(Date.now() - 120_000) });
  const { left, open: stillOpen } = await steps.askNext(input);
  assert.deepEqual([left, stillOpen], [1, 0]);
});

test('keeps a bound for each platform, and takes first what was attempted longest ago', async () => {
  await db.raw('update scores set state = ?, submitted_revision = revision', ['submitted']);
  const large = await insertPlatform(db, { inFlightMax: 2 });
  const small = await insertPlatform(db, { inFlightMax: 2 });
  const ofLarge = await createDue(large.deployment, 30);
  const ofSmall = await createDue(small.deployment, 3);
  for (const [place, context] of ofLarge.entries()) {
    const at = new Date(Date.parse('2027-01-01T00:00:00Z') - place * 60_000);
    await db('contexts').where({ id: context }).update({ last_attempted_at: at });
  }
  const runId = await open();
  await runContexts.fixDue(runId);
  await planAndPick(runId);
  const picked = (await runContexts.listUnwoken(runId)).map(({ context }) => context);
  assert.deepEqual(new Set(picked), new Set([...ofLarge.slice(-4), ...ofSmall]));
  assert.equal(await planAndPick(runId), 0);
});

test('what becomes due after the night began is not waited for', async () => {
  await db.raw('update scores set state = ?, submitted_revision = revision', ['submitted']);
  const { deployment } = await insertPlatform(db);
  const runId = await open();
  await runContexts.fixDue(runId);
  await createDue(deployment, 1);
  await runContexts.fixDue(runId);
  assert.equal(await planAndPick(runId), 0);
});
