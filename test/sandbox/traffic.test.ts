import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, lmsBody, mustExist, startCourse, type Answer, type Course } from './harness.js';

const platform = { platformId: 'canvas' };

function readMany(course: Course, count: number): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, () => course.caller.call('GET', '/api/lineitems')));
}

function countOf(answers: readonly Answer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}

test('the highest number of calls in flight is recorded until it is reset', async (t) => {
  const course = await startCourse(t, 'canvas');
  await course.control.setLatency([{ fixedMs: 250 }]);
  await readMany(course, 7);
  const { traffic } = await course.control.getPlatform(platform);
  assert.deepEqual(traffic, { requests: 7, inFlight: 0, highestInFlight: 7, throttled: 0 });
  assert.equal((await course.control.resetTraffic(platform)).traffic.highestInFlight, 0);
});

test('more calls at once than allowed are throttled, with Retry-After where set', async (t) => {
  const limits = { maxInFlight: 3, retryAfterSeconds: 2 };
  const course = await startCourse(t, 'canvas', { settings: { limits } });
  await course.control.setLatency([{ fixedMs: 250 }]);
  const answers = await readMany(course, 5);
  assert.deepEqual([countOf(answers, 200), countOf(answers, 429)], [3, 2]);
  assert.equal(mustExist(answers.find((answer) => answer.status === 429)).headers.get('retry-after'), '2');
  assert.equal((await course.control.getPlatform(platform)).traffic.throttled, 2);
});

test('a rate lets a burst through and then the rate only', async (t) => {
  let nowMs = 1_800_000_000_000;
  const course = await startCourse(t, 'canvas', {
    now: () => nowMs,
    settings: { limits: { ratePerSecond: 2, burst: 4 } },
  });
  assert.equal(countOf(await readMany(course, 10), 200), 4);
  nowMs += 1000;
  assert.equal(countOf(await readMany(course, 10), 200), 2);
});

test("Canvas's bucket is full at twelve calls in flight and answers 403 with its text", async (t) => {
  const course = await startCourse(t, 'canvas', { settings: { leakyBucket: {} } });
  await course.control.setLatency([{ fixedMs: 250 }]);
  const answers = await readMany(course, 15);
  assert.deepEqual([countOf(answers, 200), countOf(answers, 403)], [12, 3]);
  const refused = mustExist(answers.find((answer) => answer.status === 403));
  assert.match(String(lmsBody(refused)), /\(Rate Limit Exceeded\)\s*$/);
  assert.equal(countOf(await readMany(course, 12), 200), 12, 'finished calls leave little in the bucket');
});

test('latency is chosen by route, the later rule first', async (t) => {
  const course = await startCourse(t, 'canvas');
  await course.control.setLatency([{ fixedMs: 5000 }, { route: 'lineItems', fixedMs: 20, jitterMs: 10 }]);
  const startedAt = performance.now();
  await readMany(course, 1);
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs >= 19 && tookMs < 4000, `${tookMs} ms`);
});

const outages = [
  { outage: 'error', status: 503 },
  { outage: 'unreachable', status: 502 },
] as const;

for (const { outage, status } of outages) {
  test(`outage ${outage}: the platform answers ${status}, LTIAAS itself goes on`, async (t) => {
    const course = await startCourse(t, 'canvas', { settings: { outage } });
    assert.equal(countOf(await readMany(course, 1), status), 1);
    await course.control.updatePlatform(platform, { outage: 'none' });
    assert.equal(countOf(await readMany(course, 1), 200), 1);
  });
}

test('outage silent: nothing is answered until the caller gives up', async (t) => {
  const course = await startCourse(t, 'canvas', { settings: { outage: 'silent' } });
  const giveUp = new AbortController();
  const authorization = `SERVICE-AUTH-V1 test-key:${course.launch.serviceKey ?? ''}`;
  const pending = fetch(`${course.url}/api/lineitems`, { headers: { authorization }, signal: giveUp.signal });
  await eventually(async () => (await course.control.getPlatform(platform)).traffic.inFlight === 1);
  giveUp.abort();
  await assert.rejects(pending);
});

test('an inactive platform is refused by LTIAAS', async (t) => {
  const course = await startCourse(t, 'canvas', { settings: { active: false } });
  const [answer] = await readMany(course, 1);
  assert.equal(answer?.status, 400);
  assert.match(answer.text, /UNREGISTERED_OR_INACTIVE_PLATFORM/);
});
