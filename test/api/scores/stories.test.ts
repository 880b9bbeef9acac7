/** The story of a score, of scores that real workflows sent to the sandbox, or could not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, textAt, type Json } from '../../helpers/app.js';
import { createBackfillRig } from '../../helpers/backfill-rig.js';
import { eventually } from '../../helpers/database.js';
import type { RigCourse } from '../../helpers/rig.js';
import { kindsOf, listOf, sentencesOf } from '../../helpers/stories.js';

const rig = await createBackfillRig();
const { db, call } = rig;

interface Handed {
  id: string;
  requestId: unknown;
}

async function handIn(course: RigCourse, userId: string, scoreGiven: number, lineItem?: object): Promise<Handed> {
  const { platformId, contextId, columns } = course;
  const body = {
    platformId,
    contextId,
    userId,
    scoreGiven,
    scoreMaximum: 10,
    lineItem: lineItem ?? { id: columns[0] },
  };
  const { body: answer, headers, text } = await call('POST', '/v1/scores', { body });
  assert.equal(at(answer, 'scores', 0, 'outcome'), 'accepted', text);
  return { id: textAt(answer, 'scores', 0, 'id'), requestId: headers['x-request-id'] };
}

async function storyOf(id: string): Promise<Json> {
  const { status, body, text } = await call('GET', `/v1/scores/${id}/story`);
  assert.equal(status, 200, text);
  return body;
}

const storyWith = (id: string, verdict: RegExp): Promise<Json> =>
  eventually(
    `the verdict is ${verdict.source}`,
    async () => {
      const story = await storyOf(id);
      return verdict.test(textAt(story, 'verdict')) ? story : undefined;
    },
    20_000,
  );

/** Does what the story says that helps. */
async function follow(story: Json): Promise<void> {
  const wanted = listOf(at(story, 'help')).find((help) => at(help, 'call'));
  const method = textAt(wanted, 'call', 'method');
  assert.equal(method, 'POST');
  const answer = await call('POST', textAt(wanted, 'call', 'path'), {
    body: Object.assign({ reason: 'told to' }, at(wanted, 'call', 'body')),
  });
  assert.ok(answer.status < 300, answer.text);
}

test('tells of a score that is in the gradebook who handed it in, when it was sent, and when it arrived', async () => {
  const course = await rig.createCourse();
  const [userId = ''] = course.students;
  const { id, requestId } = await handIn(course, userId, 7);
  await rig.settle(course);
  const again = await handIn(course, userId, 8);
  await rig.settle(course);
  const story = await storyWith(id, /^In the gradebook: the LMS took 8 of 10 at \d{4}-/);
  assert.deepEqual(kindsOf(story), ['received', 'sent', 'received', 'sent', 'ended']);
  const [keyId] = await db('api_keys').orderBy('created_at').limit(1).pluck<string[]>('id');
  assert.deepEqual(at(story, 'timeline', 0, 'origin'), { source: 'apiKey', id: keyId, name: 'test', requestId });
  assert.equal(at(story, 'timeline', 2, 'origin', 'requestId'), again.requestId);
  assert.match(sentencesOf(story)[0] ?? '', /^Revision 1, 7 of 10, was handed in with the API key “test”;/);
  assert.match(sentencesOf(story)[2] ?? '', / It replaced 7 of 10\.$/);
  assert.equal(at(story, 'timeline', 1, 'answer', 'outcome'), 'submitted');
  assert.deepEqual([at(story, 'waitingFor'), at(story, 'help')], [null, []]);
  assert.equal(at(story, 'next', 'sentence'), 'Nothing, until the score changes.');
  assert.match(
    textAt(story, 'forStudent'),
    /^We entered your grade for this activity in the gradebook on \d+ \w+ \d{4}\./,
  );
  assert.equal(at(story, 'forAdministrator', 'lineItem', 'id'), course.columns[0]);
  assert.deepEqual(at(story, 'leftOut'), { revisions: 0, attempts: 0 });
});

test('tells what the LMS said of a score that it refused', async () => {
  const course = await rig.createCourse();
  const { id } = await handIn(course, 'nobody-there', 5);
  await rig.settle(course);
  const story = await storyWith(id, /^Not in the gradebook: .*(not know this person|person is not enrolled)/);
  assert.deepEqual(kindsOf(story), ['received', 'sent', 'ended']);
  const status = JSON.stringify(at(story, 'timeline', 1, 'answer', 'status'));
  assert.equal(at(story, 'forAdministrator', 'answered', 'status'), Number(status));
  const excerpt = textAt(story, 'timeline', 1, 'answer', 'excerpt');
  for (const text of [sentencesOf(story)[1], textAt(story, 'forAdministrator', 'text')]) {
    assert.ok(text?.includes(excerpt) && text.includes(`status ${status}`), text);
  }
  assert.match(textAt(story, 'forAdministrator', 'check'), /enrolled/);
  assert.match(textAt(story, 'forStudent'), /but it is not in the gradebook\. .*ask your teacher/);
  assert.ok(!textAt(story, 'forStudent').includes(excerpt));
  assert.equal(at(story, 'help', 1, 'call', 'path'), '/v1/scores/retry');
});

test('tells that a launch is waited for, and it goes on with one', async () => {
  const course = await rig.createCourse();
  await db.raw('delete from service_keys where context = ?', [course.context]);
  const { id } = await handIn(course, course.students[0] ?? '', 6);
  const story = await storyWith(id, /^Not in the gradebook: No service key is known for this course\.$/);
  assert.deepEqual([at(story, 'waitingFor', 'reason'), kindsOf(story)], ['launch', ['received', 'waiting']]);
  assert.equal(at(story, 'next', 'sentence'), 'The next launch of an activity of the course sends it.');
  assert.match(textAt(story, 'forStudent'), /opens the activity from the course again/);
  assert.equal(at(story, 'forAdministrator', 'answered'), null);
  await course.launch();
  await rig.settle(course);
  await storyWith(id, /^In the gradebook/);
});

test('tells who paused the platform and until when, and the call that it names ends that', async () => {
  const course = await rig.createCourse();
  const { body } = await call('GET', '/v1/platforms');
  const platform = listOf(at(body, 'platforms')).find((one) => at(one, 'platformId') === course.platformId);
  const path = `/v1/platforms/${textAt(platform, 'id')}`;
  const until = new Date(Date.now() + 3_600_000).toISOString();
  await call('POST', `${path}/pause`, { body: { reason: 'Grades of ada are wrong. Look.', until } });
  const { id } = await handIn(course, course.students[0] ?? '', 6);
  const story = await storyOf(id);
  assert.match(textAt(story, 'verdict'), /^Not in the gradebook: Somebody paused its platform: [^“]*\.$/);
  assert.match(textAt(story, 'waitingFor', 'sentence'), /“Grades of ada are wrong\. Look\.”/);
  assert.equal(at(story, 'next', 'at'), until);
  assert.deepEqual(kindsOf(story), ['received', 'waiting']);
  for (const reader of [textAt(story, 'forStudent'), textAt(story, 'forAdministrator', 'text')]) {
    assert.ok(!reader.includes('Grades of ada'), reader);
  }
  await follow(story);
  await storyWith(id, /^In the gradebook/);
});

test('tells that an outcome is not known, and how it was settled', async () => {
  const course = await rig.createCourse();
  const { contextId } = course;
  await rig.control.addFault({
    match: { route: 'submitScore', contextId },
    times: 1,
    action: { kind: 'applyThenDrop' },
  });
  const reading = await rig.control.addFault({
    ...{ match: { route: 'results', contextId }, action: { kind: 'lmsStatus', status: 500 } },
  });
  const { id } = await handIn(course, course.students[0] ?? '', 6);
  const story = await storyWith(id, /^Not in the gradebook: The call went out and no usable answer came back/);
  assert.match(textAt(story, 'forStudent'), /We are checking whether the gradebook has it already\./);
  assert.match(sentencesOf(story)[1] ?? '', /^Revision 1 was sent, and whether it arrived is not known \([^)]+\)\./);
  await rig.control.removeFault(reading.id);
  await eventually('it is read back', async () => {
    await db.raw(`update scores set not_before = now() where id = ? and state = 'unknown'`, [id]);
    await rig.settle(course);
    return /^In the gradebook/.test(textAt(await storyOf(id), 'verdict'));
  });
  const settled = await storyOf(id);
  assert.deepEqual(
    sentencesOf(settled).filter((sentence) => / is there\./.test(sentence)),
    ['Revision 1 was looked for in the gradebook, and is there.'],
  );
});

test('names the backfill that brought a value, and the value that it replaced', async () => {
  const course = await rig.createCourse();
  const [userId = ''] = course.students;
  const { id } = await handIn(course, userId, 5);
  await rig.settle(course);
  const { platformId, contextId, columns } = course;
  const lines = ['platformId,contextId,lineItemId,userId,scoreGiven,scoreMaximum'];
  lines.push([platformId, contextId, columns[0], userId, 9, 10].join(','));
  const { body, text } = await rig.upload(`${lines.join('\n')}\n`);
  const backfill = textAt(body, 'id');
  await rig.whenIn(backfill, 'awaitingApproval', 'releasing', 'finished').catch((error: unknown) => {
    throw new Error(text, { cause: error });
  });
  await call('POST', `/v1/backfills/${backfill}/approve`, { body: { reason: 'right' } });
  await rig.whenIn(backfill, 'finished');
  const story = await storyWith(id, /^In the gradebook: the LMS took 9 of 10/);
  const [, , came] = listOf(at(story, 'timeline'));
  assert.deepEqual(at(came, 'origin'), {
    ...{ source: 'backfill', id: backfill, name: 'a bug was fixed', requestId: null },
  });
  assert.match(
    textAt(came, 'sentence'),
    /^Revision 2, 9 of 10, came with the backfill “a bug was fixed”;.* It replaced 5/,
  );
});
