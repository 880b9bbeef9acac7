import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { RunSummary } from '../../domain/run.js';
import type { PassInput } from '../../workflows/pass.js';
import { at, parseJson, textAt, type Json } from '../helpers/app.js';
import { breakDatabase } from '../helpers/database-faults.js';
import { eventually } from '../helpers/database.js';
import { createRig, type RigCourse } from '../helpers/rig.js';

const rig = await createRig();
const { control } = rig;

/** What was logged about something of ours, by its words. */
const linesAbout = (id: string, msg: string): Json[] =>
  rig.logs
    .filter((line) => line.includes(id))
    .map(parseJson)
    .filter((line) => at(line, 'msg') === msg);
const lineAbout = (id: string, msg: string): Promise<Json> => eventually(msg, () => linesAbout(id, msg)[0]);

const accept = (course: RigCourse, users: readonly string[], awaitsNightly = false) =>
  rig.accept(
    course,
    users.map((userId) => ({ column: { id: course.columns[0] ?? '' }, userId, scoreGiven: 7, awaitsNightly })),
  );

test('a batch leaves one line: counts and codes, its workflow, and the requests that asked', async () => {
  const course = await rig.createCourse({ family: 'canvas', students: 2 });
  await accept(course, [...course.students, 'nobody-here']);
  await (await rig.send(course)).result();
  const line = await lineAbout(course.gate, 'a batch ended');
  const { submitted, rejected, failures, attempt, activityType, workflowId } = Object.fromEntries(
    ['submitted', 'rejected', 'failures', 'attempt', 'activityType', 'workflowId'].map((name) => [
      name,
      at(line, name),
    ]),
  );
  assert.deepEqual([submitted, rejected, attempt, activityType], [2, 1, 1, 'submitBatch']);
  assert.deepEqual(Object.values(failures ?? {}), [1]);
  assert.equal(workflowId, `send/${course.gate}`);
  const [run = ''] = await rig.db('attempts').pluck<string[]>('workflow_run');
  assert.equal(run, at(line, 'runId'), 'as the evidence of each call names it');

  const before = rig.logs.length;
  await (await rig.send(course)).result();
  assert.deepEqual(rig.logs.slice(before), [], 'what finds nothing to do says nothing');
});

test('a request is named by what it made come, once', async () => {
  const course = await rig.createCourse();
  const request = randomUUID();
  await (await rig.sync(course, { roster: true, cause: { request } })).result();
  assert.deepEqual(at(await lineAbout(course.context, 'a roster was read'), 'requests'), [request]);
  assert.equal(rig.logs.filter((line) => line.includes(request)).length, 1);
});

test('a course that is parked leaves one line with its reason in words, and one when it goes on', async () => {
  const course = await rig.createCourse({ students: 3 });
  await control.updateContext({ contextId: course.contextId }, { concluded: true });
  await accept(course, course.students);
  await (await rig.send(course)).result();
  const line = await lineAbout(course.context, 'a course was parked');
  assert.deepEqual([at(line, 'level'), at(line, 'failure')], ['warn', 'ContextConcluded']);
  assert.match(textAt(line, 'sentence'), /^[A-Z].*\.$/);
  assert.equal(linesAbout(course.context, 'a course was parked').length, 1);
});

test('a breaker leaves a line when it opens, and one when it closes', async () => {
  const course = await rig.createCourse({ students: 8, inFlightMax: 4 });
  await control.updatePlatform({ platformId: course.platformId }, { outage: 'error' });
  await accept(course, course.students);
  await rig.send(course);
  const line = await lineAbout(course.gate, 'a breaker opened');
  assert.equal(at(line, 'failure'), 'PlatformUnavailable');
  await control.updatePlatform({ platformId: course.platformId }, { outage: 'none' });
  await rig.db.raw('update gates set blocked_until = clock_timestamp() where id = ?', [course.gate]);
  await rig.send(course);
  await lineAbout(course.gate, 'a breaker closed');
  assert.equal(linesAbout(course.gate, 'a breaker opened').length, 1);
});

test('a night leaves two lines, when it begins and when it ends', async () => {
  const course = await rig.createCourse();
  await accept(course, course.students, true);
  const handle = await rig.client.workflow.start<(input: PassInput) => Promise<RunSummary>>('nightlySync', {
    ...{ workflowId: 'a-night', taskQueue: 'passback-workflows' },
    args: [{ limitMs: 60_000, patienceMs: 3_000, restMs: [50, 200] }],
  });
  const { runId, state } = await handle.result();
  const ofRun = rig.logs.map(parseJson).filter((line) => at(line, 'run') === runId);
  assert.deepEqual(
    ofRun.map((line) => [at(line, 'msg'), at(line, 'kind'), at(line, 'state') ?? null]),
    [
      ['a run began', 'nightly', null],
      ['a run ended', 'nightly', state],
    ],
  );
});

test('an activity that fails for good says so once, by the sentence of the catalogue and without a stack', async (t) => {
  const course = await rig.createCourse();
  const when = `new.id = '${course.context}' and new.roster_read > old.roster_read`;
  t.after(await breakDatabase(rig.db, { table: 'contexts', on: 'update', when, code: '23514' }));
  await (await rig.sync(course, { roster: true })).result();
  const line = await lineAbout(course.context, 'an activity failed for good');
  assert.deepEqual([at(line, 'level'), at(line, 'failure')], ['error', 'RefusedByDatabase']);
  assert.match(textAt(line, 'sentence'), /\.$/);
  assert.equal(at(line, 'place'), undefined);
});
