/**
 * Recorded histories, of now and of each release (in a folder of its name), against today's workflows: a change that old histories do not fit is found here, and not by the
 * actors that are under way when it is deployed. UPDATE_HISTORIES=1 records them anew, on a real server.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { backfillProgressQuery } from '../../workflows/backfill-messages.js';
import type { BackfillDecision } from '../../domain/backfill.js';
import { createPersonRequests } from '../../db/privacy/person-requests.js';
import { queryRows } from '../../db/server/knex.js';
import { createBulkOperations } from '../../db/bulk/bulk-operations.js';
import { bulkOperationStartOptions } from '../../workflows/bulk-operation-start-options.js';
import { backfillStartOptions } from '../../workflows/backfill-start-options.js';
import { sendProgressQuery } from '../../workflows/messages.js';
import { personRequestStartOptions } from '../../workflows/person-request-start-options.js';
import { sendScoresWorkflowId, syncContextWorkflowId } from '../../workflows/names.js';
import { createBackfillsOfTest } from '../helpers/backfills.js';
import { bundleWorkflows } from '../helpers/bundle.js';
import { eventually } from '../helpers/database.js';
import { createTestVault, insertApiKey } from '../helpers/factories.js';
import { root } from '../helpers/repository.js';

const folder = path.join(root, 'test', 'fixtures', 'histories');
const isRecording = process.env['UPDATE_HISTORIES'] === '1';

if (isRecording) {
  const { createRig } = await import('../helpers/rig.js');
  const rig = await createRig();
  const keep = async (
    name: string,
    handle: { fetchHistory(): Promise<Parameters<typeof historyToJSON>[0]> },
  ): Promise<void> => {
    // A history names the machine that made it.
    const text = historyToJSON(await handle.fetchHistory()).replaceAll(`${process.pid}@${os.hostname()}`, 'worker');
    writeFileSync(path.join(folder, `${name}.json`), `${text}\n`);
  };

  test('records a sender that sends, one that reads back, one in an outage, and a look for columns', async () => {
    const course = await rig.createCourse({ students: 5 });
    const column = { resourceId: 'essay', label: 'Essay', scoreMaximum: 10 };
    await rig.accept(
      course,
      course.students.map((userId) => ({ column, userId, scoreGiven: 8 })),
    );
    const looks = await rig.sync(course, { lineItems: true, roster: true });
    await looks.result();
    await keep('sync-context.columns-and-roster', looks);
    const plain = await rig.send(course);
    await plain.result();
    await keep('send-scores.plain', plain);

    const match = { route: 'submitScore', contextId: course.contextId } as const;
    await rig.control.addFault({ match, times: 1, action: { kind: 'applyThenDrop' } });
    await rig.accept(
      course,
      course.students.map((userId) => ({ column, userId, scoreGiven: 9 })),
    );
    const waiting = await rig.send(course);
    await waiting.result();
    await keep('send-scores.waits-for-read-back', waiting);

    const outage = await rig.control.addFault({
      ...{ match, action: { kind: 'status', status: 503, headers: { 'retry-after': '2' } } },
    });
    await rig.accept(
      course,
      course.students.map((userId) => ({ column, userId, scoreGiven: 10 })),
    );
    const blocked = await rig.send(course);
    await eventually(
      'it waits for the platform',
      async () => (await blocked.query(sendProgressQuery)).phase === 'waiting',
    );
    await rig.control.removeFault(outage.id);
    await blocked.result();
    await keep('send-scores.outage', blocked);
  });

  test('records a backfill that is approved, paused and resumed', async () => {
    const course = await rig.createCourse({ students: 2 });
    const { platformId, contextId, columns, students } = course;
    const column = { platformId, contextId, lineItemId: columns[0] ?? '' };
    const backfills = await createBackfillsOfTest(rig.db);
    const id = await backfills.upload(students.map((userId) => ({ column, userId, scoreGiven: 8, scoreMaximum: 10 })));
    const options = backfillStartOptions(id);
    await rig.control.setLatency([{ platformId, fixedMs: 1_500 }]);
    const handle = rig.client.workflow.getHandle(options.workflowId);
    const wake = (): Promise<unknown> => rig.client.workflow.signalWithStart('backfill', options);
    const whenIn = (state: string): Promise<unknown> =>
      eventually(`it is ${state}`, async () => (await handle.query(backfillProgressQuery)).state === state);
    const decide = async (decision: BackfillDecision): Promise<void> => {
      await backfills.store.decide({ backfill: id, decision, apiKey: backfills.apiKey, reason: 'a test' });
      await wake();
    };
    await wake();
    await whenIn('awaitingApproval');
    await decide('approve');
    await eventually('it is under way', async () => (await backfills.store.noteOutcomes(id)).open > 0);
    await decide('pause');
    await whenIn('paused');
    await decide('resume');
    await handle.result();
    await keep('backfill.approved-paused-resumed', handle);
  });

  test('records a night and a pass over the rosters', async () => {
    const course = await rig.createCourse({ students: 2 });
    const [id = ''] = course.columns;
    await rig.accept(
      course,
      course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 8, awaitsNightly: true })),
    );
    for (const [type, name] of [
      ['nightlySync', 'nightly-sync.one-course'],
      ['refreshRosters', 'refresh-rosters.all-courses'],
    ] as const) {
      const handle = await rig.client.workflow.start<(input: object) => Promise<unknown>>(type, {
        ...{ workflowId: type, taskQueue: 'passback-workflows' },
        args: [{ limitMs: 60_000 }],
      });
      await handle.result();
      await keep(name, handle);
    }
    await keep('send-scores.of-a-run', rig.client.workflow.getHandle(sendScoresWorkflowId(course.gate)));
    await keep('sync-context.of-a-run', rig.client.workflow.getHandle(syncContextWorkflowId(course.context)));
  });

  test('records a comparison that sends again', async () => {
    const course = await rig.createCourse({ students: 2 });
    const [id = ''] = course.columns;
    const [userId = ''] = course.students;
    await rig.accept(course, [{ column: { id }, userId, scoreGiven: 8 }]);
    await (await rig.send(course)).result();
    await rig.control.editGrade({ lineItemId: id, userId, score: null });
    const compared = await rig.sync(course, { reconcile: true, resend: true });
    await compared.result();
    await keep('sync-context.compares-and-resends', compared);
  });

  test('records a bulk operation that has more than one page', async () => {
    const course = await rig.createCourse({ students: 2 });
    const [id = ''] = course.columns;
    await rig.accept(
      course,
      course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 8, awaitsNightly: true })),
    );
    const { id: apiKey } = await insertApiKey(rig.db);
    const act = { kind: 'sync', filter: { contextId: course.contextId } } as const;
    const store = createBulkOperations(rig.db, { pageSize: 1 });
    const { id: operation } = await store.begin({ id: randomUUID(), act, platforms: null, apiKey, reason: 'a test' });
    const options = bulkOperationStartOptions(operation);
    const handle = await rig.client.workflow.start<(input: object) => Promise<unknown>>('bulkOperation', options);
    await handle.result();
    await keep('bulk-operation.sync', handle);
  });

  test('records an erasure that waits for a score under way', async () => {
    const course = await rig.createCourse({ students: 1 });
    const [id = ''] = course.columns;
    const [userId = ''] = course.students;
    const match = { route: 'submitScore', contextId: course.contextId } as const;
    await rig.control.addFault({ match, times: 1, action: { kind: 'slow', delayMs: 1_500 } });
    await rig.accept(course, [{ column: { id }, userId, scoreGiven: 8 }]);
    const sender = await rig.send(course);
    await eventually(
      'a call is under way',
      async () => (await queryRows(rig.db, `select 1 from scores where state = 'sending'`)).length > 0,
    );
    const { id: apiKey } = await insertApiKey(rig.db);
    const store = createPersonRequests(rig.db, { vault: createTestVault() });
    const request = randomUUID();
    const named = { platformId: course.platformId, userId, platforms: null, apiKey, reason: 'a test' };
    await store.begin({ ...named, id: request, kind: 'erase' });
    const options = personRequestStartOptions(request);
    const handle = await rig.client.workflow.start<(input: object) => Promise<unknown>>('personRequest', options);
    await handle.result();
    await sender.result();
    await keep('person-request.erasure', handle);
  });
} else {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const code = await bundleWorkflows();
  const histories = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));

  test('there are histories to replay', () => assert.ok(histories.length >= 3));

  for (const file of histories) {
    test(`replays ${file}`, async () => {
      const history = historyFromJSON(JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
      await Worker.runReplayHistory({ workflowBundle: { code } }, history);
    });
  }

  test('notices a history that today’s workflow does not fit', async () => {
    const text = readFileSync(path.join(folder, 'send-scores.outage.json'), 'utf8');
    const altered = historyFromJSON(JSON.parse(text.replaceAll('submitBatch', 'submitAnotherBatch')));
    await assert.rejects(Worker.runReplayHistory({ workflowBundle: { code } }, altered), {
      name: 'DeterminismViolationError',
    });
  });
}
