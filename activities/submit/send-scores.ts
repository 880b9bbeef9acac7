import { stopBatch, type Batch } from './batch.js';
import type { PermitShare } from '../guards/permit-share.js';
import type { ClaimedScore } from '../../db/scores/claims.js';
import { createCellReader } from './cell-reader.js';
import { createRecorder, type RecorderDeps } from './recorder.js';
import { keptBack, notBegun, sendOne, type SendOneDeps } from './send-one.js';

/** Scores that are claimed by one statement. */
const MIN_CHUNK = 8;
const MAX_CHUNK = 100;
/** While other courses of the platform wait in this process, a batch hands its permits on after this. */
const CONTENDED_BUDGET_MS = 5_000;

export type SendDeps = RecorderDeps & SendOneDeps;

/**
 * Sends what is ready until nothing is left or the batch must stop: as many senders as there are permits, the next chunk
 * claimed while this one is on its way, outcomes recorded in chunks. Returns when every call is over and recorded.
 */
export async function sendScores(deps: SendDeps, batch: Batch, share: PermitShare): Promise<void> {
  const feed = createFeed(deps, batch, share);
  const recorder = createRecorder(deps, batch, share);
  const cells = createCellReader(deps.ltiaas, batch, () => deps.clock.monotonicMs());
  const senders: Promise<void>[] = [];
  const failures: unknown[] = [];
  // Caught where it begins: one that joins late is awaited late, and must not fail unheard until then.
  const join = (): void => void senders.push(send().catch((error: unknown) => void failures.push(error)));
  const send = async (): Promise<void> => {
    try {
      while (!batch.stop && (await share.mayBegin(batch.signal))) {
        const score = await feed.next();
        if (!score) return;
        const outcome = batch.parkedColumns.has(score.lineItem)
          ? notBegun(score)
          : (keptBack(score) ?? (await sendOne(deps, batch, score, cells)));
        recorder.add(score, outcome);
        await recorder.whenNotFull();
        if (share.more()) join();
      }
    } finally {
      share.giveBack();
    }
  };
  try {
    for (let place = share.size; place > 0; place -= 1) join();
    for (let place = 0; place < senders.length; place += 1) await senders[place];
    const denial = share.denial();
    if (denial) stopBatch(batch, { reason: denial.reason, waitMs: denial.waitMs, parked: false });
    if (failures.length > 0) throw failures[0];
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
function createFeed({ claims, clock, permits }: SendDeps, batch: Batch, share: PermitShare): Feed {
  let queue: ClaimedScore[] = [];
  let claiming: Promise<void> | undefined;
  let isDry = false;
  const fairUntilMs = clock.monotonicMs() + CONTENDED_BUDGET_MS;
  const isPastBudget = (): boolean => {
    const untilMs = permits.isContended(batch.course.gate) ? fairUntilMs : Infinity;
    return clock.monotonicMs() > Math.min(untilMs, batch.claimUntilMs);
  };

  const claim = async (): Promise<void> => {
    const { context, token, laneMs } = batch.lane;
    const chunk = Math.min(Math.max(share.size * 3, MIN_CHUNK), MAX_CHUNK);
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
      if (queue.length <= share.size / 2) claimMore().catch(() => undefined);
      return score;
    },
    drain: () => queue.splice(0),
  };
}
