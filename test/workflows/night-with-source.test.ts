import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunSummary } from '../../domain/run.js';
import type { PassInput } from '../../workflows/pass.js';
import { createRig, type RigCourse } from '../helpers/rig.js';

const rig = await createRig({ scoreSource: { timeoutMs: 2_000 } });

test('a night carries what the tool tells into the gradebooks, and a source in trouble costs only its own course', async () => {
  const good = await rig.createCourse({ students: 3 });
  const wrong = await rig.createCourse({ students: 2 });
  for (const course of [good, wrong]) {
    await rig.control.setProgress({ contextId: course.contextId, scores: scoresOf(course), pageSize: 2 });
  }
  await rig.control.setProgressTroubles([{ kind: 'notJson', contextId: wrong.contextId }]);
  const first = await runPass('nightlySync');
  assert.deepEqual(first.source, {
    ...{ asked: 2, accepted: 3, unchanged: 0, superseded: 0, invalid: 0, gaveUp: false },
    failures: { ScoreSourceUnreadable: 1 },
  });
  assert.deepEqual([await countGrades(good), await countGrades(wrong)], [3, 0]);
  await rig.control.setProgressTroubles([]);
  const second = await runPass('nightlySync');
  assert.deepEqual([second.source?.accepted, second.source?.failures], [2, {}]);
  assert.equal(await countGrades(wrong), 2);
});

test('a night misses no change that was stored late, or stamped by a clock that is slow', async () => {
  const now = Date.now();
  const ago = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();
  const tools: [what: string, changedAt: string, clock: { asOf?: string; date?: string }][] = [
    ['stored ten minutes after its time', ago(10), {}],
    ['behind by its own word', ago(80), { asOf: ago(90) }],
    ['behind by its HTTP date', ago(80), { date: ago(90) }],
    ['ahead, and stored late', ago(10), { asOf: ago(-90) }],
    ['of no readable clock', ago(10), { asOf: 'yesterday' }],
    ['at the dawn of time', ago(80), { asOf: '-271821-04-20T00:00:00.000Z', date: ago(90) }],
  ];
  const courses = await Promise.all(tools.map(() => rig.createCourse({ students: 1 })));
  const tell = async (scores: (place: number) => unknown[]): Promise<void> => {
    for (const [place, { contextId }] of courses.entries()) {
      await rig.control.setProgress({ contextId, scores: scores(place), ...tools[place]?.[2] });
    }
  };
  await tell(() => []);
  await runPass('nightlySync');
  await tell((place) => {
    const course = courses[place];
    return course ? scoresOf(course).map((score) => ({ ...score, changedAt: tools[place]?.[1] })) : [];
  });
  await runPass('nightlySync');
  for (const [place, [what]] of tools.entries()) {
    const course = courses[place];
    assert.equal(course && (await countGrades(course)), 1, what);
  }
});

test('a pass over the gradebooks records what they show otherwise', async () => {
  const course = await rig.createCourse({ students: 1 });
  const [id = ''] = course.columns;
  const [userId = ''] = course.students;
  await rig.accept(course, [{ column: { id }, userId, scoreGiven: 5 }]);
  await (await rig.send(course)).result();
  await rig.control.editGrade({ lineItemId: id, userId, score: 1 });
  await runPass('reconcileGradebooks');
  const found = await rig.db('drifts').select('kind', 'resent_at').where({ context: course.context });
  assert.deepEqual(found, [{ kind: 'changed', resent_at: null }]);
});

async function runPass(type: string): Promise<RunSummary> {
  const handle = await rig.client.workflow.start<(input: PassInput) => Promise<RunSummary>>(type, {
    ...{ workflowId: `${type}-${Date.now()}`, taskQueue: 'passback-workflows' },
    args: [{ limitMs: 120_000, patienceMs: 3_000, restMs: [50, 200] }],
  });
  return handle.result();
}

function scoresOf({ columns: [id = ''], students }: RigCourse): object[] {
  return students.map((userId) => ({ lineItem: { id }, userId, scoreGiven: 5, scoreMaximum: 10 }));
}

async function countGrades({ contextId }: RigCourse): Promise<number> {
  return (await rig.control.gradebook({ contextId })).length;
}
