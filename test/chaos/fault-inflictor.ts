import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxControl } from '../../sandbox/control-client.js';
import type { PlatformPatch } from '../../sandbox/types.js';
import type { Course } from './courses.js';
import type { Death, Episode, FaultPlan } from './fault-plan.js';

/** An episode as it was; instants are milliseconds of the epoch. */
export interface Suffered extends Episode {
  fromMs: number;
  toMs: number;
}

/** A course that has ended, or a column that is gone, since then. */
export interface Died extends Death {
  contextId: string;
  /** Null: the whole course. */
  lineItemId: string | null;
  sinceMs: number;
}

export interface Inflicted {
  suffered: Suffered[];
  died: Died[];
}

const EVERYWHERE = { fixedMs: 4, jitterMs: 20 };

/** Lets calls take a moment, and single ones go wrong by the plan, until `clearFaults` of the sandbox. */
export async function beginFaults(control: SandboxControl, { rules }: FaultPlan): Promise<void> {
  await control.setLatency([EVERYWHERE]);
  for (const rule of rules) await control.addFault(rule);
}

/** Carries out what the plan has in store for platforms, courses and columns; resolves when the last episode is over. */
export async function inflict(
  control: SandboxControl,
  { episodes, deaths }: FaultPlan,
  {
    courses,
    callTimeoutMs,
    onFault,
  }: { courses: readonly Course[]; callTimeoutMs: number; onFault: (text: string) => void },
): Promise<Inflicted> {
  const beganAt = performance.now();
  const until = (atMs: number): Promise<void> => delay(Math.max(0, atMs - (performance.now() - beganAt)));
  const [suffered, died] = await Promise.all([
    Promise.all(
      episodes.map(async (episode): Promise<Suffered> => {
        const { kind, platformId, atMs, forMs } = episode;
        await until(atMs);
        onFault(`${platformId} is ${kind === 'error' ? 'out' : kind} for ${forMs} ms`);
        const fromMs = Date.now();
        await begin(control, episode, callTimeoutMs);
        await delay(forMs);
        const toMs = Date.now();
        await end(control, episode);
        return { ...episode, fromMs, toMs };
      }),
    ),
    Promise.all(
      deaths.map(async (death): Promise<Died> => {
        await until(death.atMs);
        const died = await kill(control, death, courses);
        onFault(`${died.contextId} ${death.kind === 'course' ? 'has ended' : 'has lost a column'}`);
        return died;
      }),
    ),
  ]);
  return { suffered, died };
}

async function begin(
  control: SandboxControl,
  { kind, platformId, forMs }: Episode,
  callTimeoutMs: number,
): Promise<void> {
  if (kind === 'stalled') {
    // Half of it passes before a call takes effect: after the caller has given up.
    return await control.setLatency([EVERYWHERE, { platformId, fixedMs: callTimeoutMs * 3 }]);
  }
  const refusingAll = { ratePerSecond: 0.001, burst: 1, retryAfterSeconds: Math.ceil(forMs / 1_000) };
  const patch: PlatformPatch = kind === 'throttled' ? { limits: refusingAll } : { outage: kind };
  await control.updatePlatform({ platformId }, patch);
}

async function end(control: SandboxControl, { kind, platformId }: Episode): Promise<void> {
  if (kind === 'stalled') return await control.setLatency([EVERYWHERE]);
  await control.updatePlatform({ platformId }, kind === 'throttled' ? { limits: null } : { outage: 'none' });
}

/** The second of the columns that exist from the beginning is the one that goes. */
const DOOMED_COLUMN = 'midterm';

async function kill(control: SandboxControl, death: Death, courses: readonly Course[]): Promise<Died> {
  const { platformId, contextId } = courses[death.course] ?? {};
  if (platformId === undefined || contextId === undefined) throw new RangeError(`There is no course ${death.course}.`);
  const ref = { platformId, contextId };
  if (death.kind === 'course') {
    await control.updateContext(ref, { concluded: true });
    return { ...death, contextId, lineItemId: null, sinceMs: Date.now() };
  }
  const { lineItems } = await control.getContext(ref);
  const column = lineItems.find(({ resourceId }) => resourceId === DOOMED_COLUMN);
  if (column === undefined) throw new Error(`${contextId} has no ${DOOMED_COLUMN}.`);
  await control.updateLineItem(column.id, { deleted: true });
  return { ...death, contextId, lineItemId: column.id, sinceMs: Date.now() };
}

/** Brings courses and columns back in their LMS, and has each course launched again, which is what they wait for. */
export async function revive(
  control: SandboxControl,
  died: readonly Died[],
  launch: (ltik: string) => Promise<void>,
): Promise<void> {
  for (const { platformId, contextId, lineItemId } of died) {
    const ref = { platformId, contextId };
    if (lineItemId === null) await control.updateContext(ref, { concluded: false });
    else await control.updateLineItem(lineItemId, { deleted: false });
    await launch((await control.createLaunch(ref)).ltik);
  }
}
