import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findFreePort } from '../../dev/machine/free-port.js';
import { createRig } from '../helpers/rig.js';
import { eventually } from '../helpers/database.js';
import { startApiProcess } from '../helpers/api-process.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

const rig = await createRig({ withWorkers: false });

const scrape = async (port: number): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

test("API, worker and Temporal's SDK each serve metrics on their port", async () => {
  const [api, worker, sdk] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const env = { METRICS_PORT: String(worker), TEMPORAL_METRICS_PORT: String(sdk) };
  const workerProcess = await startWorkerProcess(rig, env);
  const apiProcess = await startApiProcess(rig, await findFreePort(), { METRICS_PORT: String(api) });
  assert.match(await scrape(api), /^passback_database_up 1$/m);
  assert.match(await scrape(worker), /^# TYPE passback_score_outcomes_total counter$/m);
  await eventually('the SDK polls', async () => /^temporal_num_pollers\{/m.test(await scrape(sdk)));
  assert.match(await scrape(sdk), /_seconds_bucket\{/);
  assert.equal((await fetch(`${apiProcess.url}/metrics`)).status, 404);
  await apiProcess.kill();
  await workerProcess.signal('SIGKILL');
});
