/** API and worker as processes, with all that they talk to, and with a canary for each of their secrets. */
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { after } from 'node:test';
import { findFreePort } from '../../dev/machine/free-port.js';
import { SANDBOX_SCORE_SOURCE_SECRET, SCORE_SOURCE_PATH } from '../../sandbox/tool/score-source.js';
import { startApiProcess, type ApiProcess } from '../helpers/api-process.js';
import { databaseLogFile } from '../helpers/database.js';
import { createNoticeReceiver, type NoticeReceiver } from '../helpers/notice-receiver.js';
import { createRig, type Rig } from '../helpers/rig.js';
import { startWorkerProcess, type WorkerProcess } from '../helpers/worker-process.js';
import { createCanaries, type Canaries } from './canary.js';
import { createCaller, type Caller } from './caller.js';

export interface World {
  rig: Rig;
  canaries: Canaries;
  api: ApiProcess;
  worker: WorkerProcess;
  caller: Caller;
  receiver: NoticeReceiver;
  /** Of a key for everything. */
  adminKey: string;
  /** What a collector of traces has got. */
  traces: string[];
  collectorUrl: string;
  metricsUrls: { api: string[]; worker: string[] };
  /** Lines beside those that the two have written. */
  logs: { api: string[]; worker: string[] };
  /** What PostgreSQL has logged since the beginning. */
  databaseLog(): string;
}

export async function createWorld(): Promise<World> {
  const canaries = createCanaries();
  const rig = await createRig({ withWorkers: false });
  const secret = (name: string): string => canaries.make('secret', name);
  const adminKey = `bootstrap-${secret('BOOTSTRAP_API_KEY')}`;
  const ltiaasKey = secret('LTIAAS_API_KEY');
  await rig.control.setApiKey(ltiaasKey);
  canaries.adopt(Buffer.alloc(32, 7).toString('base64'), 'secret', 'ENCRYPTION_KEYS');
  canaries.adopt(SANDBOX_SCORE_SOURCE_SECRET, 'secret', 'SCORE_SOURCE_SECRET');
  canaries.adopt(new URL(rig.dbUrl).password, 'secret', 'the password of DATABASE_URL');
  const logFile = await databaseLogFile();
  const logBegin = statSync(logFile).size;
  const { traces, url: collectorUrl } = await collectTraces();
  const [port, apiMetrics, workerMetrics] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const env = {
    ...{ LOG_LEVEL: 'trace', LTIAAS_API_KEY: ltiaasKey, STORE_NAMES: 'true', SWEEP_INTERVAL: '1 s' },
    ...{ NOTICES_TO_PRIVATE_ADDRESSES: 'true', RATE_LIMIT: '0', BOOTSTRAP_API_KEY: adminKey },
    ...{ SCORE_SOURCE_URL: `${rig.sandboxUrl}${SCORE_SOURCE_PATH}`, SCORE_SOURCE_SECRET: SANDBOX_SCORE_SOURCE_SECRET },
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl, OTEL_BSP_SCHEDULE_DELAY: '200' },
    OTEL_EXPORTER_OTLP_HEADERS: `api-key=${secret('OTEL_EXPORTER_OTLP_HEADERS')}`,
  };
  const [worker, api] = await Promise.all([
    startWorkerProcess(rig, { ...env, METRICS_PORT: String(workerMetrics) }),
    startApiProcess(rig, port, { ...env, METRICS_PORT: String(apiMetrics) }),
  ]);
  return {
    ...{ rig, canaries, api, worker, adminKey, traces, collectorUrl },
    caller: createCaller(api.url, adminKey),
    receiver: await createNoticeReceiver(),
    metricsUrls: {
      api: [`http://127.0.0.1:${apiMetrics}/metrics`],
      worker: [`http://127.0.0.1:${workerMetrics}/metrics`],
    },
    logs: { api: [], worker: [] },
    databaseLog: () => readFileSync(logFile).subarray(logBegin).toString('utf8'),
  };
}

/** A receiver of OTLP over HTTP, closed at the file's end. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
async function collectTraces(): Promise<{ traces: string[]; url: string }> {
  const traces: string[] = [];
  const collector = createServer((request, response) => {
    void text(request).then((body) => {
      traces.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  const port = await findFreePort();
  await new Promise<void>((resolve) => collector.listen(port, '127.0.0.1', resolve));
  after(() => {
    collector.closeAllConnections();
    collector.close();
  });
  return { traces, url: `http://127.0.0.1:${port}` };
}
