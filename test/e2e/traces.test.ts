/** Traces, as a collector gets them: from a request to the call that it led to. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { findFreePort } from '../../dev/machine/free-port.js';
import { startTraces } from '../../metrics/traces.js';
import { API_PROCESS_KEY, startApiProcess } from '../helpers/api-process.js';
import { at, parseJson, type Json } from '../helpers/app.js';
import { eventually } from '../helpers/database.js';
import { createRig } from '../helpers/rig.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

const rig = await createRig({ withWorkers: false });

/** A receiver of OTLP over HTTP. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
const received: string[] = [];
const collector = createServer((request, response) => {
  void text(request).then((body) => {
    if (request.url === '/v1/traces') received.push(body);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});
const port = await findFreePort();
await new Promise<void>((resolve) => collector.listen(port, '127.0.0.1', resolve));
after(() => collector.close());

const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const spans = (): Json[] =>
  received
    .flatMap((body) => listOf(at(parseJson(body), 'resourceSpans')))
    .flatMap((resource) => listOf(at(resource, 'scopeSpans')))
    .flatMap((scope) => listOf(at(scope, 'spans')));

test('a request’s trace goes on in the activity and in its calls to LTIAAS', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_BSP_SCHEDULE_DELAY: '200' };
  const course = await rig.createCourse({
    students: 1,
    context: { members: [{ userId: 'ada' }] },
  });
  const [worker, api] = await Promise.all([
    startWorkerProcess(rig, env),
    startApiProcess(rig, await findFreePort(), env),
  ]);
  const { platformId, contextId, columns } = course;
  const score = {
    platformId,
    contextId,
    userId: 'ada',
    scoreGiven: 7,
    scoreMaximum: 10,
  };
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const answer = await fetch(new URL('/v1/scores?', api.url), {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${API_PROCESS_KEY}`, 'content-type': 'application/json' },
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    },
    body: JSON.stringify({ ...score, lineItem: { id: columns[0] } }),
  });
  assert.equal(answer.status, 202);
  const chain = await eventually(
    'the spans of all three',
    () => {
      const ofTrace = spans().filter((span) => at(span, 'traceId') === traceId);
      const parentOf = (span: Json | undefined): Json | undefined =>
        ofTrace.find((other) => at(other, 'spanId') === at(span, 'parentSpanId'));
      const call = ofTrace.find((span) => at(span, 'name') === 'POST /api/lineitems/{id}/scores');
      const activity = parentOf(call);
      const request = parentOf(activity);
      return request === undefined ? undefined : [call, activity, request];
    },
    30_000,
  );
  assert.deepEqual(
    chain.map((span) => [at(span, 'name'), at(span, 'kind')]),
    [
      ['POST /api/lineitems/{id}/scores', 3],
      ['submitBatch', 5],
      ['POST /v1/scores', 2],
    ],
  );
  assert.equal(at(chain.at(-1), 'parentSpanId'), 'b7ad6b7169203331', 'and begins with who asked');
  assert.equal(await api.stop(), 0);
  await worker.signal('SIGTERM');
  assert.match(received.join(''), /"passback-api"[^]*"passback-worker"|"passback-worker"[^]*"passback-api"/);
});

test('nothing is started where nobody asks for traces', async () => {
  const off: Record<string, string>[] = [
    {},
    { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
    { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
  ];
  for (const env of off) assert.equal(await startTraces(env, 'passback-test'), undefined);
});
