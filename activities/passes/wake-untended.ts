import type { ActivityDeps } from '../deps.js';

/** Gates, courses and probes served by one activity; a sweep comes again while there are more. */
const PAGE_SIZE = 200;

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
  /** Runs of single requests are under way, which nobody else ends. */
  hasOpenSyncs: boolean;
}

export type WakeUntendedDeps = Pick<ActivityDeps, 'queue' | 'rewaker' | 'syncRuns'>;

/**
 * Starts or wakes the sender of every gate that has something ready and that nobody tends, lets one score go for each
 * thing that is to be tried again, and asks for columns that scores still want. Safe to repeat: waking a living workflow
 * coalesces with the first, and only one whose workflow fails again and again is replaced. One that cannot be woken stops none of the others.
 */
export function createWakeUntended(deps: WakeUntendedDeps): (input: WakeUntendedInput) => Promise<WakeUntendedResult> {
  const { queue, rewaker, syncRuns } = deps;
  return async ({ after }) => {
    let failed = after === null ? await careForCourses(deps) : 0;
    const gates = await queue.listUntended({ after, limit: PAGE_SIZE });
    for (const { gate, run, isOverdue } of gates) {
      await rewaker.rewakeSender({ gate, trigger: 'sweep', ...(run !== null && { run }) }, { isOverdue }).catch(() => {
        failed += 1;
      });
    }
    return {
      ...{ woken: gates.length - failed, failed },
      after: gates.length === PAGE_SIZE ? (gates.at(-1)?.gate ?? null) : null,
      hasOpenSyncs: await syncRuns.hasOpen(),
    };
  };
}

async function careForCourses({ queue, rewaker }: WakeUntendedDeps): Promise<number> {
  await queue.releaseProbes(PAGE_SIZE);
  let failed = 0;
  for (const { context, deployment, isOverdue } of await queue.listWantingColumns(PAGE_SIZE)) {
    const request = { context, deployment, trigger: 'sweep', lineItems: true } as const;
    await rewaker.rewakeCourse(request, { isOverdue }).catch(() => {
      failed += 1;
    });
  }
  return failed;
}
