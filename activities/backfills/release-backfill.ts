import { setTimeout as delay } from 'node:timers/promises';
import type { CourseOfQueue } from '../../db/scores/queue.js';
import type { ActivityDeps } from '../deps.js';
import { isForGood } from '../guards/end-refusals.js';
import { withOwnHeartbeat } from '../guards/with-heartbeat.js';
import { getProgress, wakeThoseBehind, type BackfillInput, type BackfillProgress } from './preview-backfill.js';

/** Of released and unfinished scores a platform has enough for so many seconds, so that it never waits for us. */
const AHEAD_SECONDS = 20;
const LEAST_AHEAD = 200;
/** Taking back so many is one statement of well under a second. */
const MOST_AHEAD = 4_000;
const PAGE = 2_000;
/** One attempt stays short, so that deploys drain quickly; the workflow comes again. */
const BUDGET_MS = 45_000;
const SHORT_REST_MS = 400;
const LONG_REST_MS = 4_000;

export interface ReleaseInput extends BackfillInput {
  /** The state that its workflow shows. */
  shown: BackfillProgress['state'];
}

export type ReleaseDeps = Pick<
  ActivityDeps,
  'backfills' | 'wakeAll' | 'wakeBackfill' | 'isDraining' | 'refusalCode' | 'isRefusalOfData'
>;

/**
 * Makes the scores of a backfill due, a little ahead of what the platforms take, and notes what became of them. Safe to
 * repeat and to run twice at once: each page is one transaction that looks at the backfill's state, and a line leaves
 * its state once. Paused or cancelled, it takes back what was not sent, until no call is under way. What PostgreSQL refuses
 * for good breaks the backfill off as failed: to try again for ever would tell nobody.
 */
export function createReleaseBackfill(deps: ReleaseDeps): (input: ReleaseInput) => Promise<BackfillProgress> {
  const work = async ({ backfill, shown }: ReleaseInput, signal: AbortSignal): Promise<BackfillProgress> => {
    const until = performance.now() + BUDGET_MS;
    const pace = createPace();
    let restMs = SHORT_REST_MS;
    for (;;) {
      const before = await getProgress(deps.backfills, backfill, 0);
      const open = await workOrBreakOff(deps, backfill, before, pace);
      const progress = await getProgress(deps.backfills, backfill, open);
      await wakeThoseBehind(deps, backfill, progress);
      // The workflow shows a decision when this ends: at once, and not when the time is up.
      const goesOn = progress.state === shown && (progress.state === 'releasing' || open > 0);
      if (!goesOn || deps.isDraining() || performance.now() > until) return progress;
      const hasMoved = progress.unsent !== before.unsent;
      restMs = hasMoved ? SHORT_REST_MS : Math.min(restMs * 1.5, LONG_REST_MS);
      await delay(restMs, undefined, { signal });
    }
  };
  return (input) => withOwnHeartbeat((signal) => work(input, signal));
}

async function workOrBreakOff(
  deps: ReleaseDeps,
  backfill: string,
  before: BackfillProgress,
  pace: Pace,
): Promise<number> {
  try {
    const open = await workOnce(deps, backfill, before, pace);
    await deps.backfills.finish(backfill);
    return open;
  } catch (error) {
    const code = deps.refusalCode(error);
    if (code === undefined || !isForGood(deps, code)) throw error;
    await deps.backfills.breakOff(backfill, code);
    return 0;
  }
}

async function workOnce(deps: ReleaseDeps, id: string, { state }: BackfillProgress, pace: Pace): Promise<number> {
  const { backfills } = deps;
  if (state === 'paused' || state === 'cancelling') {
    await backfills.withdraw(id);
    return (await backfills.noteOutcomes(id)).open;
  }
  const { open } = await backfills.noteOutcomes(id);
  if (state !== 'releasing') return open;
  if (open > 0) await backfills.withdraw(id, { onlyParked: true });
  const perSecond = (await backfills.getStatus(id))?.perSecond ?? null;
  const contexts = new Map<string, CourseOfQueue>();
  for (const { deployment, hasPending, unfinished, perSecond: bears } of await backfills.listQueues(id)) {
    if (!hasPending) continue;
    const ahead = Math.min(Math.max(Math.ceil(bears * AHEAD_SECONDS), LEAST_AHEAD), MOST_AHEAD);
    const limit = Math.min(pace.allow(perSecond), ahead - unfinished, PAGE);
    // Many small pages would wake a course for a few scores each.
    if (limit < 1 || limit < Math.min(ahead / 4, perSecond ?? Infinity)) continue;
    const released = await backfills.releasePage({ backfill: id, deployment, limit });
    pace.note(released.lines);
    for (const context of released.contexts) contexts.set(context.context, context);
  }
  await deps.wakeAll([...contexts.values()].map((context) => ({ ...context, trigger: 'backfill' })));
  return (await backfills.noteOutcomes(id)).open;
}

interface Pace {
  /** How many may be released now. */
  allow(perSecond: number | null): number;
  note(released: number): void;
}

/** A bucket that starts with one second's worth and holds two at most, so that a new attempt is no burst. */
function createPace(): Pace {
  let tokens: number | undefined;
  let at = performance.now();
  return {
    allow(perSecond) {
      if (perSecond === null) return Infinity;
      const now = performance.now();
      tokens = Math.min((tokens ?? perSecond) + ((now - at) / 1_000) * perSecond, perSecond * 2);
      at = now;
      return Math.floor(tokens);
    },
    note(released) {
      if (tokens !== undefined) tokens -= released;
    },
  };
}
