import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deps } from '../../../api/app.js';
import type { ScheduleRecord } from '../../../api/temporal/schedule-client.js';
import { at, createTestApi } from '../../helpers/app.js';

let record: ScheduleRecord = {
  ...{ name: 'upkeep', workflowType: 'upkeep', cron: '30 3 * * *', everySeconds: null, timeZone: 'UTC' },
  ...{ jitterSeconds: 300, catchupSeconds: 60, paused: false, note: null, nextRuns: [], running: [], recent: [] },
  ...{ skipped: 0, url: null, createdAt: new Date(), changedAt: new Date() },
};
const refuse = async (): Promise<never> => Promise.reject(new Error('not in this test'));
const schedules: Deps['schedules'] = {
  ...{ list: refuse, trigger: refuse, pause: refuse, unpause: refuse, find: async () => record },
  change: async (_name, change) => {
    record = { ...record, ...change };
  },
};
const { call } = await createTestApi({ schedules });
const timeOf = (body: Parameters<typeof at>[0]) => ['cron', 'timeZone', 'jitterSeconds'].map((name) => at(body, name));

test('changes a part of the time by PATCH, and the whole of it by PUT', async () => {
  const send = (method: 'PUT' | 'PATCH', body: object) =>
    call(method, '/v1/schedules/upkeep', { body: { ...body, reason: 'backups at three' } });
  const changed = await send('PATCH', { timeZone: 'Europe/Paris' });
  assert.deepEqual(timeOf(changed.body), ['30 3 * * *', 'Europe/Paris', 300], changed.text);
  for (const part of [{ cron: '0 6 * * *' }, { timeZone: 'UTC' }]) assert.equal((await send('PUT', part)).status, 400);
  const set = await send('PUT', { cron: '0 5 * * *', timeZone: 'UTC' });
  assert.deepEqual(timeOf(set.body), ['0 5 * * *', 'UTC', 0], set.text);
});
