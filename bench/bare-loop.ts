/**
 * What is possible at all: a loop around undici that sends the same requests with nothing behind it. Environment: the
 * `BareLoopInput` of bare-run.ts as JSON in BENCH_INPUT. Prints one line of JSON when it is done.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { toScorePayload } from '../ltiaas/write.js';
import { readBareLoopInput, type BareLoopResult } from './bare-run.js';
import { startCpuMeter } from './cpu-meter.js';
import { API_KEY, createWorkload } from './workload.js';

const { url, stubPid, inFlight, meetsFaults, ...load } = readBareLoopInput(process.env['BENCH_INPUT'] ?? '{}');

// Made before the clock starts: the ceiling shall be as high as it can be.
const requests = createWorkload(load).flatMap(({ serviceKey, scores }) =>
  scores.map(({ lineItemId, userId, value }) => ({
    path: `/api/lineitems/${encodeURIComponent(lineItemId)}/scores`,
    authorization: `SERVICE-AUTH-V1 ${API_KEY}:${serviceKey}`,
    body: JSON.stringify(toScorePayload({ userId, ...value }, {})),
  })),
);
const pool = new Pool(url, { connections: inFlight, pipelining: 1 });

/** What a refused score rests where the answer does not say. */
const REST_MS = 1_000;
const LOOK_AGAIN_MS = 5;

type Request = (typeof requests)[number];
let next = 0;
let resting = 0;
const rested: Request[] = [];

async function sender(): Promise<void> {
  for (;;) {
    const request = rested.pop() ?? requests[next++];
    if (request) await send(request);
    else if (resting === 0) return;
    else await delay(LOOK_AGAIN_MS);
  }
}

async function send(request: Request): Promise<void> {
  const { path, authorization, body } = request;
  const headers = { accept: 'application/json', authorization, 'content-type': 'application/json' };
  const response = await pool.request({ method: 'POST', path, headers, body });
  await response.body.dump();
  if (response.statusCode === 204) return;
  if (!meetsFaults) throw new Error(`The stub answered ${response.statusCode}.`);
  resting += 1;
  const asked = Number(response.headers['retry-after']) * 1_000;
  // Only the score that was refused rests: nothing can be faster and obey.
  void delay(asked || REST_MS).then(() => {
    rested.push(request);
    resting -= 1;
  });
}

const cpuBefore = process.cpuUsage();
const readMeter = startCpuMeter({ stub: stubPid });
const startedAtMs = Date.now();
await Promise.all(Array.from({ length: inFlight }, sender));
const { user, system } = process.cpuUsage(cpuBefore);
const { cpu, otherCores } = readMeter();
await pool.close();
const result: BareLoopResult = {
  startedAtMs,
  ...(cpu && { cpu: { loop: (user + system) / 1e6, ...cpu } }),
  ...(otherCores !== undefined && { otherCores }),
};
console.log(JSON.stringify(result));
