import type { LmsFamily } from '../domain/platform.js';
import type { ScoreValue } from '../domain/score.js';
import { stopBatch, type Batch } from './batch.js';
import { applyConsequence, type ConsequenceDeps } from './consequences.js';
import { judgeFailure } from './judge-failure.js';
import type { PermitShare } from './permit-broker.js';
import type { ClaimedScore, LtiaasPort, SendOutcome } from './ports.js';
import { createRecorder, type RecorderDeps } from './record-outcomes.js';

const MAX_CHUNK = 100;
/** While other courses of the platform wait in this process, a batch hands its permits on after this. */
const CONTENDED_BUDGET_MS = 20_000;

export interface SendDeps extends RecorderDeps, ConsequenceDeps {
  ltiaas: LtiaasPort;
  /** From 0 to 1. */
  random: () => number;
}

/**
 * Sends what is ready until nothing is left or the batch must stop: as many senders as there are permits, the next chunk
 * claimed while this one is on its way, outcomes recorded in chunks. Returns when every call is over and recorded.
 */
export async function sendScores(deps: SendDeps, batch: Batch, share: PermitShare): Promise<void> {
  const feed = createFeed(deps, batch, share.size);
  const recorder = createRecorder(deps, batch, share.size);
  const sender = async (): Promise<void> => {
    try {
      while (!batch.stop && (await share.mayBegin(batch.signal))) {
        const score = await feed.next();
        if (!score) return;
        const outcome = batch.parkedColumns.has(score.lineItem) ? notBegun(score) : await sendOne(deps, batch, score);
        recorder.add(score, outcome);
        await recorder.whenNotFull();
      }
    } finally {
      share.giveBack();
    }
  };
  try {
    const ends = await Promise.allSettled(Array.from({ length: share.size }, sender));
    const denial = share.denial();
    if (denial) stopBatch(batch, { reason: denial.reason, waitMs: denial.waitMs, parked: false });
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  } finally {
    for (const score of feed.drain()) recorder.add(score, notBegun(score));
    await recorder.finish();
  }
}

interface Feed {
  next(): Promise<ClaimedScore | undefined>;
  /** What was claimed and never sent. */
  drain(): ClaimedScore[];
}

/** Hands out claimed scores one by one and claims ahead, so that no sender waits for the database. */
function createFeed({ claims, clock, permits }: SendDeps, batch: Batch, size: number): Feed {
  const chunk = Math.min(Math.max(size * 2, 8), MAX_CHUNK);
  let queue: ClaimedScore[] = [];
  let claiming: Promise<void> | undefined;
  let isDry = false;
  const fairUntilMs = clock.monotonicMs() + CONTENDED_BUDGET_MS;
  const isPastBudget = (): boolean => {
    const untilMs = permits.isContended(batch.context.deployment) ? fairUntilMs : Infinity;
    return clock.monotonicMs() > Math.min(untilMs, batch.claimUntilMs);
  };

  const claim = async (): Promise<void> => {
    const { context, token, laneMs } = batch.lane;
    const claimed = await batch.lane.whileExtending(
      () => claims.claim({ context, token, laneMs, limit: chunk }),
      (answer) => answer !== null,
    );
    if (claimed === null) stopBatch(batch, { reason: 'laneLost', waitMs: null, parked: false });
    isDry = claimed === null || claimed.length < chunk;
    queue = queue.concat(claimed ?? []);
  };
  const claimMore = (): Promise<void> => {
    if (batch.isDraining()) stopBatch(batch, { reason: 'draining', waitMs: null, parked: false });
    // Past its budget a batch sends what it has claimed and ends; the next one goes on.
    if (isPastBudget()) isDry = true;
    if (batch.stop || isDry) return Promise.resolve();
    claiming ??= claim().finally(() => {
      claiming = undefined;
    });
    return claiming;
  };
  return {
    async next() {
      while (queue.length === 0 && !batch.stop && !(isDry && !claiming)) await claimMore();
      if (batch.stop) return undefined;
      const score = queue.shift();
      // A failed claim shows itself to whoever waits for it next.
      if (queue.length <= size / 2) claimMore().catch(() => undefined);
      return score;
    },
    drain: () => queue.splice(0),
  };
}

function notBegun({ id }: ClaimedScore): SendOutcome {
  return { id, outcome: 'notBegun', startedAt: new Date(), durationMs: 0, restMs: 0, serviceKey: null };
}

async function sendOne(deps: SendDeps, batch: Batch, score: ClaimedScore): Promise<SendOutcome> {
  const { clock, ltiaas } = deps;
  const [key] = batch.keys;
  if (!key) return notBegun(score);
  const startedAt = new Date(clock.wallMs());
  const beganMs = clock.monotonicMs();
  const facts = { id: score.id, startedAt, serviceKey: key.id };
  try {
    const { status } = await ltiaas.submitScore({
      serviceKey: key.serviceKey,
      lineItemId: score.lineItemId,
      score: toSend(score, batch.context.family, startedAt),
      reGrade: score.submitted !== null,
      family: batch.context.family,
      beginBy: batch.lane.beginBy(),
      signal: batch.signal,
    });
    return { ...facts, outcome: 'submitted', status, durationMs: Math.round(clock.monotonicMs() - beganMs), restMs: 0 };
  } catch (error) {
    const failure = ltiaas.toFailure(error, { family: batch.context.family, operation: 'submitScore' });
    if (!failure) throw error;
    const { outcome, failureType, restMs, consequence } = judgeFailure(failure, score, deps.random());
    await applyConsequence(deps, batch, { consequence, lineItem: score.lineItem, keyId: key.id });
    const { excerpt, code, status } = failure;
    const durationMs = Math.round(clock.monotonicMs() - beganMs);
    return { ...facts, outcome, failureType, excerpt, code, status, durationMs, restMs };
  }
}

/**
 * The value as this platform is to hear it now. Canvas refuses a submission time in its future, and adds a comment anew
 * at every call, so one that it has already is left out (canvas-lms scores_controller.rb).
 */
function toSend(
  { userId, value, submitted }: ClaimedScore,
  family: LmsFamily,
  now: Date,
): ScoreValue & { userId: string } {
  const { comment, submission, ...rest } = value;
  const isRepeated = family === 'canvas' && comment === submitted?.comment;
  const submittedAt = submission?.submittedAt;
  const isAhead = submittedAt !== undefined && new Date(submittedAt) > now;
  return {
    ...{ userId, ...rest },
    ...(comment !== undefined && !isRepeated && { comment }),
    ...(submission && { submission: { ...submission, ...(isAhead && { submittedAt: now.toISOString() }) } }),
  };
}
