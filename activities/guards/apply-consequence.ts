import type { ActivityDeps } from '../deps.js';
import { stopBatch, type Batch } from '../submit/batch.js';
import { FIRST_PROBE_MS, type Consequence } from './judge-failure.js';

export type ConsequenceDeps = Pick<ActivityDeps, 'contexts' | 'keys' | 'limits' | 'permits'>;

export interface Occurrence {
  consequence: Consequence;
  /** Our uuid of the column, where the call was about one. */
  lineItem: string | null;
  keyId: string;
}

/** Writes what a failure says of its platform where all workers see it; what it breaks besides is nobody's concern here. */
export async function noteOnPlatform(
  { limits, permits }: Pick<ConsequenceDeps, 'limits' | 'permits'>,
  gate: string,
  consequence: Consequence,
): Promise<void> {
  if (consequence.kind === 'platformTrouble') await limits.noteFailures(gate, consequence.type, 1);
  else if (consequence.kind === 'platformClosed') await limits.openBreaker(gate, consequence.type, consequence.restMs);
  else if (consequence.kind === 'throttled') await limits.noteThrottled(gate, consequence.restMs);
  else return;
  await permits.refresh(gate);
}

/** Writes what a failure breaks beyond its score where all workers see it, before the score's own outcome is recorded. */
export async function applyConsequence(
  deps: ConsequenceDeps,
  batch: Batch,
  { consequence, lineItem, keyId }: Occurrence,
): Promise<void> {
  const { contexts, keys } = deps;
  const { id, gate } = batch.course;
  switch (consequence.kind) {
    case 'none':
      return;
    case 'platformTrouble':
    case 'platformClosed':
    case 'throttled':
      return noteOnPlatform(deps, gate, consequence);
    case 'keyRejected': {
      const place = batch.keys.findIndex((key) => key.id === keyId);
      if (place < 0) return;
      batch.keys.splice(place, 1);
      await keys.markRejected(keyId);
      if (batch.keys.length > 0) return;
      // Probed now and then: a wrong API key of ours may have looked like this, and is put right by nobody's launch.
      await contexts.park({ context: id, type: 'ServiceKeyRejected', detail: null, probeAfterMs: FIRST_PROBE_MS });
      return stopBatch(batch, { reason: 'ServiceKeyRejected', waitMs: null, parked: true });
    }
    case 'contextParked': {
      const { type, detail, probeAfterMs } = consequence;
      if (batch.stop?.parked) return;
      stopBatch(batch, { reason: type, waitMs: null, parked: true });
      return contexts.park({ context: id, type, detail, probeAfterMs });
    }
    case 'columnParked': {
      const { type, detail, probeAfterMs } = consequence;
      if (lineItem === null || batch.parkedColumns.has(lineItem)) return;
      batch.parkedColumns.add(lineItem);
      if (type === 'LineItemNotFound') batch.hasLostColumn = true;
      return contexts.parkColumn({ lineItem, type, detail, probeAfterMs });
    }
  }
}
