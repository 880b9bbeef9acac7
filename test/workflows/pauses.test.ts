/** The kill switch: what is paused by hand is neither written to nor read, and loses nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPauses } from '../../db/platforms/pauses.js';
import type { Pausable } from '../../db/platforms/pausing.js';
import { eventually } from '../helpers/database.js';
import { insertApiKey } from '../helpers/factories.js';
import { appliedValues } from '../helpers/journal.js';
import { createRig, type RigCourse } from '../helpers/rig.js';

const rig = await createRig();
const pauses = createPauses(rig.db);
const { id: apiKey } = await insertApiKey(rig.db);

async function idOf(kind: Pausable, course: RigCourse): Promise<string> {
  if (kind !== 'platform') return course[kind];
  const [id = ''] = await rig.db('gates').where({ id: course.gate }).pluck<string[]>('platform');
  return id;
}

async function pause(kind: Pausable, course: RigCourse, until: Date | null = null): Promise<void> {
  const id = await idOf(kind, course);
  await pauses.pause({
    kind,
    id,
    reason: 'wrong grades',
    until,
    audit: { apiKey, action: 'pause', subject: id, reason: 'wrong grades' },
  });
}

async function resume(kind: Pausable, course: RigCourse): Promise<void> {
  const id = await idOf(kind, course);
  await pauses.resume({ kind, id, audit: { apiKey, action: 'resume', subject: id, reason: 'mended' } });
}

const acceptForAll = async (course: RigCourse, scoreGiven: number): Promise<unknown> =>
  rig.accept(
    course,
    course.students.map((userId) => ({ column: { id: course.columns[0] ?? '' }, userId, scoreGiven })),
  );

const callsTo = async ({ contextId }: RigCourse): Promise<number> =>
  (await rig.control.journalEntries({ contextId })).length;

const underWay = async ({ context }: RigCourse): Promise<number> =>
  (await rig.db('scores').where({ context, state: 'sending' })).length;

const detailsOf = async (handle: { query<T>(name: string): Promise<T> }): Promise<string> =>
  (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;

/** A course that is being sent, some of its scores have arrived and more are under way. */
async function createBusyCourse(
  students: number,
  { inFlightMax = 4, fixedMs = 60 }: { inFlightMax?: number; fixedMs?: number } = {},
): Promise<RigCourse> {
  const course = await rig.createCourse({ students, inFlightMax });
  await rig.control.setLatency([{ route: 'submitScore', platformId: course.platformId, fixedMs }]);
  await acceptForAll(course, 5);
  await rig.send(course);
  await eventually('some have arrived', async () => (await appliedValues(rig, course)).size >= inFlightMax * 2);
  return course;
}

const SHOWN = {
  platform: /^\*\*waiting\*\* for platformPaused until/,
  deployment: /^\*\*waiting\*\* for deploymentPaused until/,
  context: null,
} as const;

for (const kind of ['platform', 'deployment', 'context'] as const) {
  test(`a ${kind} that is paused under load is called by nobody, and each score arrives once when it is resumed`, async () => {
    const course = await createBusyCourse(80);
    await pause(kind, course);
    await eventually('what was under way has ended', async () => (await underWay(course)) === 0);
    const calls = await callsTo(course);
    assert.ok(calls < 70, `${calls} calls`);

    const late = course.students.slice(0, 3);
    await rig.accept(
      course,
      late.map((userId) => ({ column: { id: course.columns[0] ?? '' }, userId, scoreGiven: 9 })),
    );
    const sender = await rig.send(course);
    const column = { resourceId: 'essay', label: 'Essay', scoreMaximum: 10 };
    await rig.accept(course, [{ column, userId: late[0] ?? '', scoreGiven: 1 }]);
    const actor = await rig.sync(course, { lineItems: true, roster: true, reconcile: true });
    assert.deepEqual(await actor.result(), { lineItems: 1, roster: 1, reconcile: 1 });
    assert.match(await detailsOf(actor), new RegExp(`its columns wait for ${kind}Paused`));
    const shown = SHOWN[kind];
    if (shown) await eventually('the sender shows why', async () => shown.test(await detailsOf(sender)));
    else await sender.result();
    assert.equal(await callsTo(course), calls);

    await resume(kind, course);
    await rig.sync(course, { lineItems: true });
    await rig.settle(course);
    const values = await appliedValues(rig, course);
    assert.equal(values.size, 80);
    for (const [userId, applied] of values) {
      if (!late.includes(userId)) assert.deepEqual(applied, [5], userId);
      else assert.deepEqual([applied.includes(9), new Set(applied).size], [true, applied.length], userId);
    }
    assert.deepEqual(
      await rig.db('scores').where({ context: course.context }).whereNot({ state: 'submitted' }).pluck('state'),
      [],
    );
  });
}

test('what was claimed before the pause of its course is given back unsent', async () => {
  const course = await createBusyCourse(40, { inFlightMax: 2, fixedMs: 300 });
  const before = await callsTo(course);
  await pause('context', course);
  await eventually('what was under way has ended', async () => (await underWay(course)) === 0);
  const more = (await callsTo(course)) - before;
  assert.ok(more <= 9, `${more} calls more, of some 24 that were claimed`);
});

test('a pause of a course ends at its time, and its scores go out without anybody asking', async () => {
  const course = await rig.createCourse({ students: 5 });
  await pause('context', course, new Date(Date.now() + 2_500));
  await acceptForAll(course, 5);
  await rig.send(course);
  assert.equal((await appliedValues(rig, course)).size, 0);
  await eventually('all have arrived', async () => (await appliedValues(rig, course)).size === 5);
});

test('a pause of a platform ends at its time, and its scores go out without anybody asking', async () => {
  const course = await rig.createCourse({ students: 5 });
  await pause('platform', course, new Date(Date.now() + 2_500));
  await acceptForAll(course, 5);
  const sender = await rig.send(course);
  await eventually('it shows why', async () => (await detailsOf(sender)).includes('platformPaused'));
  assert.equal((await appliedValues(rig, course)).size, 0);
  await eventually('all have arrived', async () => (await appliedValues(rig, course)).size === 5);
});

test('other courses of the platform go on while one is paused', async () => {
  const course = await createBusyCourse(40);
  const beside = await rig.createCourse({ students: 10, beside: course });
  await pause('context', course);
  await eventually('what was under way has ended', async () => (await underWay(course)) === 0);
  await acceptForAll(beside, 7);
  await rig.settle(beside);
  assert.equal((await appliedValues(rig, beside)).size, 10);
  assert.ok((await appliedValues(rig, course)).size < 40);
});
