import { DEDUPE_DAYS } from './webhook-source.js';

const DAY_MS = 86_400_000;

/**
 * What is kept for a time and no longer, by class, and for how long unless somebody says otherwise, in milliseconds. The
 * evidence of calls, by weeks, is the class `attempts`, which has a setting of its own.
 */
export const RETENTION_DEFAULTS = {
  /** Webhook events and references that are over; a repeated event is known by its id for as long. */
  events: DEDUPE_DAYS * DAY_MS,
  /** Members who have left, and who came, left or changed roles. */
  members: 400 * DAY_MS,
  /** Differences of gradebooks that have ended. */
  drifts: 400 * DAY_MS,
  /** Lines and faults of backfills that are over; an older one can no longer be undone. */
  lines: 400 * DAY_MS,
  /** Runs, and what operators did to many rows. */
  runs: 400 * DAY_MS,
  /** Audit entries, and requests for persons without a tombstone. */
  audit: 2_555 * DAY_MS,
} as const;

export type RetentionClass = keyof typeof RETENTION_DEFAULTS;
export type Retention = Readonly<Record<RetentionClass, number>>;

export const RETENTION_CLASSES = Object.keys(RETENTION_DEFAULTS).filter(
  (name): name is RetentionClass => name in RETENTION_DEFAULTS,
);
