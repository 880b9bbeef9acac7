import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Knex } from 'knex';
import type { ScoreState } from '../../../domain/score.js';
import { at, createTestApi, textAt } from '../../helpers/app.js';
import {
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const { db, call } = await createTestApi();

const PAST = new Date(Date.now() - 60_000);
const FUTURE = new Date(Date.now() + 3_600_000);
const parked = (parked_type: string, parked_until: Date | null = null): Knex.ValueDict => ({
  ...{ parked_type, parked_at: PAST, parked_until },
});

interface Way {
  score?: Knex.ValueDict;
  state?: ScoreState;
  context?: Knex.ValueDict;
  lineItem?: Knex.ValueDict;
  limits?: Knex.ValueDict;
  key?: Knex.ValueDict | null;
  /** What is told: reason, failure type, and whether it ends by time alone. */
  told: [reason: string, type: string | null, hasTime: boolean];
}

const ways: Record<string, Way> = {
  'in a course that is set aside': {
    context: parked('ContextConcluded', FUTURE),
    told: ['contextParked', 'ContextConcluded', true],
  },
  'in a course that is set aside until an event': {
    context: parked('ServiceKeyRejected'),
    told: ['contextParked', 'ServiceKeyRejected', false],
  },
  'in a course that is being probed': {
    context: parked('ContextConcluded', PAST),
    told: ['contextParked', 'ContextConcluded', true],
  },
  'in a column that is set aside': {
    lineItem: parked('LineItemNotFound', FUTURE),
    told: ['lineItemParked', 'LineItemNotFound', true],
  },
  'in a column that is being probed': {
    lineItem: parked('LineItemUnpublished', PAST),
    told: ['lineItemParked', 'LineItemUnpublished', true],
  },
  'in a course without a key': { key: null, told: ['launch', 'ServiceKeyMissing', false] },
  'in a course whose key was refused': {
    key: { rejected_at: PAST },
    told: ['launch', 'ServiceKeyMissing', false],
  },
  'in a course whose key is for rosters only': {
    key: { assignment_and_grades: false },
    told: ['launch', 'ServiceKeyMissing', false],
  },
  'for a platform that is down': {
    limits: { breaker: 'open', breaker_type: 'PlatformUnavailable', breaker_opened_at: PAST, blocked_until: FUTURE },
    told: ['platform', 'PlatformUnavailable', true],
  },
  'for a platform that is being probed': {
    limits: { breaker: 'halfOpen', breaker_opened_at: PAST, blocked_until: PAST },
    told: ['platform', 'PlatformUnavailable', false],
  },
  'for a platform that asked for a pause': {
    limits: { blocked_until: FUTURE },
    told: ['platform', 'PlatformRateLimited', true],
  },
  'after a failure that passes': {
    score: { not_before: FUTURE, failure_type: 'PlatformFailed', tries: 2 },
    told: ['rest', 'PlatformFailed', true],
  },
  'for the two seconds between two calls': { score: { not_before: FUTURE }, told: ['rest', null, true] },
  'for the night': { score: { awaits_nightly: true }, told: ['nightlyRun', null, false] },
  'for a column that is not known yet': {
    lineItem: { line_item_id: null, resource_id: 'essay' },
    told: ['lineItem', null, false],
  },
  'for its answer': { state: 'sending', told: ['answer', null, false] },
  'to be read back': { state: 'unknown', told: ['readBack', 'OutcomeUnknown', false] },
  'to be read back, when its rest is over': {
    ...{ state: 'unknown', score: { not_before: FUTURE } },
    told: ['rest', 'OutcomeUnknown', true],
  },
  'to be read back, in a column that was set aside since': {
    ...{ state: 'unknown', lineItem: parked('LineItemNotFound') },
    told: ['readBack', 'OutcomeUnknown', false],
  },
  'for the roster to show its student': {
    ...{ state: 'held', score: { failure_type: 'MemberLeft' } },
    told: ['enrolment', 'MemberLeft', false],
  },
  'for somebody to decide': {
    ...{ state: 'held', score: { failure_type: 'HumanGradeUndecided' } },
    told: ['decision', 'HumanGradeUndecided', false],
  },
};

async function insertWaiting({ score, state = 'due', context, lineItem, limits, key }: Partial<Way>): Promise<string> {
  const { deployment, gate } = await insertPlatform(db);
  if (limits) await db('gates').where({ id: gate }).update(limits);
  const course = (await insertContext(db, { deployment, ...(context && { columns: context }) })).id;
  if (key !== null) await insertServiceKey(db, { context: course, ...(key && { columns: key }) });
  const { line_item_id: lineItemId, ...columns } = lineItem ?? {};
  const column = await insertLineItem(db, { context: course, columns, ...(lineItemId === null && { lineItemId }) });
  return (await insertScore(db, { context: course, lineItem: column.id, state, ...(score && { columns: score }) })).id;
}

for (const [way, { told, ...setup }] of Object.entries(ways)) {
  test(`a score that waits ${way} says so`, async () => {
    const { body, text } = await call('GET', `/v1/scores/${await insertWaiting(setup)}`);
    const [reason, type, until] = ['reason', 'type', 'until'].map((name) => at(body, 'waitingFor', name));
    assert.deepEqual([reason, type, until !== null], told, text);
    for (const words of ['sentence', 'advice']) assert.match(textAt(body, 'waitingFor', words), /^[A-Z].*\.$/);
    assert.equal(textAt(body, 'explanation', 'whatYouCanDo'), textAt(body, 'waitingFor', 'advice'));
  });
}

for (const state of ['submitted', 'rejected'] as const) {
  test(`a score that is ${state} waits for nothing, whatever is set aside above it`, async () => {
    const id = await insertWaiting({ state, context: parked('ContextConcluded'), key: null });
    assert.equal(at((await call('GET', `/v1/scores/${id}`)).body, 'waitingFor'), null);
  });
}

test('a score that nothing holds back goes out with the next batch', async () => {
  const { body } = await call('GET', `/v1/scores/${await insertWaiting({})}`);
  assert.equal(at(body, 'waitingFor'), null);
  assert.match(textAt(body, 'explanation', 'whatHappensNext'), /next batch/);
});
