/** Workers of two versions of one deployment under load: the old one is taken away while the new one takes over. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { findTemporal } from '../../dev/find-temporal.js';
import { sendScoresWorkflowId, SWEEP_SCHEDULE_ID } from '../../workflows/names.js';
import { eventually } from '../helpers/database.js';
import { appliedValues } from '../helpers/journal.js';
import { createRig } from '../helpers/rig.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

const DEPLOYMENT = 'passback';
/** temporal.api.enums.v1.VersioningBehavior */
const PINNED = 1;
const AUTO_UPGRADE = 2;
const rig = await createRig({ withWorkers: false });
const program = await findTemporal(process.env);

/** As an operator does it. */
function deployment(...args: string[]): { status: number | null; output: string } {
  const { address, namespace } = rig.temporal;
  const { status, stdout, stderr } = spawnSync(
    program?.path ?? '',
    ['worker', 'deployment', ...args, '--address', address, '--namespace', namespace],
    { encoding: 'utf8', env: { ...process.env, HOME: process.env['HOME'] ?? '/' } },
  );
  return { status, output: `${stdout}${stderr}` };
}

async function makeCurrent(buildId: string): Promise<void> {
  await eventually(
    `${buildId} is current`,
    () => {
      const args = ['--deployment-name', DEPLOYMENT, '--build-id', buildId, '--yes'];
      return Promise.resolve(deployment('set-current-version', ...args).status === 0);
    },
    30_000,
  );
}

const startVersion = (buildId: string): ReturnType<typeof startWorkerProcess> =>
  startWorkerProcess(rig, {
    ...{ TEMPORAL_DEPLOYMENT_NAME: DEPLOYMENT, TEMPORAL_WORKER_BUILD_ID: buildId, SWEEP_INTERVAL: '1s' },
  });

test('a sender goes on with the new version, and nothing is lost, sent twice or out of order', async () => {
  const course = await rig.createCourse({ students: 6 });
  const [id = ''] = course.columns;
  const sender = sendScoresWorkflowId(course.gate);
  await rig.control.setLatency([{ platformId: course.platformId, fixedMs: 50 }]);
  const given: number[] = [];
  const give = async (): Promise<void> => {
    const scoreGiven = given.length + 1;
    given.push(scoreGiven);
    await rig.accept(
      course,
      course.students.map((userId) => ({ column: { id }, userId, scoreGiven, value: { scoreMaximum: 1_000 } })),
    );
    await rig.send(course);
  };
  const giveFor = async (ms: number): Promise<void> => {
    for (const until = Date.now() + ms; Date.now() < until; await delay(200)) await give();
  };
  const old = await startVersion('one');
  await makeCurrent('one');
  await giveFor(3_000);
  const before = await versioningOf(sender);
  const young = await startVersion('two');
  await giveFor(2_000);
  await makeCurrent('two');
  await giveFor(3_000);
  await old.signal('SIGTERM');
  await giveFor(2_000);
  const last = given.at(-1);
  await eventually(
    'the last one is there',
    async () => {
      const applied = await appliedValues(rig, course);
      return course.students.every((userId) => applied.get(userId)?.at(-1) === last);
    },
    60_000,
  );
  for (const [userId, values] of await appliedValues(rig, course)) {
    const rising = values.every((value, place) => place === 0 || value > (values[place - 1] ?? 0));
    assert.ok(rising, `${userId}: ${values.join()}`);
  }
  assert.deepEqual(
    [before, await versioningOf(sender)],
    [
      { buildId: 'one', behavior: AUTO_UPGRADE },
      { buildId: 'two', behavior: AUTO_UPGRADE },
    ],
  );
  await eventually(
    'a sweep, which is short, stays with the version that began it',
    async () => {
      const { running, recent } = await sweeps();
      const ids = [...running, ...recent].map(({ workflow }) => workflow.workflowId);
      return (await Promise.all(ids.map(versioningOf))).some(({ behavior }) => behavior === PINNED);
    },
    20_000,
  );
  assert.equal(young.exitCode(), null);
});

/** Which version has done the last task of a workflow, and whether it stays with it. */
async function versioningOf(id: string): Promise<{ buildId: string | undefined; behavior: number | undefined }> {
  const { raw } = await rig.client.workflow.getHandle(id).describe();
  const { deploymentVersion, behavior } = raw.workflowExecutionInfo?.versioningInfo ?? {};
  return { buildId: deploymentVersion?.buildId ?? undefined, behavior: behavior ?? undefined };
}

async function sweeps() {
  const { info } = await rig.client.schedule.getHandle(SWEEP_SCHEDULE_ID).describe();
  return { running: info.runningActions, recent: info.recentActions.map(({ action }) => action) };
}
