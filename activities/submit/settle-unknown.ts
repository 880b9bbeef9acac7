import { failureOf, type Failure } from '../../domain/failure.js';
import { restAfterMs } from '../../domain/retry.js';
import { isSameValue, resultShowsScore, type ReadBackResult } from '../../domain/score.js';
import type { ActivityDeps } from '../deps.js';
import { stopBatch, type Batch } from './batch.js';
import { applyConsequence, type ConsequenceDeps } from '../guards/apply-consequence.js';
import { judgeFailure } from '../guards/judge-failure.js';
import type { Settlement, UnknownScore } from '../../db/scores/unknown-scores.js';
import type { Result } from '../../ltiaas/payloads.js';

const CHUNK = 200;
/** Up to this many students are asked for one by one; beyond, the whole column is read. */
const FEW = 5;
/** Results that cannot be read so often, with growing rests between, are given up: the score is sent again. */
const READ_TRIES = 6;

type Evidence = Pick<Settlement, 'startedAt' | 'durationMs' | 'serviceKey'>;

export type SettleDeps = ConsequenceDeps & Pick<ActivityDeps, 'clock' | 'ltiaas' | 'toFailure' | 'unknownScores'>;

/**
 * Reads back what we cannot know and records what the gradebook shows. Where results cannot be read for good, the score is
 * due again: sending once too often is then the smaller harm. Repeating it is safe: it reads, and records under the lane.
 */
export async function settleUnknown(deps: SettleDeps, batch: Batch): Promise<void> {
  while (!batch.stop) {
    const scores = await deps.unknownScores.listReady({ context: batch.course.id, limit: CHUNK });
    if (scores.length === 0) return;
    for (const [lineItemId, ofColumn] of byColumn(scores)) {
      if (batch.stop) return;
      await settleColumn(deps, batch, lineItemId, ofColumn);
    }
  }
}

async function settleColumn(
  deps: SettleDeps,
  batch: Batch,
  lineItemId: string,
  scores: readonly UnknownScore[],
): Promise<void> {
  const [key] = batch.keys;
  if (!key) return stopBatch(batch, { reason: 'ServiceKeyMissing', waitMs: null, parked: false });
  const startedAt = new Date(deps.clock.wallMs());
  const beganMs = deps.clock.monotonicMs();
  const evidence = (): Evidence => ({
    startedAt,
    durationMs: Math.round(deps.clock.monotonicMs() - beganMs),
    serviceKey: key.id,
  });
  try {
    const results = await readResults(deps, batch, { lineItemId, scores, serviceKey: key.serviceKey });
    const settlements = scores.map((score) => settle(score, results.get(score.userId), evidence()));
    return await record(deps, batch, settlements);
  } catch (error) {
    const failure = deps.toFailure(error, { family: batch.course.family, operation: 'listResults' });
    if (!failure) throw error;
    return handleFailure(deps, batch, { failure, scores, keyId: key.id, evidence: evidence() });
  }
}

interface FailedRead {
  failure: Failure;
  scores: readonly UnknownScore[];
  keyId: string;
  evidence: Evidence;
}

/** A platform in trouble stops the batch; a column whose results cannot be read now waits alone, and not for ever. */
async function handleFailure(
  deps: SettleDeps,
  batch: Batch,
  { failure, scores, keyId, evidence }: FailedRead,
): Promise<void> {
  const { radius, retryable } = failureOf(failure.type);
  const tries = Math.max(...scores.map((score) => score.tries));
  if (failure.type === 'ServiceKeyRejected' || radius === 'platform') {
    const { consequence, restMs } = judgeFailure(failure, { tries, failsAlone: false }, 0);
    await applyConsequence(deps, batch, { consequence, lineItem: null, keyId });
    if (batch.keys.length > 0 && radius !== 'platform') return;
    return stopBatch(batch, { reason: failure.type, waitMs: Math.max(restMs, 1_000), parked: false });
  }
  if (retryable && tries < READ_TRIES) {
    const restMs = restAfterMs(tries + 1, 0, failure.retryAfterMs);
    return deps.unknownScores.postpone({ ids: scores.map(({ id }) => id), restMs });
  }
  const cannotAsk = scores.map(({ id }): Settlement => ({
    id,
    outcome: 'absent',
    failureType: failure.type,
    ...evidence,
  }));
  return record(deps, batch, cannotAsk);
}

function byColumn(scores: readonly UnknownScore[]): Map<string, UnknownScore[]> {
  const columns = new Map<string, UnknownScore[]>();
  for (const score of scores) {
    const ofColumn = columns.get(score.lineItemId) ?? [];
    ofColumn.push(score);
    columns.set(score.lineItemId, ofColumn);
  }
  return columns;
}

async function record(deps: SettleDeps, batch: Batch, settlements: readonly Settlement[]): Promise<void> {
  const { context, token, laneMs } = batch.lane;
  const isRecorded = await batch.lane.whileExtending(
    () => deps.unknownScores.settle({ context, token, laneMs, settlements, workflowRun: batch.workflowRun }),
    Boolean,
  );
  if (!isRecorded) return stopBatch(batch, { reason: 'laneLost', waitMs: null, parked: false });
  batch.counts.confirmed += settlements.filter(({ outcome }) => outcome === 'confirmed').length;
  batch.heartbeat();
}

interface ReadInput {
  lineItemId: string;
  scores: readonly UnknownScore[];
  serviceKey: string;
}

/**
 * Results by user id. Moodle writes the link to the next page so that nobody can follow it when a limit is given
 * (gradebookservices results.php), and Open edX ignores the user filter, so users are matched on our side in any case.
 */
async function readResults(deps: SettleDeps, batch: Batch, input: ReadInput): Promise<Map<string, Result>> {
  const { lineItemId, scores, serviceKey } = input;
  const call = { serviceKey, lineItemId, signal: batch.signal };
  const byUser = new Map<string, Result>();
  const add = (results: readonly Result[]): void => {
    for (const result of results) byUser.set(result.userId, result);
  };
  if (scores.length <= FEW) {
    for (const { userId } of scores) add(await deps.ltiaas.listResults({ ...call, userId }));
  } else {
    add(await deps.ltiaas.listResults({ ...call, ...(batch.course.family === 'canvas' && { limit: 100 }) }));
  }
  return byUser;
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
