import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultAction } from '../../sandbox/types.js';
import { createCaller, apiKey, eventually, graded, lmsBody, mustExist, startCourse } from './harness.js';
import { sdk } from './sdk-schemas.js';

const unanswered: { action: FaultAction; applied: boolean }[] = [
  { action: { kind: 'drop' }, applied: false },
  { action: { kind: 'applyThenDrop' }, applied: true },
];

for (const { action, applied } of unanswered) {
  test(`${action.kind}: the caller gets no answer and the journal says ${applied ? 'applied' : 'not applied'}`, async (t) => {
    const { caller, column, control, students } = await startCourse(t, 'canvas');
    await control.addFault({ match: { route: 'submitScore' }, times: 1, action });
    await assert.rejects(caller.score(column.id, graded(mustExist(students[0]), 5)));
    const { entries } = await control.journal({ route: 'submitScore' });
    assert.deepEqual(
      entries.map((entry) => [entry.applied, entry.status, entry.fault]),
      [[applied, null, action.kind]],
    );
    assert.equal((await control.gradebook()).length, applied ? 1 : 0);
    assert.equal((await caller.score(column.id, graded(mustExist(students[0]), 5))).status, 204, 'struck once only');
  });
}

for (const kind of ['hang', 'applyThenHang'] as const) {
  test(`${kind}: the call stays under way until the caller gives up`, async (t) => {
    const { url, column, control, launch, students } = await startCourse(t, 'canvas');
    await control.addFault({ action: { kind } });
    const giveUp = new AbortController();
    const pending = fetch(`${url}/api/lineitems/${encodeURIComponent(column.id)}/scores`, {
      method: 'POST',
      headers: {
        authorization: `SERVICE-AUTH-V1 ${apiKey}:${launch.serviceKey ?? ''}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(graded(mustExist(students[0]), 5)),
      signal: giveUp.signal,
    });
    const inFlight = async (): Promise<number | undefined> => (await control.listPlatforms())[0]?.traffic.inFlight;
    await eventually(async () => (await inFlight()) === 1);
    giveUp.abort();
    await assert.rejects(pending);
    await eventually(async () => (await inFlight()) === 0);
    const [entry] = (await control.journal({ route: 'submitScore' })).entries;
    assert.deepEqual([entry?.applied, entry?.status], [kind === 'applyThenHang', null]);
  });
}

const answered: { action: FaultAction; status: number; applied: boolean; contentType: RegExp }[] = [
  { action: { kind: 'status', status: 503 }, status: 503, applied: false, contentType: /json/ },
  { action: { kind: 'html' }, status: 502, applied: false, contentType: /html/ },
  { action: { kind: 'slow', delayMs: 30 }, status: 204, applied: true, contentType: /^$/ },
  { action: { kind: 'truncated' }, status: 200, applied: true, contentType: /json/ },
  { action: { kind: 'wrongContentType' }, status: 200, applied: true, contentType: /html/ },
  { action: { kind: 'applyThenStatus', status: 504 }, status: 504, applied: true, contentType: /json/ },
];

for (const { action, status, applied, contentType } of answered) {
  test(`${action.kind}: answers ${status}, ${applied ? 'applied' : 'not applied'}`, async (t) => {
    const { caller, column, control, students } = await startCourse(t, 'canvas');
    await control.addFault({ action });
    const answer = await caller.score(column.id, graded(mustExist(students[0]), 5));
    assert.equal(answer.status, status);
    assert.match(answer.headers.get('content-type') ?? '', contentType);
    const [entry] = (await control.journal()).entries;
    assert.deepEqual([entry?.status, entry?.applied, entry?.fault], [status, applied, action.kind]);
    assert.equal((await control.gradebook()).length, applied ? 1 : 0);
  });
}

test('truncated: the JSON breaks off in the middle', async (t) => {
  const { caller, control } = await startCourse(t, 'canvas');
  const whole = (await caller.call('GET', '/api/memberships')).text;
  await control.addFault({ match: { route: 'memberships' }, action: { kind: 'truncated' } });
  const { text } = await caller.call('GET', '/api/memberships');
  assert.ok(text.length > 0 && text.length < whole.length);
  assert.throws(() => void JSON.parse(text));
});

test('endless: the body goes on until the caller has had enough', async (t) => {
  const { url, control, launch } = await startCourse(t, 'canvas');
  await control.addFault({ action: { kind: 'endless' } });
  const response = await fetch(`${url}/api/memberships`, {
    headers: { authorization: `SERVICE-AUTH-V1 ${apiKey}:${launch.serviceKey ?? ''}` },
  });
  const reader = mustExist(response.body).getReader();
  let bytes = 0;
  while (bytes < 100_000) {
    const chunk: unknown = (await reader.read()).value;
    assert.ok(chunk instanceof Uint8Array);
    bytes += chunk.length;
  }
  await reader.cancel();
  await eventually(async () => (await control.listPlatforms())[0]?.traffic.inFlight === 0);
});

test('an answer can carry headers, and an LMS answer comes wrapped', async (t) => {
  const { caller, column, control, students } = await startCourse(t, 'canvas');
  const score = graded(mustExist(students[0]), 5);
  const throttled = {
    kind: 'status',
    status: 429,
    headers: { 'Retry-After': '7' },
    body: { message: 'slow down' },
  } as const;
  await control.addFault({ times: 1, action: throttled });
  const first = await caller.score(column.id, score);
  assert.deepEqual([first.status, first.headers.get('retry-after'), first.body], [429, '7', { message: 'slow down' }]);
  await control.addFault({ times: 1, action: { kind: 'lmsStatus', status: 422, body: { errors: ['no'] } } });
  const second = await caller.score(column.id, score);
  assert.equal(sdk.errorResponse.Parse(second.body).details?.externalError, true);
  assert.deepEqual(lmsBody(second), { errors: ['no'] });
});

test('a rule strikes only what it matches, after what it skips, as often as it says', async (t) => {
  const { caller, column, control, students } = await startCourse(t, 'canvas');
  const [first = '', second = ''] = students;
  const rule = {
    match: { userId: first, method: 'POST' },
    skip: 1,
    times: 2,
    action: { kind: 'status', status: 500 },
  } as const;
  const { id } = await control.addFault(rule);
  const statuses: number[] = [];
  for (const userId of [first, second, first, second, first, first]) {
    statuses.push((await caller.score(column.id, graded(userId, 1))).status);
  }
  assert.deepEqual(statuses, [204, 204, 500, 204, 500, 204]);
  assert.deepEqual(
    (await control.listFaults()).map((fault) => [fault.id, fault.struck]),
    [[id, 2]],
  );
  await control.removeFault(id);
  assert.deepEqual(await control.listFaults(), []);
});

test('the same seed strikes the same calls', async (t) => {
  const { url, control, launch } = await startCourse(t, 'canvas');
  const caller = createCaller(url, `SERVICE-AUTH-V1 ${apiKey}:${launch.serviceKey ?? ''}`);
  const draw = async (): Promise<string> => {
    await control.clearFaults();
    await control.addFault({ probability: 0.5, seed: 42, action: { kind: 'status', status: 500 } });
    let pattern = '';
    for (let call = 0; call < 20; call += 1) {
      pattern += (await caller.call('GET', '/api/lineitems')).status === 500 ? 'x' : '.';
    }
    return pattern;
  };
  const pattern = await draw();
  assert.match(pattern, /x.*\.|\..*x/);
  assert.equal(await draw(), pattern);
});
