/**
 * The far side of a benchmark, as cheap as node:http can be: answers 204 to each score after a delay and remembers what
 * came. Bodies are kept as they are and read when a report is asked for, outside the measured time.
 * Environment: BENCH_DELAY_MS. Prints one line of JSON with its port when it is ready.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readArrival, type Arrival } from './arrivals.js';
import type { StubReport } from './stub-client.js';

const delayMs = Number(process.env['BENCH_DELAY_MS'] ?? '20');

let calls: { path: string; body: string }[] = [];
let firstAtMs = 0;
let lastAtMs = 0;
let inFlight = 0;
let mostInFlight = 0;

function takeScore(path: string, request: IncomingMessage, response: ServerResponse): void {
  inFlight += 1;
  if (inFlight > mostInFlight) mostInFlight = inFlight;
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
  request.on('end', () => {
    lastAtMs = Date.now();
    if (calls.length === 0) firstAtMs = lastAtMs;
    calls.push({ path, body });
    setTimeout(() => {
      inFlight -= 1;
      response.writeHead(204).end();
    }, delayMs);
  });
}

function report(): StubReport {
  const arrivals = calls.flatMap(({ path, body }): Arrival[] => {
    const arrival = readArrival(path, body);
    return arrival ? [arrival] : [];
  });
  return { received: calls.length, firstAtMs, lastAtMs, mostInFlight, arrivals };
}

function reset(): Record<string, never> {
  calls = [];
  firstAtMs = lastAtMs = mostInFlight = 0;
  return {};
}

const answers: Readonly<Record<string, () => unknown>> = {
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
  const answer = answers[url] ?? (/\/scores(\?|$)/.test(url) ? () => ({ scores: [] }) : undefined);
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer ? answer() : {}));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  console.log(JSON.stringify({ ready: true, port }));
});
process.once('SIGTERM', () => process.exit(0));
