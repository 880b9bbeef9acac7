/** Decisions that come in through two API processes, which share a database and a Temporal, and nothing else. */
import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { backfillProgressQuery } from '../../../workflows/backfill-messages.js';
import { backfillWorkflowId } from '../../../workflows/names.js';
import { at, textAt } from '../../helpers/app.js';
import { createBackfillRig, toCsv } from '../../helpers/backfill-rig.js';
import { eventually } from '../../helpers/database.js';

const LATE_MS = 150;

const rig = await createBackfillRig();
const direct = rig.call;
const late = await rig.openApi({ temporalAddress: await createLateLine(rig.temporal.address) });
const alone = await rig.openApi({ temporalAddress: '127.0.0.1:1' });

type Call = typeof direct;
type Decision = 'approve' | 'pause' | 'resume' | 'cancel';

const decide = (call: Call, id: string, decision: Decision) =>
  call('POST', `/v1/backfills/${id}/${decision}`, { body: { reason: 'the test' } });

const handleOf = (id: string) => rig.client.workflow.getHandle(backfillWorkflowId(id));

/** Previewed; with a pace that keeps it under way for as long as the test decides. */
async function createPreviewed(students: number, perSecond = 1): Promise<string> {
  const course = await rig.createCourse({ students });
  const file = toCsv(
    course,
    course.students.map((user) => [user, 6]),
  );
  const { body } = await rig.upload(file, { perSecond: String(perSecond) });
  const id = textAt(body, 'id');
  await rig.whenIn(id, 'awaitingApproval');
  return id;
}

async function stateOf(id: string): Promise<string> {
  return textAt((await direct('GET', `/v1/backfills/${id}`)).body, 'state');
}

/** What the audit trail says of it, in order. */
async function actionsOn(id: string): Promise<string[]> {
  const sql = 'select action from audit_entries where subject = ? order by id';
  return (await queryRows<{ action: string }>(rig.db, sql, [id])).map(({ action }) => action);
}

async function whenWorkflowSees(id: string, state: string): Promise<void> {
  const sees = async (): Promise<boolean> => (await handleOf(id).query(backfillProgressQuery)).state === state;
  await eventually(`the workflow sees that it is ${state}`, sees, 30_000);
}

test('takes decisions in their order, whichever process takes them, and its workflow follows', async () => {
  const id = await createPreviewed(60);
  const said: [Call, Decision, string][] = [
    [late, 'approve', 'releasing'],
    [late, 'pause', 'paused'],
    [direct, 'resume', 'releasing'],
    [late, 'pause', 'paused'],
    [direct, 'resume', 'releasing'],
    [direct, 'pause', 'paused'],
    [late, 'resume', 'releasing'],
    [late, 'pause', 'paused'],
  ];
  for (const [call, decision, state] of said) {
    const { status, body, text } = await decide(call, id, decision);
    assert.deepEqual([status, at(body, 'state')], [200, state], text);
    assert.equal(await stateOf(id), state);
  }
  await whenWorkflowSees(id, 'paused');
  assert.equal(await stateOf(id), 'paused');
  const sent = at((await direct('GET', `/v1/backfills/${id}`)).body, 'progress', 'sent');
  await decide(direct, id, 'resume');
  await whenWorkflowSees(id, 'releasing');
  await eventually('it goes on', async () => {
    return at((await direct('GET', `/v1/backfills/${id}`)).body, 'progress', 'sent') !== sent;
  });
  await decide(late, id, 'cancel');
  await rig.whenIn(id, 'cancelled');
  await whenWorkflowSees(id, 'cancelled');
  const decisions = [...said.map(([, decision]) => decision), 'resume', 'cancel'];
  assert.deepEqual(
    await actionsOn(id),
    ['start', ...decisions].map((decision) => `backfills.${decision}`),
  );
});

test('stands where the last decision put it when many come at once', async () => {
  const id = await createPreviewed(60);
  await decide(direct, id, 'approve');
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => decide([late, direct][n % 2] ?? direct, id, n % 3 === 0 ? 'pause' : 'resume')),
  );
  assert.ok(answers.every(({ status }) => status === 200 || status === 409));
  const state = (await actionsOn(id)).at(-1) === 'backfills.pause' ? 'paused' : 'releasing';
  assert.equal(await stateOf(id), state);
  await whenWorkflowSees(id, state);
  assert.equal(await stateOf(id), state);
  await decide(direct, id, 'cancel');
  await rig.whenIn(id, 'cancelled');
});

test('takes decisions without Temporal too, and a sweep has the waiting workflow look', async () => {
  const id = await createPreviewed(2, 100);
  const approved = await decide(alone, id, 'approve');
  assert.deepEqual([approved.status, at(approved.body, 'state')], [200, 'releasing'], approved.text);
  await rig.db.raw(`update backfills set updated_at = now() - interval '1 minute' where id = ?`, [id]);
  await rig.activities.wakeUntended({ after: null });
  assert.equal(at(await rig.whenIn(id, 'finished'), 'progress', 'sent'), 2);
});

test('starts by a decision the workflow that was lost', async () => {
  const id = await createPreviewed(2, 100);
  await handleOf(id).terminate('lost');
  assert.equal((await decide(direct, id, 'approve')).status, 200);
  assert.equal(at(await rig.whenIn(id, 'finished'), 'progress', 'sent'), 2);
});

/** What goes to Temporal by this address arrives late. */
async function createLateLine(address: string): Promise<string> {
  const [host = '', port = ''] = address.split(':');
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect({ host, port: Number(port) });
    for (const socket of [near, far]) sockets.add(socket.on('error', () => socket.destroy()));
    near.on('data', (bytes) => setTimeout(() => far.writable && far.write(bytes), LATE_MS));
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const own = server.address();
  if (typeof own !== 'object' || own === null) throw new Error('The late line does not listen.');
  return `127.0.0.1:${own.port}`;
}
