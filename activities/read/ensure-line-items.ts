import { Context, log } from '@temporalio/activity';
import type { Caused } from '../../domain/cause.js';
import { failureOf, type Failure } from '../../domain/failure.js';
import { isPauseReason } from '../../domain/wait.js';
import type { SyncableContext } from '../../db/courses/context-work.js';
import type { ColumnsRest, WantedLineItem } from '../../db/courses/line-items.js';
import type { UsableKey } from '../../db/courses/usable-keys.js';
import type { ActivityDeps } from '../deps.js';
import { getCourse } from '../guards/get-course.js';
import { isSetAside } from '../guards/is-set-aside.js';
import { listKeys } from '../guards/list-keys.js';
import { readClocks } from '../guards/lane-guard.js';
import { FIRST_PROBE_MS, judgeFailure, provesThatNoneCame } from '../guards/judge-failure.js';
import { withHeartbeat } from '../guards/with-heartbeat.js';
import {
  createPlatformReading,
  PlatformRestsError,
  type PlatformReading,
  type ReadingDeps,
} from './platform-reading.js';

/** A passing failure of listing or creating is tried again after this. */
const RETRY_MS = 15_000;
/** A call that makes a column begins at most this long after it was reserved. */
const BEGINS_WITHIN_MS = 5_000;
/** What came of a call that made a column or not is known to a listing after this. */
const SETTLED_AFTER_MS = 10_000;

export interface EnsureLineItemsInput extends Caused {
  /** Our uuid of the context. */
  context: string;
}

export interface EnsureLineItemsResult {
  /** `waiting`: come again after `delayMs`. `parked`: an event must come. */
  outcome: 'done' | 'waiting' | 'parked';
  /** A failure type, or what is waited for. */
  reason: string | null;
  delayMs: number | null;
  listed: number;
  created: number;
}

export type EnsureLineItemsDeps = ReadingDeps &
  Pick<ActivityDeps, 'contexts' | 'keys' | 'lineItems' | 'ltiaas' | 'toFailure' | 'wakeAll'>;

type End = Pick<EnsureLineItemsResult, 'outcome' | 'reason' | 'delayMs'>;

interface Work {
  readonly course: SyncableContext;
  readonly reading: PlatformReading;
  readonly signal: AbortSignal;
  keys: UsableKey[];
  listed: number;
  created: number;
}

const waiting = ({ reason, forMs }: ColumnsRest): End => ({ outcome: 'waiting', reason, delayMs: forMs });
const DONE: End = { outcome: 'done', reason: null, delayMs: null };

/**
 * Gives wanted columns their id in the LMS: looks first, makes what may be made, looks no further. Safe to repeat, and to
 * run beside a forgotten attempt of itself: a column is reserved before it is made, the call begins within seconds of
 * that or not at all, and nobody makes it again before a listing that began when the call was over.
 */
export function createEnsureLineItems(
  deps: EnsureLineItemsDeps,
): (input: EnsureLineItemsInput) => Promise<EnsureLineItemsResult> {
  return async ({ context }) => {
    const { cancellationSignal: signal, heartbeat } = Context.current();
    const course = await getCourse(deps, context);
    const nothing = { delayMs: null, listed: 0, created: 0 };
    if (isSetAside(course)) return { outcome: 'parked', reason: course.parkedType, ...nothing };
    const rest = await deps.lineItems.beginLook(context);
    if (rest) return { ...waiting(rest), listed: 0, created: 0 };
    const reading = createPlatformReading(deps, { gate: course.gate, context, signal });
    const { keys, reason } = await listKeys(deps, context, 'assignmentAndGrades');
    if (keys.length === 0 && reason === 'ServiceKeyUnreadable') return { outcome: 'parked', reason, ...nothing };
    const work: Work = { course, reading, signal, keys, listed: 0, created: 0 };
    const end = await withHeartbeat(
      () => heartbeat(),
      () => ensure(deps, work),
    );
    const { deployment, gate } = course;
    const { listed, created } = work;
    if (listed + created > 0) await deps.wakeAll([{ context, deployment, gate, trigger: 'sweep' }]);
    return { ...end, listed, created };
  };
}

async function ensure(deps: EnsureLineItemsDeps, work: Work): Promise<End> {
  try {
    for (let key = work.keys[0]; key; key = work.keys[0]) {
      const failed = await listColumns(deps, work, key);
      if (failed === 'tryNextKey') continue;
      const made = failed ?? (await createMissing(deps, work, key));
      if (made !== 'tryNextKey') return made;
    }
  } catch (error) {
    if (!(error instanceof PlatformRestsError)) throw error;
    const { reason } = error;
    // Whoever resumes it asks for the columns, and where it ends by itself the sweep does.
    if (isPauseReason(reason)) return { outcome: 'parked', reason, delayMs: null };
    return { outcome: 'waiting', reason, delayMs: RETRY_MS * 4 };
  }
  await deps.contexts.parkForWantOfKey(work.course.id);
  return { outcome: 'parked', reason: 'ServiceKeyMissing', delayMs: null };
}

/** Undefined: listed. */
async function listColumns(
  deps: EnsureLineItemsDeps,
  work: Work,
  key: UsableKey,
): Promise<End | 'tryNextKey' | undefined> {
  const { lineItems, ltiaas, toFailure } = deps;
  const { course, reading, signal } = work;
  try {
    const listed = await reading.call(() =>
      ltiaas.listLineItems({ serviceKey: key.serviceKey, signal, pool: course.gate }),
    );
    await reading.noteSuccess();
    const { ambiguous, unstorable, refused } = await lineItems.storeListed(course.id, listed);
    for (const lineItem of ambiguous) await park(deps, lineItem, 'LineItemAmbiguous', null);
    for (const lineItem of unstorable) await park(deps, lineItem, 'LineItemNotStored', null);
    if (refused.length > 0)
      log.warn(`PostgreSQL refused ${refused.length} columns (${[...new Set(refused)].join(', ')}).`);
    work.listed = listed.length;
    return undefined;
  } catch (error) {
    const failure = toFailure(error, { family: course.family, operation: 'listLineItems' });
    if (!failure) throw error;
    // A tool without the right to list can still send to columns whose id it knows: only the wanted ones wait.
    if (failure.type === 'ScopeMissing' || failure.type === 'ServiceNotAvailable') {
      const wanted = await lineItems.listWanted(course.id);
      for (const { id } of wanted) await park(deps, id, failure.type, failure.excerpt ?? null);
      return { outcome: 'done', reason: failure.type, delayMs: null };
    }
    return afterFailure(deps, work, { failure, key, lineItem: null });
  }
}

async function createMissing(deps: EnsureLineItemsDeps, work: Work, key: UsableKey): Promise<End | 'tryNextKey'> {
  for (const wanted of await deps.lineItems.listWanted(work.course.id)) {
    work.signal.throwIfAborted();
    const end = await createColumn(deps, work, key, wanted);
    if (end) return end;
  }
  await deps.lineItems.endLook(work.course.id);
  return DONE;
}

/** Undefined: made, or set aside with its reason; an end: stop here. */
async function createColumn(
  deps: EnsureLineItemsDeps,
  work: Work,
  key: UsableKey,
  { id, resourceId, resourceLinkId, tag, label, scoreMaximum }: WantedLineItem,
): Promise<End | 'tryNextKey' | undefined> {
  if (resourceId === null || label === null || scoreMaximum === null) {
    // Named by an activity that has no column: only the LMS can give it one.
    await park(deps, id, 'LineItemNotFound', null);
    return undefined;
  }
  const { clock, lineItems, ltiaas, times } = deps;
  const { course, reading, signal } = work;
  const restMs = BEGINS_WITHIN_MS + times.callTimeoutMs + SETTLED_AFTER_MS;
  let leftMs: number | null = null;
  try {
    const created = await reading.call(async () => {
      const now = readClocks(clock);
      const beginBy = { monotonicMs: now.monotonicMs + BEGINS_WITHIN_MS, wallMs: now.wallMs + BEGINS_WITHIN_MS };
      leftMs = await lineItems.reserveCreate({ lineItem: id, restMs });
      if (leftMs !== null) return undefined;
      return ltiaas.createLineItem({
        serviceKey: key.serviceKey,
        lineItem: {
          label,
          scoreMaximum,
          resourceId,
          ...(tag !== null && { tag }),
          ...(resourceLinkId !== null && { resourceLinkId }),
        },
        family: course.family,
        beginBy,
        signal,
        pool: course.gate,
      });
    });
    // Somebody made it a moment ago, or tried to: a listing will tell.
    if (!created) return { outcome: 'waiting', reason: 'lineItem', delayMs: leftMs ?? restMs };
    // What the LMS answers is stored under the names that we asked by: some leave out what they were sent.
    const item = { ...created, resourceId, tag, label: created.label ?? label };
    const { unstorable } = await lineItems.storeListed(course.id, [item]);
    for (const lineItem of unstorable) await park(deps, lineItem, 'LineItemNotStored', null);
    work.created += 1;
    return undefined;
  } catch (error) {
    const failure = deps.toFailure(error, { family: course.family, operation: 'createLineItem' });
    if (!failure) throw error;
    if (provesThatNoneCame(failure)) await lineItems.endReservation(id);
    else if (failureOf(failure.type).retryable) {
      await reading.noteFailure(failure);
      const rest = await lineItems.failLook({ context: course.id, type: failure.type, restMs });
      return waiting(rest);
    }
    return afterFailure(deps, work, { failure, key, lineItem: id });
  }
}

async function afterFailure(
  deps: EnsureLineItemsDeps,
  work: Work,
  { failure, key, lineItem }: { failure: Failure; key: UsableKey; lineItem: string | null },
): Promise<End | 'tryNextKey' | undefined> {
  const { course, reading } = work;
  await reading.noteFailure(failure);
  const { consequence, restMs } = judgeFailure(failure, { tries: 0, failsAlone: false }, 0);
  if (consequence.kind === 'keyRejected') {
    work.keys = work.keys.filter((other) => other !== key);
    await deps.keys.markRejected(key);
    if (work.keys.length > 0) return 'tryNextKey';
    await deps.contexts.park({
      ...{ context: course.id, type: 'ServiceKeyRejected', detail: null, probeAfterMs: FIRST_PROBE_MS },
    });
    return { outcome: 'parked', reason: 'ServiceKeyRejected', delayMs: null };
  }
  if (consequence.kind === 'contextParked') {
    const { type, detail, probeAfterMs } = consequence;
    await deps.contexts.park({ context: course.id, type, detail, probeAfterMs });
    return { outcome: 'parked', reason: type, delayMs: null };
  }
  if (!failureOf(failure.type).retryable && lineItem !== null) {
    await park(deps, lineItem, failure.type, failure.excerpt ?? null);
    return undefined;
  }
  const rest = await deps.lineItems.failLook({
    ...{ context: course.id, type: failure.type, restMs: Math.max(restMs, RETRY_MS) },
  });
  return waiting(rest);
}

async function park(
  { contexts }: Pick<EnsureLineItemsDeps, 'contexts'>,
  lineItem: string,
  type: string,
  detail: string | null,
): Promise<void> {
  await contexts.parkColumn({ lineItem, type, detail, probeAfterMs: FIRST_PROBE_MS });
}
