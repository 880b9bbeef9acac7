import type { ActivityDeps } from '../deps.js';

/** Gates, courses and probes served by one activity; a sweep comes again while there are more. */
const PAGE_SIZE = 200;
/** Signals on their way at once. */
const CONCURRENCY = 16;
/** A page goes on for so long at most, in milliseconds, well below what its activity has; the next begins where it ended. */
const PAGE_MS = 20_000;

export interface WakeUntendedInput {
  /** The gate that the last page ended with; null at first. */
  after: string | null;
}

export interface WakeUntendedResult {
  woken: number;
  /** What could not be woken: the others are, and the next sweep tries again. */
  failed: number;
  /** Where the next page begins; null after the last one. */
  after: string | null;
  /** The same for courses that want columns; null on every page but the first. */
  coursesAfter: string | null;
  /** Runs of single requests are under way, which nobody else ends. */
  hasOpenSyncs: boolean;
}

export interface SeekColumnsInput {
  /** The course that the last page ended with; null at first. */
  after: string | null;
}

export interface SeekColumnsResult {
  woken: number;
  failed: number;
  after: string | null;
}

export type WakeUntendedDeps = Pick<ActivityDeps, 'queue' | 'rewaker' | 'syncRuns' | 'clock'>;

/**
 * Starts or wakes the sender of every gate that has something ready and that nobody tends; at first it also lets one score
 * go for each thing that is to be tried again, and asks for columns that scores still want. Safe to repeat: waking a living
 * workflow coalesces with the first, and only one whose workflow fails again and again is replaced. One that cannot be woken
 * stops none of the others.
 */
export function createWakeUntended(deps: WakeUntendedDeps): (input: WakeUntendedInput) => Promise<WakeUntendedResult> {
  const { queue, rewaker, syncRuns, clock } = deps;
  const seekColumns = createSeekColumns(deps);
  return async ({ after }) => {
    let courses: SeekColumnsResult = { woken: 0, failed: 0, after: null };
    if (after === null) {
      const untilMs = clock.monotonicMs() + PAGE_MS;
      while ((await queue.releaseProbes(PAGE_SIZE)) >= PAGE_SIZE && clock.monotonicMs() < untilMs);
      courses = await seekColumns({ after: null });
    }
    const gates = await queue.listUntended({ after, limit: PAGE_SIZE });
    const { done, failed } = await wakeInTime(deps, gates, ({ gate, run, isOverdue }) =>
      rewaker.rewakeSender({ gate, trigger: 'sweep', ...(run !== null && { run }) }, { isOverdue }),
    );
    const isLast = done === gates.length && gates.length < PAGE_SIZE;
    return {
      ...{ woken: done - failed, failed: failed + courses.failed },
      after: isLast ? null : (gates[done - 1]?.gate ?? null),
      coursesAfter: courses.after,
      hasOpenSyncs: await syncRuns.hasOpen(),
    };
  };
}

/** Asks for the columns that scores of the next courses still want. Safe to repeat. */
export function createSeekColumns(
  deps: Pick<WakeUntendedDeps, 'queue' | 'rewaker' | 'clock'>,
): (input: SeekColumnsInput) => Promise<SeekColumnsResult> {
  const { queue, rewaker } = deps;
  return async (input) => {
    const { courses, after } = await queue.listWantingColumns({ ...input, limit: PAGE_SIZE });
    const { done, failed } = await wakeInTime(deps, courses, ({ context, deployment, isOverdue }) =>
      rewaker.rewakeCourse({ context, deployment, trigger: 'sweep', lineItems: true }, { isOverdue }),
    );
    const isCutOff = done < courses.length;
    return { woken: done - failed, failed, after: isCutOff ? (courses[done - 1]?.context ?? null) : after };
  };
}

/** In their order, as far as there is time; the first ones in any case. */
async function wakeInTime<T>(
  { clock }: Pick<WakeUntendedDeps, 'clock'>,
  all: readonly T[],
  wake: (one: T) => Promise<void>,
): Promise<{ done: number; failed: number }> {
  const untilMs = clock.monotonicMs() + PAGE_MS;
  let failed = 0;
  for (let done = 0; done < all.length;) {
    const some = all.slice(done, done + CONCURRENCY);
    await Promise.all(
      some.map((one) =>
        wake(one).catch(() => {
          failed += 1;
        }),
      ),
    );
    done += some.length;
    if (done === all.length || clock.monotonicMs() >= untilMs) return { done, failed };
  }
  return { done: 0, failed };
}
