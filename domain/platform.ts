/**
 * Platform: an LMS registration in LTIAAS, named by `platform.id` of the id token. One registration may serve several
 * institutions (Blackboard), told apart by `deploymentId`.
 */

/** The LMS products whose behaviour we know; `unknown` has its own careful defaults. */
export const LMS_FAMILIES = [
  'canvas',
  'moodle',
  'blackboard',
  'd2l',
  'schoology',
  'sakai',
  'openedx',
  'unknown',
] as const;
export type LmsFamily = (typeof LMS_FAMILIES)[number];

export function isLmsFamily(name: string): name is LmsFamily {
  return LMS_FAMILIES.some((family) => family === name);
}

/**
 * What shares one limit and one breaker, a gate: all deployments of a platform, or each for itself. Canvas counts by client
 * id, whose deployments are courses or accounts of one Canvas; one Blackboard registration serves many institutions.
 */
export type LimitBy = 'platform' | 'deployment';

export function limitByOf(family: LmsFamily): LimitBy {
  return family === 'blackboard' ? 'deployment' : 'platform';
}

/** How many calls may be under way at once through one gate, and how many may begin per second (null: unlimited). */
export interface PlatformLimits {
  inFlightMax: number;
  ratePerSecond: number | null;
}

/**
 * Starting limits by family. Canvas fills its throttling bucket at about eleven calls in flight whatever they cost
 * (canvas-lms request_throttle.rb), and shares the bucket between all courses of a key. D2L documents 50,000 credits a
 * minute at ten a call. The others publish nothing: eight is what a busy teacher's browser also opens.
 */
export const DEFAULT_LIMITS: Readonly<Record<LmsFamily, PlatformLimits>> = {
  canvas: { inFlightMax: 4, ratePerSecond: null },
  moodle: { inFlightMax: 8, ratePerSecond: null },
  blackboard: { inFlightMax: 8, ratePerSecond: null },
  d2l: { inFlightMax: 10, ratePerSecond: 80 },
  schoology: { inFlightMax: 4, ratePerSecond: null },
  sakai: { inFlightMax: 4, ratePerSecond: null },
  openedx: { inFlightMax: 4, ratePerSecond: null },
  unknown: { inFlightMax: 4, ratePerSecond: null },
};
