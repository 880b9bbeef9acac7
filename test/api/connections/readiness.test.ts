import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReadiness } from '../../../api/operations/readiness.js';
import { createTestApi } from '../../helpers/app.js';
import { asApp, eventually } from '../../helpers/database.js';

const { deps, db } = await createTestApi();

/** A check that hangs from now on, until all that hangs is let go. */
function hanging(): { check: () => Promise<void>; asked: () => number; letGo: () => void } {
  let asked = 0;
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const check = async (): Promise<void> => {
    asked += 1;
    await gate;
  };
  return { check, asked: () => asked, letGo: () => letGo() };
}

test('answers many who ask at once by one check, and again after a second', async () => {
  let asked = 0;
  const checkHealth = async (): Promise<void> => {
    asked += 1;
    await deps.workflows.checkHealth();
  };
  const readiness = createReadiness({ store: deps.store, workflows: { ...deps.workflows, checkHealth } });
  const answers = await Promise.all(Array.from({ length: 100 }, () => readiness()));
  assert.ok(answers.every(({ status }) => status === 'ok'));
  assert.equal(asked, 1);
  await readiness();
  assert.equal(asked, 1);
  await eventually('another check', async () => (await readiness()) && asked === 2, 3_000);
});

test('stays ready while its check waits in line behind statements that are answered, and no longer', async () => {
  const database = hanging();
  let hangs = false;
  const { operations } = deps.store;
  const checkReady = async (): ReturnType<typeof operations.checkReady> => {
    if (hangs) await database.check();
    return operations.checkReady();
  };
  const store = { ...deps.store, operations: { ...operations, checkReady } };
  const readiness = createReadiness({ store, workflows: deps.workflows });
  assert.equal((await readiness()).database, 'ok');
  hangs = true;
  const keepBusy = setInterval(() => void asApp(db).raw('select 1').then(), 50);
  await eventually('a check in line', async () => (await readiness()) && database.asked() === 1, 4_000);
  const late = await readiness().finally(() => clearInterval(keepBusy));
  assert.equal(late.database, 'ok', 'late');
  await eventually('silence is trouble', async () => (await readiness()).database === 'failed', 4_000);
  database.letGo();
});

test('answers within the second of a probe whatever hangs, piles up no checks, and recovers', async () => {
  const temporal = hanging();
  const database = hanging();
  const { operations } = deps.store;
  const checkReady = async (): ReturnType<typeof operations.checkReady> => {
    await database.check();
    return operations.checkReady();
  };
  const readiness = createReadiness({
    store: { ...deps.store, operations: { ...operations, checkReady } },
    workflows: { ...deps.workflows, checkHealth: temporal.check },
  });
  for (let round = 0; round < 3; round += 1) {
    const begun = performance.now();
    const answer = await readiness();
    assert.ok(performance.now() - begun < 950, `${performance.now() - begun} ms`);
    assert.deepEqual(answer, { isReady: false, status: 'failed', database: 'failed', temporal: 'degraded' });
  }
  assert.deepEqual([temporal.asked(), database.asked()], [1, 1]);
  database.letGo();
  await eventually('a ready API without Temporal', async () => (await readiness()).status === 'degraded', 4_000);
  temporal.letGo();
  await eventually('a ready API', async () => (await readiness()).status === 'ok', 4_000);
});
