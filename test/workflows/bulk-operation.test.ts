import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createBulkOperations } from '../../db/bulk/bulk-operations.js';
import type { BulkProgress } from '../../domain/bulk-operation.js';
import { queryRows } from '../../db/server/knex.js';
import { createWorkflowWaker } from '../../waking/workflow-waker.js';
import { createGateWakes } from '../../db/platforms/gate-wakes.js';
import { bulkOperationWorkflowId } from '../../workflows/names.js';
import { eventually } from '../helpers/database.js';
import { insertApiKey } from '../helpers/factories.js';
import { createRig } from '../helpers/rig.js';

const rig = await createRig();
const store = createBulkOperations(rig.db, { pageSize: 1 });
const waker = createWorkflowWaker(rig.client.workflow, { lingerMs: 50, gateWakes: createGateWakes(rig.db) });

const column = { resourceId: 'essay', label: 'Essay', scoreMaximum: 10 };

async function begin(contextId: string): Promise<string> {
  const { id: apiKey } = await insertApiKey(rig.db);
  const act = { kind: 'retryScores', filter: { contextId } } as const;
  const { id, state } = await store.begin({ id: randomUUID(), act, platforms: null, apiKey, reason: 'a test' });
  assert.equal(state, 'running');
  return id;
}

const resultOf = (id: string): Promise<BulkProgress> =>
  rig.client.workflow.getHandle<() => Promise<BulkProgress>>(bulkOperationWorkflowId(id)).result();

async function createRejected() {
  const course = await rig.createCourse({ students: 4 });
  await rig.accept(
    course,
    course.students.map((userId) => ({ column, userId, scoreGiven: 8 })),
  );
  await rig.db.raw(`update scores set state = 'rejected', failure_type = 'ScoreRejected' where context = ?`, [
    course.context,
  ]);
  return course;
}

const isSubmitted = async (context: string): Promise<boolean> =>
  (await queryRows(rig.db, `select 1 from scores where context = ? and state = 'submitted'`, [context])).length === 4;

test('carries on a retry, however often it is started, and what it lets go is sent', async () => {
  const course = await createRejected();
  const id = await begin(course.contextId);
  await Promise.all([waker.carryOnBulk(id), waker.carryOnBulk(id)]);
  const result = await resultOf(id);
  assert.deepEqual(result, { state: 'completed', acted: 4, skipped: 0, failed: 0 });
  await eventually('all is sent', () => isSubmitted(course.context));
});

test('a sweep carries on what was begun and told nobody', async () => {
  const course = await createRejected();
  const id = await begin(course.contextId);
  await rig.db.raw(`update bulk_operations set updated_at = now() - interval '2 minutes' where id = ?`, [id]);
  await rig.activities.wakeUntended({ after: null });
  await eventually('it has ended', async () => (await store.find({ id, platforms: null }))?.state === 'completed');
});

test('what PostgreSQL refuses for good ends as failed, and is said', async () => {
  const course = await createRejected();
  const id = await begin(course.contextId);
  await rig.db.raw(`update bulk_operations set next_page = 'no number' where id = ?`, [id]);
  await waker.carryOnBulk(id);
  const result = await resultOf(id);
  assert.deepEqual(result, { state: 'failed', acted: 1, skipped: 0, failed: 0 });
  assert.equal((await store.find({ id, platforms: null }))?.failure, '22P02');
});
