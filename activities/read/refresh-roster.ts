import { ApplicationFailure, Context, log } from '@temporalio/activity';
import type { Caused } from '../../domain/cause.js';
import { failureOf } from '../../domain/failure.js';
import type { UsableKey } from '../../db/courses/usable-keys.js';
import type { ActivityDeps } from '../deps.js';
import { getCourse } from '../guards/get-course.js';
import { listKeys } from '../guards/list-keys.js';
import { withHeartbeat } from '../guards/with-heartbeat.js';
import {
  createPlatformReading,
  PlatformRestsError,
  type PlatformReading,
  type ReadingDeps,
} from './platform-reading.js';
import type { RosterReadOutcome } from '../../db/courses/rosters.js';

export interface RefreshRosterInput extends Caused {
  /** Our uuid of the context. */
  context: string;
}

export interface RefreshRosterResult extends RosterReadOutcome {
  /**
   * `complete`: every page was read and understood. `partial`: nobody's absence is proven, so only who was listed is
   * taken over. `unavailable`: nothing was read to its end, and nothing changed.
   */
  outcome: 'complete' | 'partial' | 'unavailable';
  reason: string | null;
  /** Members who were erased, and were left out. */
  erased: number;
}

export type RefreshRosterDeps = ReadingDeps &
  Pick<ActivityDeps, 'contexts' | 'keys' | 'ltiaas' | 'toFailure' | 'rosters' | 'wakeAll'>;

const NOTHING: RosterReadOutcome & { erased: number } = {
  ...{ seen: 0, joined: 0, left: 0, returned: 0, roleChanged: 0, released: 0, refused: [], erased: 0 },
};

/**
 * Reads one roster, all pages or nothing: they are kept aside until the last one is there, and taken over at once. Safe
 * to repeat, and to run beside a forgotten attempt of itself: each read has its own number, and only the newest counts.
 * @throws ApplicationFailure of the failure's type, to be retried, when the reason passes by itself.
 */
export function createRefreshRoster(
  deps: RefreshRosterDeps,
): (input: RefreshRosterInput) => Promise<RefreshRosterResult> {
  return async ({ context }) => {
    const activityContext = Context.current();
    const course = await getCourse(deps, context);
    const signal = activityContext.cancellationSignal;
    const reading = createPlatformReading(deps, { gate: course.gate, context, signal });
    const listed = await listKeys(deps, context, 'namesAndRoles');
    let reason: string = listed.reason;
    for (const key of listed.keys) {
      try {
        const result = await withHeartbeat(
          () => activityContext.heartbeat(),
          () => readRoster(deps, reading, { context, key, signal, pool: course.gate }),
        );
        if (result.released > 0) {
          await deps.wakeAll([{ context, deployment: course.deployment, gate: course.gate, trigger: 'nightly' }]);
        }
        return result;
      } catch (error) {
        if (error instanceof PlatformRestsError) return { outcome: 'unavailable', reason: error.reason, ...NOTHING };
        const failure = deps.toFailure(error, { family: course.family, operation: 'listMemberships' });
        if (!failure) throw error;
        await reading.noteFailure(failure);
        const { retryable, sentence } = failureOf(failure.type);
        if (retryable) throw ApplicationFailure.retryable(sentence, failure.type);
        reason = failure.type;
        if (failure.type !== 'ServiceKeyRejected') break;
        await deps.keys.markRejected(key);
      }
    }
    return { outcome: 'unavailable', reason, ...NOTHING };
  };
}

async function readRoster(
  { ltiaas, rosters }: RefreshRosterDeps,
  reading: PlatformReading,
  { context, key, signal, pool }: { context: string; key: UsableKey; signal: AbortSignal; pool: string },
): Promise<RefreshRosterResult> {
  const read = await rosters.beginRead(context);
  const pages = ltiaas.membershipPages({ serviceKey: key.serviceKey, signal, pool })[Symbol.asyncIterator]();
  let listed = 0;
  let skipped = 0;
  let gone = 0;
  for (let page = await reading.call(() => pages.next()); !page.done; page = await reading.call(() => pages.next())) {
    const { refused, erased } = await rosters.storePage({ context, read, members: page.value.members });
    warnOfRefused(refused);
    gone += erased;
    listed += page.value.members.length;
    skipped += page.value.skipped + refused.length;
  }
  await reading.noteSuccess();
  // Somebody whose entry could not be used is there all the same; and a course has a teacher at least, so an empty list
  // is no roster. Neither proves anybody's absence.
  const reason = skipped > 0 ? 'UnreadableAnswer' : listed === 0 ? 'RosterEmpty' : null;
  const outcome = await rosters.completeRead({ context, read, provesAbsence: reason === null });
  if (!outcome) return { outcome: 'partial', reason: 'newerRead', ...NOTHING };
  warnOfRefused(outcome.refused);
  return { outcome: reason === null ? 'complete' : 'partial', reason, erased: gone, ...outcome };
}

/** By their codes only: who it was is nobody's business. */
function warnOfRefused(codes: readonly string[]): void {
  if (codes.length > 0)
    log.warn(`PostgreSQL refused ${codes.length} members of a roster (${[...new Set(codes)].join(', ')}).`);
}
