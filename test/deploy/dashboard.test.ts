import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { buildDashboard, PLAN } from '../../deploy/grafana/dashboard.js';
import { findFreePort } from '../../dev/machine/free-port.js';
import { startApiProcess } from '../helpers/api-process.js';
import { eventually } from '../helpers/database.js';
import { readRepositoryFile } from '../helpers/repository.js';
import { createRig } from '../helpers/rig.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

const answerOf = Compile(Type.Object({ data: Type.Object({ result: Type.Array(Type.Unknown()) }) }));
const skip = spawnSync('prometheus', ['--version']).error !== undefined && 'Prometheus is not installed';

test('passback.json is what deploy/grafana/write.ts writes', () => {
  assert.equal(readRepositoryFile('deploy/grafana/passback.json'), buildDashboard());
});

async function startPrometheus(targets: readonly number[]): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'passback-prometheus-'));
  const port = await findFreePort();
  const list = targets.map((target) => `'127.0.0.1:${target}'`).join(', ');
  writeFileSync(
    path.join(folder, 'prometheus.yml'),
    `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs: [{ job_name: passback, static_configs: [{ targets: [${list}] }] }]\n`,
  );
  const child = spawn(
    'prometheus',
    ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=127.0.0.1:${port}`],
    { cwd: folder, stdio: 'ignore' },
  );
  after(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  return `http://127.0.0.1:${port}`;
}

test('each query of the dashboard has data where a Prometheus scrapes a running Passback', { skip }, async () => {
  const rig = await createRig({ withWorkers: false });
  const [api, worker, sdk] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const workerProcess = await startWorkerProcess(rig, {
    METRICS_PORT: String(worker),
    TEMPORAL_METRICS_PORT: String(sdk),
  });
  const apiProcess = await startApiProcess(rig, await findFreePort(), { METRICS_PORT: String(api) });
  const course = await rig.createCourse();
  const [id = ''] = course.columns;
  const students = [...course.students, 'nobody-here'];
  await rig.accept(course, students.map((userId) => ({ column: { id }, userId, scoreGiven: 5 }))); // prettier-ignore
  await rig.send(course);
  const url = await startPrometheus([api, worker, sdk]);
  const hasData = async (query: string): Promise<boolean> => {
    const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query }).toString()}`).catch(() => null);
    return answer?.ok === true && answerOf.Parse(await answer.json()).data.result.length > 0;
  };
  const queries = Object.values(PLAN).flatMap((panels) => panels.flatMap((panel) => Object.values(panel.queries)));
  assert.ok(queries.length > 10);
  // The API reads its gauges every ten seconds.
  for (const query of queries) await eventually(`data for ${query}`, () => hasData(query), 30_000);
  await apiProcess.kill();
  await workerProcess.signal('SIGKILL');
});
