import { failureOf, type Failure } from '../../domain/failure.js';
import { restAfterMs } from '../../domain/retry.js';
import { isSameValue, resultsByUser, resultShowsScore, type ReadBackResult } from '../../domain/score.js';
import type { ActivityDeps } from '../deps.js';
import { isFlowing, isSetAsideSince, makeCall, type Batch, type BatchCourse } from './batch.js';
import { meetCourses } from './course-book.js';
import { applyConsequence, noteEffects, toVerdict, type ConsequenceDeps } from '../guards/apply-consequence.js';
import type { Verdict } from '../guards/flow.js';
import { judgeFailure } from '../guards/judge-failure.js';
import { storeOutcomes, type StoreDeps } from './store-outcomes.js';
import type { Settlement, UnknownScore } from '../../db/scores/unknown-scores.js';
import type { Result } from '../../ltiaas/payloads.js';
import type { UsableKey } from '../../db/courses/usable-keys.js';

const CHUNK = 200;
/** Up to this many students are asked for one by one; beyond, the whole column is read. */
const FEW = 5;
/** As many read at once leave room for sending. */
const COLUMNS_AT_ONCE = 8;
/** Results that cannot be read so often, with growing rests between, are given up: the score is sent again. */
const READ_TRIES = 6;
/** What PostgreSQL takes in no form is not read again before this. */
const UNSTORABLE_MS = 86_400_000;
/** What cannot be read for want of a key or of the platform's leave is looked at again after this. */
const LATER_MS = 15_000;

type Evidence = Pick<Settlement, 'startedAt' | 'durationMs' | 'serviceKey'>;

export type SettleDeps = ConsequenceDeps & StoreDeps & Pick<ActivityDeps, 'ltiaas' | 'toFailure' | 'unknownScores'>;

interface ColumnToSettle {
  course: BatchCourse;
  lineItemId: string;
  scores: readonly UnknownScore[];
  /** On the clock of `performance.now()`. */
  listedAtMs: number;
}

/**
 * Reads back what we cannot know and records what the gradebook shows; its calls go by the same limits as all others. Where
 * results cannot be read for good, the score is due again: sending once too often is then the smaller harm. Repeating it
 * is safe: it reads, and records under the lane.
 */
export async function settleUnknown(deps: SettleDeps, batch: Batch): Promise<void> {
  while (batch.stop === null && !batch.signal.aborted && batch.flow.denial === null) {
    const listedAtMs = deps.clock.monotonicMs();
    const scores = await deps.unknownScores.listReady({ gate: batch.gate, limit: CHUNK });
    if (scores.length === 0) return;
    await meetCourses(
      deps,
      batch,
      scores.map(({ context }) => context),
    );
    const columns = byColumn(scores);
    const settleNext = async (): Promise<void> => {
      for (let ofColumn = columns.shift(); ofColumn; ofColumn = columns.shift()) {
        const [{ context, lineItemId } = { context: '', lineItemId: '' }] = ofColumn;
        const course = batch.courses.get(context);
        if (!course) throw new Error('A score is unknown whose course nobody has met.');
        const isRead = await settleColumn(deps, batch, { course, lineItemId, scores: ofColumn, listedAtMs });
        if (!isRead) columns.length = 0;
      }
    };
    // A failure of ours ends the batch, which must not leave a read under way.
    const ends = await Promise.allSettled(Array.from({ length: COLUMNS_AT_ONCE }, settleNext));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    if (batch.stop !== null || batch.flow.denial) return;
  }
}

/** False: the batch is to end, or the platform allows no calls. */
async function settleColumn(deps: SettleDeps, batch: Batch, column: ColumnToSettle): Promise<boolean> {
  const { course, scores, listedAtMs } = column;
  const ids = scores.map(({ id }) => id);
  while (!isFlowing(batch)) {
    if (batch.stop !== null || batch.signal.aborted || batch.flow.denial) return false;
    await batch.alarm.next();
  }
  const [key] = course.keys;
  if (!key || isSetAsideSince(course, null, listedAtMs)) {
    await deps.unknownScores.postpone({ ids, restMs: LATER_MS, isTry: false });
    return true;
  }
  await makeCall(
    batch,
    course.context,
    async () => ({ verdict: await readColumn(deps, batch, column, key), result: undefined }),
    (effects) => noteEffects(deps, batch, effects),
  );
  return true;
}

async function readColumn(deps: SettleDeps, batch: Batch, column: ColumnToSettle, key: UsableKey): Promise<Verdict> {
  const { scores } = column;
  const startedAt = new Date(deps.clock.wallMs());
  const beganMs = deps.clock.monotonicMs();
  const evidence = (): Evidence => ({
    startedAt,
    durationMs: Math.round(deps.clock.monotonicMs() - beganMs),
    serviceKey: key.id,
  });
  try {
    const results = await readResults(deps, batch, column, key);
    const settlements = scores.map((score) => settle(score, results.get(score.userId), evidence()));
    await record(deps, batch, settlements);
    return { kind: 'ok' };
  } catch (error) {
    const failure = deps.toFailure(error, { family: batch.family, operation: 'listResults' });
    if (!failure) throw error;
    if (batch.signal.aborted) return { kind: 'neutral' };
    return handleFailure(deps, batch, column, { failure, key, evidence: evidence() });
  }
}

interface FailedRead {
  failure: Failure;
  key: UsableKey;
  evidence: Evidence;
}

/** A platform in trouble stops the batch; a column whose results cannot be read now waits alone, and not for ever. */
async function handleFailure(
  deps: SettleDeps,
  batch: Batch,
  { course, scores, listedAtMs }: ColumnToSettle,
  { failure, key, evidence }: FailedRead,
): Promise<Verdict> {
  const { radius, retryable } = failureOf(failure.type);
  const tries = Math.max(...scores.map((score) => score.tries));
  const { consequence, restMs } = judgeFailure(failure, { tries, failsAlone: false }, 0);
  const verdict = toVerdict(consequence, course.context);
  const ids = scores.map(({ id }) => id);
  if (failure.type === 'ServiceKeyRejected' || radius === 'platform') {
    await applyConsequence(deps, batch, course, { consequence, lineItem: null, key, claimedAtMs: listedAtMs });
    const isKeyToTry = radius !== 'platform' && course.keys.length > 0;
    await deps.unknownScores.postpone({ ids, restMs: isKeyToTry ? 0 : Math.max(restMs, 1_000), isTry: false });
    return verdict;
  }
  if (retryable && tries < READ_TRIES) {
    const rest = restAfterMs(tries + 1, 0, failure.retryAfterMs);
    await deps.unknownScores.postpone({ ids, restMs: rest, isTry: true });
    return verdict;
  }
  const cannotAsk = ids.map((id): Settlement => ({ id, outcome: 'absent', failureType: failure.type, ...evidence }));
  await record(deps, batch, cannotAsk);
  return verdict;
}

function byColumn(scores: readonly UnknownScore[]): UnknownScore[][] {
  const columns = new Map<string, UnknownScore[]>();
  for (const score of scores) columns.set(score.lineItem, [...(columns.get(score.lineItem) ?? []), score]);
  return [...columns.values()];
}

/** What PostgreSQL refuses is rejected for that reason; at the least it rests, so that it is not read again and again. */
async function record(deps: SettleDeps, batch: Batch, settlements: readonly Settlement[]): Promise<void> {
  const { gate, token } = batch.lane;
  const store = (some: readonly Settlement[]): Promise<boolean> =>
    batch.lane.underLane(
      () => deps.unknownScores.settle({ gate, token, settlements: some, workflowRun: batch.workflowRun }),
      Boolean,
    );
  const instead = (settlement: Settlement): Settlement[] => [
    { ...settlement, outcome: 'unstorable', failureType: 'OutcomeNotStored' },
  ];
  const refused = await storeOutcomes(deps, batch.lane, settlements, { store, instead });
  if (refused === null) {
    batch.stop = 'laneLost';
    return;
  }
  for (const { item } of refused)
    await deps.unknownScores.postpone({ ids: [item.id], restMs: UNSTORABLE_MS, isTry: true });
  batch.counts.confirmed += settlements.filter(({ outcome }) => outcome === 'confirmed').length;
  batch.heartbeat();
}

/**
 * Results by user id. Moodle writes the link to the next page so that nobody can follow it when a limit is given
 * (gradebookservices results.php), and Open edX ignores the user filter, so users are matched on our side in any case.
 */
async function readResults(
  deps: SettleDeps,
  batch: Batch,
  { lineItemId, scores }: ColumnToSettle,
  { serviceKey }: UsableKey,
): Promise<Map<string, Result>> {
  const call = { serviceKey, lineItemId, signal: batch.signal, pool: batch.gate };
  if (scores.length > FEW) {
    const limit = batch.family === 'canvas' ? { limit: 100 } : {};
    return resultsByUser(await deps.ltiaas.listResults({ ...call, ...limit }));
  }
  const results: Result[] = [];
  for (const { userId } of scores) results.push(...(await deps.ltiaas.listResults({ ...call, userId })));
  return resultsByUser(results);
}

function settle(
  { id, sending, submitted }: UnknownScore,
  result: ReadBackResult | undefined,
  evidence: Evidence,
): Settlement {
  const isShown = resultShowsScore(result, sending);
  // The grade was the same before, so it proves nothing: the comment may, where the platform shows one.
  const isAmbiguous = submitted !== null && isSameGrade(submitted, sending) && !isSameValue(submitted, sending);
  const isConfirmed = isShown && (!isAmbiguous || result?.comment === sending.comment);
  return { id, outcome: isConfirmed ? 'confirmed' : 'absent', ...evidence };
}

function isSameGrade(one: UnknownScore['sending'], other: UnknownScore['sending']): boolean {
  return isSameValue({ ...one, comment: '', submission: {} }, { ...other, comment: '', submission: {} });
}
