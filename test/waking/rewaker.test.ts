import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendScoresWorkflowId, syncContextWorkflowId, TASK_QUEUES } from '../../workflows/names.js';
import { eventually } from '../helpers/database.js';
import { createRig } from '../helpers/rig.js';

const rig = await createRig();

/** What a deploy leaves behind that no longer knows a workflow: its tasks fail for ever. */
async function startStuck(workflowId: string): Promise<string> {
  const { workflow } = rig.client;
  const start = { workflowId, taskQueue: TASK_QUEUES.workflows, args: [] };
  const handle = await workflow.start('aWorkflowOfAnotherRelease', start);
  const isFailing = async (): Promise<boolean> => {
    const { raw } = await handle.describe();
    return (raw.pendingWorkflowTask?.attempt ?? 0) >= 3;
  };
  await eventually('its task to fail again and again', isFailing, 40_000);
  return handle.firstExecutionRunId;
}

const statusOf = async (workflowId: string, runId: string): Promise<string> =>
  (await rig.client.workflow.getHandle(workflowId, runId).describe()).status.name;

test('the sweep puts another sender in the place of one whose workflow fails for ever, and not before minutes', async () => {
  const course = await rig.createCourse();
  const workflowId = sendScoresWorkflowId(course.gate);
  const stuck = await startStuck(workflowId);
  const [userId = ''] = course.students;
  await rig.accept(course, [{ column: { id: course.columns[0] ?? '' }, userId, scoreGiven: 7 }]);
  await rig.db.raw(`update score_queue set due_at = now() - interval '1 minute' where context = ?`, [course.context]);
  await rig.activities.wakeUntended({ after: null });
  assert.equal(await statusOf(workflowId, stuck), 'RUNNING');
  await rig.db.raw(`update gate_wakes set first_asked_at = now() - interval '5 minutes' where gate = ?`, [course.gate]);
  await rig.activities.wakeUntended({ after: null });
  await eventually('the score to arrive', async () => {
    const states = await rig.db('scores').where({ context: course.context }).pluck<string[]>('state');
    return states.every((state) => state === 'submitted');
  });
  assert.equal(await statusOf(workflowId, stuck), 'TERMINATED');
});

test('so it does with the actor of a course whose columns are wanted', async () => {
  const course = await rig.createCourse();
  const workflowId = syncContextWorkflowId(course.context);
  const stuck = await startStuck(workflowId);
  const [userId = ''] = course.students;
  await rig.accept(course, [{ column: { resourceId: 'new', label: 'New', scoreMaximum: 10 }, userId, scoreGiven: 7 }]);
  await (await rig.send(course)).result();
  await rig.db.raw(`update score_queue set due_at = now() - interval '5 minutes' where context = ?`, [course.context]);
  await rig.activities.wakeUntended({ after: null });
  await eventually('the score to arrive', async () => {
    const states = await rig.db('scores').where({ context: course.context }).pluck<string[]>('state');
    return states.every((state) => state === 'submitted');
  });
  assert.equal(await statusOf(workflowId, stuck), 'TERMINATED');
});
