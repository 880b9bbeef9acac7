/** Wait: what keeps a score that is not at its end from the gradebook at this moment, the largest thing first. */

/**
 * - `answer`: its call is under way.
 * - `enrolment`, `decision`: held by the roster, or until somebody decides.
 * - `nightlyRun`: it came for the next nightly run.
 * - `platformPaused`, `deploymentPaused`, `contextPaused`: somebody paused it by hand.
 * - `contextParked`, `lineItemParked`: course or column are set aside.
 * - `launch`: no service key of the course can send scores.
 * - `platform`: the LMS is down, or asked for a pause.
 * - `rest`: it rests after a failure that passes.
 * - `readBack`: its last call may or may not have been applied.
 * - `lineItem`: its column has no id in the LMS yet.
 * - `turn`: nothing stands in its way, and others go first.
 */
export const WAIT_REASONS = [
  ...([
    'answer',
    'enrolment',
    'decision',
    'nightlyRun',
    'platformPaused',
    'deploymentPaused',
    'contextPaused',
  ] as const),
  ...(['contextParked', 'lineItemParked', 'launch'] as const),
  ...(['platform', 'rest', 'readBack', 'lineItem', 'turn'] as const),
] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

export interface Wait {
  reason: WaitReason;
  /** The kind of failure behind it, of `domain/failure.ts`; null where it is none. */
  type: string | null;
  /** The words of whoever paused it by hand; else null. */
  note: string | null;
  since: string | null;
  /** When it goes on without anybody doing anything, later than now; null: at any moment, or an event must come. */
  until: string | null;
}

/** Somebody paused it by hand, so that only time or a person ends it. */
export const isPauseReason = (reason: string): boolean => /^(platform|deployment|context)Paused$/.test(reason);
