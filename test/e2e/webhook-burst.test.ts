import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { queryRows } from '../../db/server/knex.js';
import { findFreePort } from '../../dev/machine/free-port.js';
import { API_PROCESS_KEY, startApiProcess, type ApiProcess } from '../helpers/api-process.js';
import { eventually } from '../helpers/database.js';
import { appliedValues, countApplied } from '../helpers/journal.js';
import { createRig, type RigCourse } from '../helpers/rig.js';
import { sized } from '../helpers/size.js';
import { namingMapping, REFERENCE_MAPPING, signStandard, STANDARD_SECRET } from '../helpers/webhooks.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

const STUDENTS = sized({ full: 200, quick: 100 });
/** Grades 0 to 9 of each submission, in this order of time. The rest of the events are repetitions. */
const VERSIONS = 10;
const EVENTS = sized({ full: 5_000, quick: 2_500 });
const SENDERS = 24;

interface PlannedEvent {
  source: 'naming' | 'referring';
  id: string;
  body: string;
}

const rig = await createRig({ withWorkers: false });

test(`brings ${EVENTS} events with duplicates and in disorder into the gradebooks, once and in order, while worker and API are killed`, async () => {
  const courses = [await rig.createCourse({ students: STUDENTS }), await rig.createCourse({ students: STUDENTS })];
  for (const { platformId } of courses) await rig.control.setLatency([{ platformId, fixedMs: 5 }]);
  const port = await findFreePort();
  let api = await startApiProcess(rig, port);
  let worker = await startWorkerProcess(rig, { SWEEP_INTERVAL: '5s' });
  const [naming, referring] = courses;
  if (!naming || !referring) throw new Error('no courses');
  await makeSource(api, 'naming', {
    ...namingMapping(naming.platformId),
    column: { id: { value: naming.columns[0] ?? '' } },
  });
  await makeSource(api, 'referring', REFERENCE_MAPPING);
  const early = referring.students.filter((_, place) => place % 2 === 0);
  await tieAll(api, referring, early);

  const plan = planEvents(naming, referring);
  assert.equal(plan.length, EVENTS);
  const ids = new Map<string, string>();
  const url = `http://127.0.0.1:${port}`;
  const begins = sendAll(plan.slice(0, EVENTS / 2), url, ids);
  await eventually('the burst has begun to arrive', async () => (await countApplied(rig, naming)) >= 20, 30_000);
  const before = ids.size;
  const sending = Promise.all([begins, sendAll(plan.slice(EVENTS / 2), url, ids)]);
  await eventually('it goes on', () => ids.size > before, 30_000);
  await worker.signal('SIGKILL');
  const atKill = ids.size;
  await api.kill();
  [worker, api] = await Promise.all([startWorkerProcess(rig, { SWEEP_INTERVAL: '5s' }), startApiProcess(rig, port)]);
  await sending;
  assert.ok(atKill > 0 && atKill < ids.size, `killed in the middle: ${atKill} of ${ids.size}`);
  // Their references come hours late.
  await tieAll(
    api,
    referring,
    referring.students.filter((_, place) => place % 2 === 1),
  );

  await eventually('every event has become a score', async () => (await countStates()).scored === ids.size, 30_000);
  assert.deepEqual(await countStates(), { scored: ids.size });
  for (const course of courses) await eventually('all is submitted', () => isSubmitted(course), 60_000);
  for (const course of courses) {
    const applied = await appliedValues(rig, course);
    for (const userId of course.students) {
      const values = applied.get(userId) ?? [];
      assert.equal(values.at(-1), VERSIONS - 1, `${userId}: ${String(values)}`);
      assert.deepEqual(
        values,
        [...new Set(values)].toSorted((one, other) => one - other),
        `${userId}: in order, once`,
      );
    }
  }
  await worker.signal('SIGTERM');
});

/** In the order in which they are sent: shuffled, with a fifth of them repetitions. */
function planEvents(naming: RigCourse, referring: RigCourse): PlannedEvent[] {
  const events: PlannedEvent[] = [];
  for (let version = 0; version < VERSIONS; version += 1) {
    const facts = {
      type: 'graded',
      grade: version,
      max: 10,
      at: new Date(Date.UTC(2026, 10, 20, version)).toISOString(),
    };
    for (const student of naming.students) {
      const body = JSON.stringify({ ...facts, student, course: naming.contextId });
      events.push({ source: 'naming', id: `naming-${student}-${version}`, body });
    }
    for (const student of referring.students) {
      const body = JSON.stringify({ ...facts, submission: `submission-${student}` });
      events.push({ source: 'referring', id: `referring-${student}-${version}`, body });
    }
  }
  const random = createRandom(20_261_126);
  const copies = Array.from({ length: EVENTS - events.length }, () => events[Math.floor(random() * events.length)]);
  return [...events, ...copies.flatMap((event) => event ?? [])]
    .map((event) => ({ event, at: random() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ event }) => event);
}

/** Repeats what got no answer, as a service that sends webhooks does; the id of an event never changes. */
async function sendAll(plan: readonly PlannedEvent[], url: string, ids: Map<string, string>): Promise<void> {
  const queue = [...plan];
  const sender = async (): Promise<void> => {
    for (let event = queue.shift(); event; event = queue.shift()) {
      const { id } = await sendUntilAnswered(url, event);
      assert.equal(ids.get(event.id) ?? id, id, 'a repetition has the answer of the first time');
      ids.set(event.id, id);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

async function sendUntilAnswered(url: string, { source, id, body }: PlannedEvent): Promise<{ id: string }> {
  for (;;) {
    try {
      const headers = { 'content-type': 'application/json', ...signStandard(body, { id }) };
      const response = await fetch(`${url}/v1/webhooks/${source}`, { method: 'POST', headers, body });
      const answer: unknown = await response.json();
      if (response.status === 202 && typeof answer === 'object' && answer && 'id' in answer)
        return { id: String(answer.id) };
      assert.ok(response.status >= 500, `answered ${response.status}`);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
    }
    await delay(200);
  }
}

async function call(api: ApiProcess, method: string, path: string, body: unknown): Promise<void> {
  const headers = { authorization: `Bearer ${API_PROCESS_KEY}`, 'content-type': 'application/json' };
  const response = await fetch(`${api.url}${path}`, { method, headers, body: JSON.stringify(body) });
  assert.ok(response.ok, await response.text());
}

async function makeSource(api: ApiProcess, name: string, mapping: object): Promise<void> {
  const verification = { scheme: 'standardWebhooks' };
  await call(api, 'POST', '/v1/webhook-sources', {
    name,
    verification,
    secret: STANDARD_SECRET,
    mapping,
    reason: 'a test',
  });
}

async function tieAll(api: ApiProcess, course: RigCourse, students: readonly string[]): Promise<void> {
  const { platformId, contextId, columns } = course;
  const queue = [...students];
  const tier = async (): Promise<void> => {
    for (let userId = queue.shift(); userId !== undefined; userId = queue.shift()) {
      const tie = { platformId, contextId, lineItem: { id: columns[0] }, userId };
      await call(api, 'PUT', `/v1/references/referring/submission-${userId}`, tie);
    }
  };
  await Promise.all(Array.from({ length: 8 }, tier));
}

async function countStates(): Promise<Record<string, number>> {
  const rows = await queryRows<{ state: string; count: number }>(
    rig.db,
    'select state, count(*)::int as count from webhook_events group by state',
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

async function isSubmitted({ context, students }: RigCourse): Promise<boolean> {
  const rows = await queryRows<{ state: string; count: number }>(
    rig.db,
    'select state, count(*)::int as count from scores where context = ? group by state',
    [context],
  );
  return rows.length === 1 && rows[0]?.state === 'submitted' && rows[0].count === students.length;
}

/** The same numbers for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
