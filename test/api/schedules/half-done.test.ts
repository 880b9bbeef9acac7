import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScheduleRecord, Schedules } from '../../../api/temporal/schedule-client.js';
import { createTestApi, textAt } from '../../helpers/app.js';

const nightly: ScheduleRecord = {
  ...{ name: 'nightly-sync', workflowType: 'nightlySync', cron: '30 3 * * *', everySeconds: null, timeZone: 'UTC' },
  ...{ jitterSeconds: 0, catchupSeconds: 60, paused: false, note: null, nextRuns: [], running: [], recent: [] },
  ...{ skipped: 0, createdAt: new Date(), changedAt: new Date(), url: null },
};
/** The call from which on Temporal does not answer. */
let failsAt = 0;
let calls = 0;
const answer = async <T>(value: T): Promise<T> => {
  calls += 1;
  if (calls >= failsAt) throw new Error('deadline exceeded');
  return value;
};
const act = (): Promise<void> => answer(undefined);
const schedules: Schedules = {
  ...{ list: () => answer([nightly]), find: () => answer(nightly) },
  ...{ change: act, trigger: act, pause: act, unpause: act },
};
const { call } = await createTestApi({ schedules });

const acts = [
  ['PUT', '', { cron: '0 4 * * *', timeZone: 'UTC', reason: 'later' }],
  ['PATCH', '', { cron: '0 5 * * *', reason: 'later' }],
  ['POST', '/pause', { reason: 'LMS upgrade' }],
  ['POST', '/unpause', { reason: 'done' }],
  ['POST', '/trigger', { reason: 'now' }],
] as const;
for (const [method, path, body] of acts) {
  test(`${method} ${path || 'a time'} tells what is known to be done where Temporal stops answering`, async () => {
    const told: string[] = [];
    for (failsAt = 1; failsAt <= 3; failsAt += 1) {
      calls = 0;
      const { status, body: problem } = await call(method, `/v1/schedules/nightly-sync${path}`, { body });
      assert.equal(status, 503);
      told.push(textAt(problem, 'detail').slice(0, 11));
    }
    assert.deepEqual(told, ['Nothing was', 'It may have', 'It was done']);
  });
}
