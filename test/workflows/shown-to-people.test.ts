/** What the Temporal UI shows of senders and of the actors of courses, under "User Metadata". */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../helpers/database.js';
import { REJECTED_KEY } from '../../workflows/search-attribute-keys.js';
import { createRig, type RigCourse } from '../helpers/rig.js';

const rig = await createRig();
const UNTIL = String.raw`until \d\d:\d\d:\d\d UTC`;

interface Queried {
  query<T>(name: string): Promise<T>;
}

async function detailsOf(handle: Queried): Promise<string> {
  return (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;
}

async function shows(handle: Queried, what: RegExp): Promise<string> {
  let seen = '';
  await eventually(`it shows ${what.source}`, async () => {
    seen = await detailsOf(handle);
    return what.test(seen);
  });
  return seen;
}

async function acceptForAll(course: RigCourse): Promise<void> {
  const [id = ''] = course.columns;
  await rig.accept(
    course,
    course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 5 })),
  );
}

test('shows for what a sender waits and until when, and that the breaker is open', async () => {
  const course = await rig.createCourse({ students: 10 });
  const match = { route: 'submitScore', contextId: course.contextId } as const;
  const answer = { status: 503, headers: { 'retry-after': '300' } };
  await rig.control.addFault({ match, skip: 6, action: { kind: 'status', ...answer } });
  await acceptForAll(course);
  const handle = await rig.send(course);
  const shown = await shows(handle, new RegExp(`^\\*\\*waiting\\*\\* for PlatformUnavailable ${UNTIL}, breaker open`));
  assert.match(shown, /^Batches: 1, the last over 1 courses\. Asked for by: \w+\.$/m);
  for (const id of course.students) assert.ok(!shown.includes(id));
  await handle.terminate();
});

test('shows how many calls at once a platform that throttles still gets', async () => {
  const course = await rig.createCourse({ students: 30, inFlightMax: 8 });
  const match = { route: 'submitScore', contextId: course.contextId } as const;
  const answer = { status: 429, headers: { 'retry-after': '300' } };
  await rig.control.addFault({ match, skip: 5, action: { kind: 'status', ...answer } });
  await acceptForAll(course);
  const handle = await rig.send(course);
  await shows(handle, new RegExp(`^\\*\\*waiting\\*\\* for PlatformRateLimited ${UNTIL}, 4 of 8 calls at once`));
  await handle.terminate();
});

test('shows for what the actor of a course waits and until when', async () => {
  const course = await rig.createCourse({ students: 1 });
  const match = { route: 'lineItems', contextId: course.contextId } as const;
  await rig.control.addFault({ match, action: { kind: 'lmsStatus', status: 500 } });
  const column = { resourceId: 'essay', label: 'Essay', scoreMaximum: 10 };
  await rig.accept(course, [{ column, userId: course.students[0] ?? '', scoreGiven: 5 }]);
  const handle = await rig.sync(course, { lineItems: true });
  await shows(handle, new RegExp(`^\\*\\*waiting\\*\\* for \\w+ ${UNTIL}$`, 'm'));
  await handle.terminate();
});

test('a sender that has ended is found by what its only batch had rejected', async () => {
  const course = await rig.createCourse({ students: 2 });
  const match = { route: 'submitScore', contextId: course.contextId } as const;
  await rig.control.addFault({ match, action: { kind: 'lmsStatus', status: 422 } });
  await acceptForAll(course);
  const handle = await rig.send(course);
  await handle.result();
  assert.equal((await handle.describe()).typedSearchAttributes.get(REJECTED_KEY), 2);
});
