/**
 * The far side of a benchmark, as cheap as node:http can be: answers 204 to each score after a delay and remembers what
 * came. Bodies are kept as they are and read when a report is asked for, outside the measured time; only where faults are
 * planned, or results are asked for, is more looked at. Prints one line of JSON with its port when it is ready.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { cellOf, readArrival } from './arrivals.js';
import { faultOf, RETRY_AFTER_SECONDS, type Fault } from './fault-plan.js';
import { readBehaviour, type StubReport } from './stub-client.js';

let behaviour = readBehaviour('{"delayMs":20}');
let calls: { path: string; body: string; atMs: number }[] = [];
/** When each score that was refused may come again, by its cell. */
let refused = new Map<string, number>();
let tooSoon = 0;
let firstAtMs = 0;
let lastAtMs = 0;
let inFlight = 0;
let mostInFlight = 0;

const wallMs = (): number => performance.timeOrigin + performance.now();

function takeScore(path: string, request: IncomingMessage, response: ServerResponse): void {
  inFlight += 1;
  if (inFlight > mostInFlight) mostInFlight = inFlight;
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
  request.on('end', () => {
    const atMs = wallMs();
    if (firstAtMs === 0) firstAtMs = atMs;
    const fault = behaviour.faults && refusalOf(path, body, atMs);
    if (!fault) {
      lastAtMs = atMs;
      calls.push({ path, body, atMs });
    }
    setTimeout(() => {
      inFlight -= 1;
      if (fault === 429) response.setHeader('retry-after', String(RETRY_AFTER_SECONDS));
      response.writeHead(fault ?? 204).end();
    }, behaviour.delayMs);
  });
}

function refusalOf(path: string, body: string, atMs: number): Fault | undefined {
  const arrival = readArrival(path, body);
  if (!arrival || !behaviour.faults) return undefined;
  const cell = cellOf(arrival);
  const mayComeAtMs = refused.get(cell);
  if (mayComeAtMs !== undefined) {
    if (atMs < mayComeAtMs) tooSoon += 1;
    return undefined;
  }
  const fault = faultOf(behaviour.faults, cell);
  if (fault) refused.set(cell, fault === 429 ? atMs + RETRY_AFTER_SECONDS * 1_000 : atMs);
  return fault;
}

function arrivalsOf(some: typeof calls): StubReport['arrivals'] {
  return some.flatMap(({ path, body, atMs }) => {
    const arrival = readArrival(path, body);
    return arrival ? [{ ...arrival, atMs }] : [];
  });
}

/** The gradebook's column as LTIAAS gives it, so that a score whose fate is unknown is found there. */
function results(path: string): unknown {
  const ofColumn = arrivalsOf(calls.filter((call) => call.path === path));
  const scores = ofColumn.map(({ userId, given }) => ({ userId, resultScore: given, resultMaximum: 10 }));
  return { scores };
}

function report(): StubReport {
  const arrivals = arrivalsOf(calls);
  return { received: calls.length, refused: refused.size, tooSoon, firstAtMs, lastAtMs, mostInFlight, arrivals };
}

function reset(query: string): Record<string, never> {
  behaviour = readBehaviour(decodeURIComponent(query));
  calls = [];
  refused = new Map();
  firstAtMs = lastAtMs = mostInFlight = tooSoon = 0;
  return {};
}

const answers: Readonly<Record<string, (query: string) => unknown>> = {
  '/bench/progress': () => ({ received: calls.length }),
  '/bench/report': report,
  '/bench/reset': reset,
  '/api/lineitems': () => ({ lineItems: [] }),
};

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const { url = '', method } = request;
  response.sendDate = false;
  if (method === 'POST' && url.endsWith('/scores')) return takeScore(url, request, response);
  request.resume();
  const [path = '', query = ''] = url.split('?');
  const answer = answers[path] ?? (path.endsWith('/scores') ? () => results(path) : undefined);
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer ? answer(query) : {}));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  console.log(JSON.stringify({ ready: true, port }));
});
process.once('SIGTERM', () => process.exit(0));
