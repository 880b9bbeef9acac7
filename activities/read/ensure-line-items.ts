import { failureOf, type Failure } from '../../domain/failure.js';
import type { ActivityDeps } from '../deps.js';
import type { Batch } from '../submit/batch.js';
import { applyConsequence, type ConsequenceDeps } from '../guards/apply-consequence.js';
import { FIRST_PROBE_MS, judgeFailure } from '../guards/judge-failure.js';
import type { WantedLineItem } from '../../db/courses/line-items.js';
import type { UsableKey } from '../../db/courses/usable-keys.js';
import { withLane, type LaneDeps, type LaneOutcome } from '../guards/with-lane.js';

/** A passing failure of listing or creating is tried again after this. */
const RETRY_MS = 15_000;

export interface EnsureLineItemsInput {
  /** Our uuid of the context. */
  context: string;
}

export interface EnsureLineItemsResult extends LaneOutcome {
  listed: number;
  created: number;
  /** Wanted columns that nobody can find or make; they are parked with the reason. */
  missing: number;
}

export type EnsureLineItemsDeps = LaneDeps & ConsequenceDeps & Pick<ActivityDeps, 'lineItems' | 'ltiaas' | 'toFailure'>;

/**
 * Gives wanted columns their id in the LMS: looks first, makes what may be made, looks no further. Safe to repeat: every
 * repetition begins by listing, so a column that an earlier try made is found; and it works under the context's lane, so
 * that no forgotten try of it makes a second one meanwhile.
 */
export function createEnsureLineItems(
  deps: EnsureLineItemsDeps,
): (input: EnsureLineItemsInput) => Promise<EnsureLineItemsResult> {
  return ({ context }) => {
    const toResult = (outcome: LaneOutcome): EnsureLineItemsResult => ({
      ...outcome,
      listed: 0,
      created: 0,
      missing: 0,
    });
    return withLane(deps, { context, budgetMs: 0, toResult }, async (batch) => {
      for (let key = nextKey(batch); key; key = nextKey(batch)) {
        const found = await listColumns(deps, batch, key);
        if (found === 'tryNextKey') continue;
        if (typeof found === 'object') return toResult(found);
        return { ...toResult(await createMissing(deps, batch, key)), listed: found };
      }
      await deps.contexts.park({ context, type: 'ServiceKeyMissing', detail: null, probeAfterMs: null });
      return toResult({ outcome: 'parked', reason: 'ServiceKeyMissing', delayMs: null });
    });
  };
}

function nextKey(batch: Batch): UsableKey | undefined {
  return batch.keys.find((key) => key.assignmentAndGrades);
}

async function listColumns(
  { lineItems, ltiaas, toFailure, ...deps }: EnsureLineItemsDeps,
  batch: Batch,
  key: UsableKey,
): Promise<number | 'tryNextKey' | LaneOutcome> {
  try {
    const listed = await ltiaas.listLineItems({ serviceKey: key.serviceKey, signal: batch.signal });
    const { ambiguous } = await lineItems.storeListed(batch.course.id, listed);
    for (const lineItem of ambiguous) await park({ ...deps }, lineItem, 'LineItemAmbiguous', null);
    return listed.length;
  } catch (error) {
    const failure = toFailure(error, { family: batch.course.family, operation: 'listLineItems' });
    if (!failure) throw error;
    // A tool without the right to list can still send to columns whose id it knows: only the wanted ones wait.
    if (failure.type === 'ScopeMissing' || failure.type === 'ServiceNotAvailable') {
      const wanted = await lineItems.listWanted(batch.course.id);
      for (const { id } of wanted) await park({ ...deps }, id, failure.type, failure.excerpt ?? null);
      return { outcome: 'more', reason: failure.type, delayMs: null };
    }
    return afterFailure({ ...deps }, batch, { failure, keyId: key.id, lineItem: null });
  }
}

async function createMissing(deps: EnsureLineItemsDeps, batch: Batch, key: UsableKey): Promise<LaneOutcome> {
  for (const wanted of await deps.lineItems.listWanted(batch.course.id)) {
    if (batch.signal.aborted) return { outcome: 'more', reason: 'laneLost', delayMs: null };
    const outcome = await createColumn(deps, batch, key, wanted);
    if (outcome) return outcome;
  }
  return { outcome: 'more', reason: null, delayMs: null };
}

/** Undefined: made, or set aside with its reason; an outcome: stop here. */
async function createColumn(
  deps: EnsureLineItemsDeps,
  batch: Batch,
  key: UsableKey,
  { id, resourceId, resourceLinkId, tag, label, scoreMaximum }: WantedLineItem,
): Promise<LaneOutcome | undefined> {
  if (resourceId === null || label === null || scoreMaximum === null) {
    // Named by an activity that has no column: only the LMS can give it one.
    await park(deps, id, 'LineItemNotFound', null);
    return undefined;
  }
  await deps.lineItems.reserveCreate(id);
  try {
    const created = await deps.ltiaas.createLineItem({
      serviceKey: key.serviceKey,
      lineItem: {
        label,
        scoreMaximum,
        resourceId,
        ...(tag !== null && { tag }),
        ...(resourceLinkId !== null && { resourceLinkId }),
      },
      family: batch.course.family,
      beginBy: batch.lane.beginBy(),
      signal: batch.signal,
    });
    // What the LMS answers is stored under the names that we asked by: some leave out what they were sent.
    await deps.lineItems.storeListed(batch.course.id, [{ ...created, resourceId, tag, label: created.label ?? label }]);
    return undefined;
  } catch (error) {
    const failure = deps.toFailure(error, { family: batch.course.family, operation: 'createLineItem' });
    if (!failure) throw error;
    const outcome = await afterFailure(deps, batch, { failure, keyId: key.id, lineItem: id });
    return outcome === 'tryNextKey' ? { outcome: 'waiting', reason: failure.type, delayMs: 100 } : outcome;
  }
}

async function afterFailure(
  deps: ConsequenceDeps,
  batch: Batch,
  { failure, keyId, lineItem }: { failure: Failure; keyId: string; lineItem: string | null },
): Promise<LaneOutcome | 'tryNextKey'> {
  const { consequence, restMs } = judgeFailure(failure, { tries: 0, failsAlone: false }, 0);
  await applyConsequence(deps, batch, { consequence, lineItem, keyId });
  if (batch.stop?.parked) return { outcome: 'parked', reason: failure.type, delayMs: null };
  if (failure.type === 'ServiceKeyRejected') return 'tryNextKey';
  const isPermanent = !failureOf(failure.type).retryable;
  if (isPermanent && lineItem !== null && consequence.kind === 'none')
    await park(deps, lineItem, failure.type, failure.excerpt ?? null);
  if (isPermanent && lineItem !== null) return { outcome: 'more', reason: failure.type, delayMs: null };
  return { outcome: 'waiting', reason: failure.type, delayMs: Math.max(restMs, RETRY_MS) };
}

async function park(
  { contexts }: Pick<ConsequenceDeps, 'contexts'>,
  lineItem: string,
  type: string,
  detail: string | null,
): Promise<void> {
  await contexts.parkColumn({ lineItem, type, detail, probeAfterMs: FIRST_PROBE_MS });
}
