/** Two installations in one Temporal namespace: each does its own work only, and shows its own schedules only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NIGHTLY_SCHEDULE_ID } from '../../workflows/names.js';
import { findFreePort } from '../../dev/machine/free-port.js';
import { API_PROCESS_KEY, startApiProcess } from '../helpers/api-process.js';
import { eventually } from '../helpers/database.js';
import { appliedValues } from '../helpers/journal.js';
import { createRig } from '../helpers/rig.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

test('two installations share a namespace by prefixes', async () => {
  const rigs = [await createRig({ withWorkers: false }), await createRig({ withWorkers: false })];
  const namespace = rigs[0]?.temporal.namespace ?? '';
  const installations = await Promise.all(
    rigs.map(async (rig, place) => {
      const env = { TEMPORAL_NAMESPACE: namespace, TEMPORAL_PREFIX: place === 0 ? 'blue' : 'green' };
      const course = await rig.createCourse({ students: 1 });
      const api = await startApiProcess(rig, await findFreePort(), env);
      await startWorkerProcess(rig, env);
      const call = (method: string, route: string, body?: object): Promise<Response> =>
        fetch(`${api.url}${route}`, {
          method,
          headers: { authorization: `Bearer ${API_PROCESS_KEY}`, 'content-type': 'application/json' },
          ...(body && { body: JSON.stringify(body) }),
        });
      return { rig, course, call };
    }),
  );
  for (const [place, { rig, course, call }] of installations.entries()) {
    const { platformId, contextId, columns, students } = course;
    const scoreGiven = place + 3;
    const [userId = ''] = students;
    const body = { platformId, contextId, lineItem: { id: columns[0] }, userId, scoreGiven, scoreMaximum: 10 };
    assert.equal((await call('POST', '/v1/scores', body)).status, 202);
    await eventually(
      'it is there',
      async () => (await appliedValues(rig, course)).get(userId)?.at(-1) === scoreGiven,
      30_000,
    );
    const isListed = async (): Promise<boolean> =>
      (await (await call('GET', '/v1/schedules')).text()).includes(`"name":"${NIGHTLY_SCHEDULE_ID}"`);
    await eventually('its schedule is listed', isListed, 30_000);
    assert.equal(
      (await call('POST', `/v1/schedules/${NIGHTLY_SCHEDULE_ID}/trigger`, { reason: 'a test' })).status,
      202,
    );
    const ended = async (): Promise<boolean> => {
      const runs = await (await call('GET', '/v1/runs')).text();
      return runs.match(/"kind"/g)?.length === 1 && runs.includes('"state":"completed"');
    };
    await eventually('its night, and no other, has ended', ended, 30_000);
  }
  const ids: string[] = [];
  for await (const { scheduleId } of rigs[0]?.client.schedule.list() ?? []) ids.push(scheduleId);
  assert.equal(ids.length, 10);
  assert.ok(ids.every((id) => /^(blue|green)-/.test(id)));
});
