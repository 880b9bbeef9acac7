/** Of what fails, Temporal hears the kind, our sentence, a code, and where the log has more: never words of anybody else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, parseJson, textAt } from '../helpers/app.js';
import { breakWith } from '../helpers/database-faults.js';
import { eventually } from '../helpers/database.js';
import { createRig } from '../helpers/rig.js';
import { textsIn } from '../helpers/texts-in.js';

const rig = await createRig();

test('an error of PostgreSQL that names a student enters no history, and is found in the log by its id', async (t) => {
  const course = await rig.createCourse({ students: 2 });
  const [student = ''] = course.students;
  const mend = await breakWith(rig.db, {
    ...{ table: 'contexts', on: 'update', when: `new.id = '${course.context}' and new.roster_read > old.roster_read` },
    strike: `raise exception 'no room for %', '${student}' using errcode = '53100', detail = '${student}', hint = '${student}';`,
    times: 2,
  });
  t.after(mend);
  const handle = await rig.sync(course, { roster: true });
  const pending = await eventually('a failed attempt', async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.find(({ lastFailure }) => lastFailure);
  });
  const { lastFailure } = pending;
  assert.equal(lastFailure?.message, 'It failed in a way that was not foreseen: the log of the worker tells more.');
  const clues = parseJson(textsIn(lastFailure?.applicationFailureInfo?.details?.payloads?.[0]?.data));
  assert.equal(at(clues, 'code'), '53100');
  const failureId = textAt(clues, 'failureId');
  const line = rig.logs.map(parseJson).find((logged) => at(logged, 'failureId') === failureId);
  assert.deepEqual([at(line, 'code'), at(line, 'activityType')], ['53100', 'refreshRoster']);
  assert.match(lastFailure?.stackTrace ?? '', /^\s+at .*:\d+:\d+\)?$/m);
  assert.equal((await handle.result()).roster, 1);
  const everything = textsIn([await handle.fetchHistory(), (await handle.describe()).raw, pending, rig.logs]);
  assert.ok(everything.includes(course.context), 'it is looked at as it is');
  assert.ok(!everything.includes(student), 'no student');
  assert.ok(!everything.includes('no room for'), 'no words of PostgreSQL');
});
