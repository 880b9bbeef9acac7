import { durationMs, ValueError, type Parse } from './parse.js';

const DAY_MS = 86_400_000;
const MOST_MS = 36_500 * DAY_MS;
/** Repetitions of an event are known for thirty days; the rest is looked at for a while. */
const LEAST_DAYS = { events: 30, members: 1, drifts: 1, lines: 7, runs: 7, audit: 30 } as const;
const CLASSES = Object.keys(LEAST_DAYS).join(', ');

/** In milliseconds, by class of what is kept. */
export type RetentionMs = Record<keyof typeof LEAST_DAYS, number>;

/** What each class is without a word of the operator's. */
const RETENTION_DEFAULT = 'events=30 d, members=400 d, drifts=400 d, lines=400 d, runs=400 d, audit=2555 d';

export const RETENTION_WORDS = { default: RETENTION_DEFAULT, unit: '<class>=<time>, comma between several' };

/** `<class>=<length of time>` with commas between several; classes that are not named keep their default. */
export const retention: Parse<Readonly<RetentionMs>> = (value) => {
  const kept: RetentionMs = { events: 0, members: 0, drifts: 0, lines: 0, runs: 0, audit: 0 };
  take(RETENTION_DEFAULT, kept);
  take(value, kept);
  return kept;
};

function take(value: string, kept: RetentionMs): void {
  const named = new Set<string>();
  for (const entry of value.split(',')) {
    const [name = '', length = '', ...more] = entry.split('=').map((part) => part.trim());
    if (!isClass(name) || named.has(name) || more.length > 0) {
      throw new ValueError(`must be <class>=<length of time>, each class once, of ${CLASSES}`);
    }
    named.add(name);
    kept[name] = durationMs('s', LEAST_DAYS[name] * DAY_MS, MOST_MS)(length);
  }
}

function isClass(name: string): name is keyof typeof LEAST_DAYS {
  return Object.hasOwn(LEAST_DAYS, name);
}
