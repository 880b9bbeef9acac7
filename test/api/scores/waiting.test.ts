import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Knex } from 'knex';
import { createClaims } from '../../../db/scores/claims.js';
import { toQueryable } from '../../helpers/database.js';
import { queryRows } from '../../../db/server/knex.js';
import { failures } from '../../../domain/failure.js';
import { SCORE_STATES, type ScoreState } from '../../../domain/score.js';
import { WAIT_REASONS } from '../../../domain/wait.js';
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
  /** By hand, until then; null: until somebody resumes it. */
  paused?: { kind: 'platform' | 'deployment' | 'context'; until: Date | null };
  /** Where it stands in the queue once a claim has met it; `at its end`: it is not there. Default: free. */
  hold?: string;
  /** What is told: reason, failure type, and whether it ends by time alone. */
  told: [reason: string, type: string | null, hasTime: boolean];
}

const LANE_OF_SCORE = { lane_token: 1, lane_expires_at: FUTURE, lane_calls_end_at: FUTURE };

const ways: Record<string, Way> = {
  'in a course that somebody paused': {
    ...{ paused: { kind: 'context', until: null }, hold: 'paused' },
    told: ['contextPaused', null, false],
  },
  'in a paused deployment, until then': {
    ...{ paused: { kind: 'deployment', until: FUTURE }, hold: 'paused' },
    told: ['deploymentPaused', null, true],
  },
  'in a paused platform, whose course is set aside too': {
    ...{ paused: { kind: 'platform', until: null }, context: parked('ContextConcluded'), hold: 'paused' },
    told: ['platformPaused', null, false],
  },
  'to be read back, in a course that somebody paused': {
    ...{ state: 'unknown', paused: { kind: 'context', until: FUTURE }, hold: 'unknown' },
    told: ['contextPaused', null, true],
  },
  'in a course that is set aside': {
    hold: 'context',
    context: parked('ContextConcluded', FUTURE),
    told: ['contextParked', 'ContextConcluded', true],
  },
  'in a course that is set aside until an event': {
    hold: 'context',
    context: parked('ServiceKeyRejected'),
    told: ['contextParked', 'ServiceKeyRejected', false],
  },
  'in a course that is being probed': {
    context: parked('ContextConcluded', PAST),
    told: ['contextParked', 'ContextConcluded', false],
  },
  'in a column that is set aside': {
    ...{ lineItem: parked('LineItemNotFound', FUTURE), hold: 'lineItem' },
    told: ['lineItemParked', 'LineItemNotFound', true],
  },
  'in a column that is being probed': {
    lineItem: parked('LineItemUnpublished', PAST),
    told: ['lineItemParked', 'LineItemUnpublished', false],
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
  'for a platform that is to be probed': {
    limits: { breaker: 'open', breaker_opened_at: PAST, blocked_until: PAST },
    told: ['platform', 'PlatformUnavailable', false],
  },
  'for a platform that is being probed': {
    limits: { breaker: 'halfOpen', breaker_opened_at: PAST, blocked_until: PAST, probe_until: FUTURE },
    told: ['platform', 'PlatformUnavailable', true],
  },
  'for a platform that asked for a pause': {
    limits: { blocked_until: FUTURE },
    told: ['platform', 'PlatformRateLimited', true],
  },
  'after a failure that passes': {
    ...{ score: { not_before: FUTURE, failure_type: 'PlatformFailed', tries: 2 }, hold: 'rest' },
    told: ['rest', 'PlatformFailed', true],
  },
  'for the two seconds between two calls': { score: { not_before: FUTURE }, hold: 'rest', told: ['rest', null, true] },
  'for the night': { score: { awaits_nightly: true }, hold: 'night', told: ['nightlyRun', null, false] },
  'for a column that is not known yet': {
    ...{ lineItem: { line_item_id: null, resource_id: 'essay' }, hold: 'wanted' },
    told: ['lineItem', null, false],
  },
  'for a column whose look keeps failing': {
    ...{ lineItem: { line_item_id: null, resource_id: 'essay' }, hold: 'wanted' },
    context: { columns_failure: 'UnreadableAnswer', columns_failed_times: 3, columns_rest_until: FUTURE },
    told: ['lineItem', 'UnreadableAnswer', true],
  },
  'for its answer': { state: 'sending', limits: LANE_OF_SCORE, told: ['answer', null, false] },
  'for an answer whose lane has run out': {
    ...{ state: 'sending', limits: { ...LANE_OF_SCORE, lane_expires_at: PAST } },
    told: ['readBack', 'OutcomeUnknown', false],
  },
  'for an answer whose lane went to another': {
    ...{ state: 'sending', limits: { ...LANE_OF_SCORE, lane_token: 2 } },
    told: ['readBack', 'OutcomeUnknown', false],
  },
  'to be read back': { state: 'unknown', hold: 'unknown', told: ['readBack', 'OutcomeUnknown', false] },
  'to be read back, when its rest is over': {
    ...{ state: 'unknown', score: { not_before: FUTURE }, hold: 'unknown' },
    told: ['rest', 'OutcomeUnknown', true],
  },
  'to be read back, in a column that was set aside since': {
    ...{ state: 'unknown', lineItem: parked('LineItemNotFound'), hold: 'unknown' },
    told: ['readBack', 'OutcomeUnknown', false],
  },
  'for the roster to show its student': {
    ...{ state: 'held', score: { failure_type: 'MemberLeft' }, hold: 'at its end' },
    told: ['enrolment', 'MemberLeft', false],
  },
  'for somebody to decide': {
    ...{ state: 'held', score: { failure_type: 'HumanGradeUndecided' }, hold: 'at its end' },
    told: ['decision', 'HumanGradeUndecided', false],
  },
  'for its turn': { told: ['turn', null, false] },
  'for its turn behind what its platform is sent now': { limits: LANE_OF_SCORE, told: ['turn', null, false] },
  'for its turn under a rate': { limits: { rate_per_second: 1, tokens: 0 }, told: ['turn', null, false] },
};

interface Inserted {
  id: string;
  gate: string;
}

async function insertWaiting({
  score,
  state = 'due',
  context,
  lineItem,
  limits,
  key,
  paused,
}: Partial<Way>): Promise<Inserted> {
  const { id: platform, deployment, gate } = await insertPlatform(db);
  if (limits) await db('gates').where({ id: gate }).update(limits);
  const course = (await insertContext(db, { deployment, ...(context && { columns: context }) })).id;
  if (key !== null) await insertServiceKey(db, { context: course, ...(key && { columns: key }) });
  const { line_item_id: lineItemId, ...columns } = lineItem ?? {};
  const column = await insertLineItem(db, { context: course, columns, ...(lineItemId === null && { lineItemId }) });
  const row = await insertScore(db, { context: course, lineItem: column.id, state, ...(score && { columns: score }) });
  if (paused) {
    const { kind, until } = paused;
    const id = { platform, deployment, context: course }[kind];
    await db('pauses').insert({ [kind]: id, reason: 'wrong grades', until: until ?? 'infinity' });
  }
  return { id: row.id, gate };
}

/** Where a claim leaves the score; what can be claimed is `free`. */
async function holdAfterClaim({ id, gate }: Inserted): Promise<string> {
  const lane = { lane_token: 9, lane_expires_at: FUTURE, lane_calls_end_at: FUTURE };
  await db('gates').where({ id: gate }).update(lane);
  await createClaims(toQueryable(db)).claim({ gate, token: 9, limit: 10, after: null });
  const [row] = await queryRows<{ hold: string | null }>(db, 'select hold from score_queue where score = ?', [id]);
  return row ? (row.hold ?? 'free') : 'at its end';
}

const seen = { reasons: new Set<string>(), holds: new Set<string>(), states: new Set<string>() };

for (const [way, { told, hold = 'free', ...setup }] of Object.entries(ways)) {
  test(`a score that waits ${way} says so`, async () => {
    const inserted = await insertWaiting(setup);
    const { body, text } = await call('GET', `/v1/scores/${inserted.id}`);
    const [reason, type, until] = ['reason', 'type', 'until'].map((name) => at(body, 'waitingFor', name));
    assert.deepEqual([reason, type, until !== null], told, text);
    for (const words of ['sentence', 'advice']) assert.match(textAt(body, 'waitingFor', words), /^[A-Z].*\.$/);
    const [whatHappened, whatHappensNext] = ['whatHappened', 'whatHappensNext'].map((words) =>
      textAt(body, 'explanation', words),
    );
    assert.equal(whatHappened?.endsWith(textAt(body, 'waitingFor', 'sentence')), true, whatHappened);
    assert.match(whatHappensNext ?? '', /^[A-Z].*\.$/);
    if (typeof until === 'string') assert.ok(Date.parse(until) > Date.now() && whatHappensNext?.includes(until), until);
    assert.equal(textAt(body, 'explanation', 'whatYouCanDo'), textAt(body, 'waitingFor', 'advice'));
    assert.equal(await holdAfterClaim(inserted), hold);
    seen.reasons.add(told[0]).add(told[1] ?? '');
    seen.holds.add(hold);
    seen.states.add(setup.state ?? 'due');
  });
}

test('these are all ways: every hold of the queue, every state and every reason that there is', async () => {
  const [check] = await queryRows<{ def: string }>(
    db,
    `select pg_get_constraintdef(oid) as def from pg_constraint where conname = 'score_queue_hold_check'`,
  );
  const holds = [...(check?.def ?? '').matchAll(/'(\w+)'::text/g)].map(([, hold]) => hold ?? '');
  assert.ok(holds.length > 0);
  assert.deepEqual([...seen.holds].toSorted(), [...holds, 'at its end', 'free'].toSorted());
  const ends: readonly ScoreState[] = ['submitted', 'rejected', 'superseded', 'erased'];
  assert.deepEqual([...seen.states].toSorted(), SCORE_STATES.filter((state) => !ends.includes(state)).toSorted());
  assert.deepEqual(
    WAIT_REASONS.filter((reason) => !seen.reasons.has(reason)),
    [],
  );
});

test('every failure that sets a course or a column aside is told with its own words', async () => {
  for (const [type, { radius, sentence, advice, ...more }] of Object.entries(failures)) {
    if (!('parks' in more) || radius === 'platform') continue;
    const way = radius === 'context' ? { context: parked(type) } : { lineItem: parked(type) };
    const { body } = await call('GET', `/v1/scores/${(await insertWaiting(way)).id}`);
    const words = ['type', 'sentence', 'advice'].map((name) => at(body, 'waitingFor', name));
    assert.deepEqual(words, [type, sentence, advice]);
  }
});

for (const state of ['submitted', 'rejected'] as const) {
  test(`a score that is ${state} waits for nothing, whatever is set aside above it`, async () => {
    const { id } = await insertWaiting({ state, context: parked('ContextConcluded'), key: null });
    assert.equal(at((await call('GET', `/v1/scores/${id}`)).body, 'waitingFor'), null);
  });
}
