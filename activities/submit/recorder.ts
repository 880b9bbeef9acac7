import type { ActivityDeps } from '../deps.js';
import { stopBatch, type Batch } from './batch.js';
import type { PermitShare } from '../guards/permit-share.js';
import type { ClaimedScore, SendOutcome } from '../../db/scores/claims.js';

/** Outcomes are recorded at the latest after this, so that little is unknown after a crash. */
const RECORD_AFTER_MS = 200;
/** Statements cost more than rows: a slow course writes few of them all the same. */
const MIN_CHUNK = 16;

export type RecorderDeps = Pick<ActivityDeps, 'claims' | 'contexts' | 'keys'>;

export interface Recorder {
  add(score: ClaimedScore, outcome: SendOutcome): void;
  /** Holds senders back while the database falls behind, so that few outcomes are ever unrecorded. */
  whenNotFull(): Promise<void>;
  finish(): Promise<void>;
}

/** Records in chunks, one statement each, before the heartbeat that mentions them. */
export function createRecorder(deps: RecorderDeps, batch: Batch, share: PermitShare): Recorder {
  const { claims } = deps;
  const successes = createSuccesses(deps, batch);
  const chunk = (): number => Math.max(share.size * 3, MIN_CHUNK);
  let buffer: SendOutcome[] = [];
  let isEnding = false;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let problem: Error | undefined;

  const write = async (): Promise<void> => {
    do {
      clearTimeout(timer);
      const outcomes = buffer;
      buffer = [];
      const { context, token, laneMs } = batch.lane;
      const isRecorded = await batch.lane.whileExtending(
        () => claims.record({ context, token, laneMs, outcomes, workflowRun: batch.workflowRun }),
        Boolean,
      );
      if (!isRecorded) return stopBatch(batch, { reason: 'laneLost', waitMs: null, parked: false });
      count(batch, outcomes);
      await successes.note(outcomes);
      batch.heartbeat();
    } while (buffer.length >= (isEnding ? 1 : chunk()));
    if (buffer.length > 0) timer = setTimeout(flush, RECORD_AFTER_MS);
  };
  const flush = (): void => {
    if (buffer.length === 0 || problem !== undefined) return;
    writing ??= write()
      .catch((error: unknown) => {
        problem = error instanceof Error ? error : new Error(String(error));
        stopBatch(batch, { reason: 'database', waitMs: null, parked: false });
      })
      .finally(() => {
        writing = undefined;
      });
  };
  return {
    add(score, outcome) {
      if (score.isProbe) successes.expect(score);
      buffer.push(outcome);
      batch.tally.note(score.lineItem, outcome);
      if (buffer.length >= chunk()) flush();
      else if (buffer.length === 1 && !writing) timer = setTimeout(flush, RECORD_AFTER_MS);
    },
    async whenNotFull() {
      while (buffer.length >= chunk() * 4 && writing) await writing;
    },
    async finish() {
      isEnding = true;
      if (writing) await writing;
      clearTimeout(timer);
      flush();
      if (writing) await writing;
      if (problem !== undefined) throw problem;
    },
  };
}

/** What a score that arrived proves: that its column, the course and the key work. */
function createSuccesses({ contexts, keys }: RecorderDeps, batch: Batch) {
  const probes = new Map<string, string>();
  let hasSucceeded = false;
  return {
    /** The score's column is parked, and tried again with it. */
    expect({ id, lineItem }: ClaimedScore): void {
      probes.set(id, lineItem);
    },
    async note(outcomes: readonly SendOutcome[]): Promise<void> {
      const arrived = outcomes.filter(({ outcome }) => outcome === 'submitted');
      if (arrived.length === 0) return;
      const columns = arrived.flatMap(({ id }) => probes.get(id) ?? []);
      if (columns.length > 0) await contexts.unparkColumns(columns);
      if (hasSucceeded) return;
      hasSucceeded = true;
      if (batch.course.parkedType) await contexts.unpark(batch.course.id);
      const [key] = batch.keys;
      if (key) await keys.markOk(key.id);
    },
  };
}

function count(batch: Batch, outcomes: readonly SendOutcome[]): void {
  for (const { outcome } of outcomes) {
    if (outcome === 'submitted') batch.counts.submitted += 1;
    else if (outcome === 'rejected') batch.counts.rejected += 1;
    else if (outcome === 'retryable') batch.counts.retrying += 1;
    else if (outcome === 'unknown') batch.counts.unknown += 1;
    else if (outcome === 'confirmed') batch.counts.confirmed += 1;
  }
}
