import type { FaultAction, FaultRule, FamilyName, RouteName } from '../../sandbox/types.js';
import { FAMILIES, type LmsPlan } from './courses.js';
import { createRandom, type Random } from './random.js';

/** What an LMS of the campaign suffers from; two suffer nothing, and must not notice the others. */
export const TROUBLES = ['outages', 'throttling', 'resets', 'deaths', 'none', 'none'] as const;
export type Trouble = (typeof TROUBLES)[number];

export interface SickLms extends LmsPlan {
  trouble: Trouble;
}

/**
 * What a whole platform goes through for a while.
 * - `error`, `unreachable`, `silent`: an outage, as the sandbox tells them apart.
 * - `throttled`: every call is refused with a `Retry-After` that ends when the episode does.
 * - `stalled`: calls take effect after their callers have given up on them.
 */
export type EpisodeKind = 'error' | 'unreachable' | 'silent' | 'throttled' | 'stalled';
const OTHER_OUTAGES = ['unreachable', 'silent'] as const;

export interface Episode {
  kind: EpisodeKind;
  platformId: string;
  /** In milliseconds from the beginning of the load. */
  atMs: number;
  forMs: number;
}

/** A course that ends in its LMS, or a column that is deleted there. Both come back when the load is over. */
export interface Death {
  kind: 'course' | 'column';
  platformId: string;
  /** Its place among all courses of the campaign. */
  course: number;
  atMs: number;
}

export interface FaultPlan {
  lmses: SickLms[];
  episodes: Episode[];
  deaths: Death[];
  /** What single calls meet, all the time. */
  rules: FaultRule[];
}

export interface FaultPlanOptions {
  seed: number;
  durationMs: number;
  /** Of each LMS. */
  courses: number;
  /** Of a call to LTIAAS: what takes longer has an unknown outcome. */
  callTimeoutMs: number;
}

/** Which LMS goes through what, and when: the same options give the same plan. */
export function planFaults(options: FaultPlanOptions): FaultPlan {
  const { seed, courses } = options;
  const random = createRandom(seed, 'faults');
  const families = random.shuffle([...FAMILIES, ...FAMILIES]);
  const lmses = TROUBLES.map((trouble, place): SickLms => {
    const family: FamilyName = families[place] ?? 'canvas';
    return { platformId: `lms-${place + 1}-${family}`, family, courses, trouble };
  });
  const idOf = (trouble: Trouble): string => lmses.find((lms) => lms.trouble === trouble)?.platformId ?? '';
  const firstCourse = lmses.findIndex(({ trouble }) => trouble === 'deaths') * courses;
  return {
    lmses,
    episodes: [
      ...planOutages(idOf('outages'), random, options),
      ...planThrottling(idOf('throttling'), random, options),
      ...planStalls(idOf('resets'), random, options),
    ].toSorted((one, other) => one.atMs - other.atMs),
    deaths: planDeaths(idOf('deaths'), firstCourse, random, options),
    rules: planRules(idOf('resets'), options),
  };
}

/** Each has time to be over, with the longest rest that it can have caused, before the next one comes. */
function planOutages(platformId: string, random: Random, { durationMs }: FaultPlanOptions): Episode[] {
  const kinds = ['error' as const, ...random.shuffle(OTHER_OUTAGES)];
  return slots(durationMs, 130_000).map(({ fromMs, forMs }, place) => ({
    ...{ kind: kinds[place % kinds.length] ?? 'error', platformId },
    atMs: fromMs + random.whole(500, Math.round(forMs * 0.15)),
    forMs: random.whole(Math.round(Math.min(forMs * 0.25, 20_000)), Math.round(Math.min(forMs * 0.4, 50_000))),
  }));
}

function planThrottling(platformId: string, random: Random, { durationMs }: FaultPlanOptions): Episode[] {
  return slots(durationMs, 30_000).map(({ fromMs, forMs }) => ({
    ...{ kind: 'throttled', platformId },
    atMs: fromMs + random.whole(500, Math.round(forMs * 0.3)),
    forMs: random.whole(4, 12) * 1_000,
  }));
}

function planStalls(platformId: string, random: Random, { durationMs }: FaultPlanOptions): Episode[] {
  return slots(durationMs, 60_000).map(({ fromMs, forMs }) => ({
    ...{ kind: 'stalled', platformId },
    atMs: fromMs + random.whole(500, Math.round(forMs * 0.5)),
    forMs: random.whole(500, 1_500),
  }));
}

/** A third of the courses end, and another third lose a column, while scores for them keep coming. */
function planDeaths(platformId: string, firstCourse: number, random: Random, options: FaultPlanOptions): Death[] {
  const { courses, durationMs } = options;
  const some = random.shuffle(Array.from({ length: courses }, (_, place) => firstCourse + place));
  const count = Math.floor(courses / 3);
  return some.slice(0, count * 2).map((course, place) => ({
    ...{ kind: place < count ? 'course' : 'column', platformId, course },
    atMs: Math.round(durationMs * (0.1 + random.next() * 0.5)),
  }));
}

/** Each of it passes by itself, and together it is less than what a breaker opens at. */
function planRules(platformId: string, { seed, callTimeoutMs }: FaultPlanOptions): FaultRule[] {
  const late = { kind: 'slow', delayMs: callTimeoutMs * 1.5 } as const;
  const troubles: readonly [route: RouteName, chance: number, action: FaultAction, times?: number][] = [
    ['submitScore', 0.03, { kind: 'drop' }],
    ['submitScore', 0.03, { kind: 'applyThenDrop' }],
    ['submitScore', 0.02, { kind: 'truncated' }],
    ['submitScore', 0.005, { kind: 'hang' }],
    ['submitScore', 0.005, { kind: 'applyThenHang' }],
    ['submitScore', 0.01, late],
    ['submitScore', 0.01, { kind: 'applyThenStatus', status: 502 }],
    ['submitScore', 0.01, { kind: 'html', status: 502 }],
    ['results', 0.05, { kind: 'drop' }],
    ['results', 0.05, { kind: 'truncated' }],
    ['results', 0.02, late],
    ['lineItems', 0.2, { kind: 'truncated' }],
    ['createLineItem', 1, { kind: 'applyThenDrop' }, 1],
    ['createLineItem', 0.2, { kind: 'drop' }, 3],
  ];
  return troubles.map(([route, probability, action, times], place) => ({
    ...{ match: { route, platformId }, probability, seed: seed * 100 + place, action },
    ...(times !== undefined && { times }),
  }));
}

/** As many equal parts of the time as are about so long, and one at least. */
function slots(durationMs: number, aboutMs: number): { fromMs: number; forMs: number }[] {
  const count = Math.max(1, Math.round(durationMs / aboutMs));
  const forMs = durationMs / count;
  return Array.from({ length: count }, (_, place) => ({ fromMs: Math.round(place * forMs), forMs }));
}
