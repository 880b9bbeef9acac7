import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createGateWakes } from '../../db/platforms/gate-wakes.js';
import { createWorkflowWaker, type WorkflowWaker } from '../../waking/workflow-waker.js';
import { createTestDatabase } from '../helpers/database.js';
import { insertPlatform } from '../helpers/factories.js';

const { db } = await createTestDatabase();
const gateWakes = createGateWakes(db);

interface Told {
  waker: WorkflowWaker;
  gate: string;
  /** Signals that Temporal took. */
  signals: number;
  isAway: boolean;
}

async function createTold(): Promise<Told> {
  const { gate } = await insertPlatform(db);
  const told = { gate, signals: 0, isAway: false };
  const signalWithStart = async (): Promise<void> => {
    if (told.isAway) throw new Error('away');
    told.signals += 1;
  };
  return Object.assign(told, {
    waker: createWorkflowWaker({ signalWithStart, start: signalWithStart }, { lingerMs: 1_000, gateWakes }),
  });
}

const wake = ({ waker, gate }: Told): Promise<void> => waker.wakeSender({ gate, trigger: 'api' });

test('ten thousand who make scores ready at once tell a sender once', async () => {
  const told = await createTold();
  const queue = Array.from({ length: 10_000 }, () => () => wake(told));
  const wakeNext = async (): Promise<void> => {
    for (let next = queue.pop(); next; next = queue.pop()) await next();
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: 16 }, wakeNext));
  const most = 1 + Math.floor((performance.now() - began) / 5_000);
  assert.ok(told.signals >= 1 && told.signals <= most, `${told.signals} signals, at most ${most}`);
});

test('once the sender looks it is told anew, and so it is after five seconds', async () => {
  const told = await createTold();
  await wake(told);
  await gateWakes.clear(told.gate);
  await wake(told);
  await wake(told);
  assert.equal(told.signals, 2);
  await db.raw(`update gate_wakes set asked_at = asked_at - interval '6 seconds' where gate = ?`, [told.gate]);
  await wake(told);
  assert.equal(told.signals, 3);
});

test('nobody relies on a signal that failed', async () => {
  const told = await createTold();
  told.isAway = true;
  await assert.rejects(wake(told), /away/);
  told.isAway = false;
  await wake(told);
  assert.equal(told.signals, 1);
});

test('a sender is told of each run once, and of what seems to be lost in any case', async () => {
  const told = await createTold();
  const night = (run: string) => told.waker.wakeSender({ gate: told.gate, trigger: 'nightly', run });
  const [first, second] = [randomUUID(), randomUUID()];
  await wake(told);
  await night(first);
  await night(first);
  assert.equal(told.signals, 2);
  await wake(told);
  await night(second);
  assert.equal(told.signals, 3);
  await told.waker.wakeSenderSurely({ gate: told.gate, trigger: 'sweep' });
  assert.equal(told.signals, 4);
});
