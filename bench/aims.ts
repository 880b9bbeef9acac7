/** What a figure is to reach: at least, or at most. */
export type Aim = { atLeast: number } | { atMost: number };

/**
 * The aims, by the name of the figure; what is not here is shown without one. Figures with ÷ are ratios to a ceiling
 * that was taken in the same run, and hold on any machine; the others hold for two cores shared by everything.
 */
export const AIMS: Readonly<Record<string, Aim>> = {
  'submit, 20 ms, 50 courses ÷ bare loop': { atLeast: 0.95 },
  'submit, 20 ms, 500 courses ÷ bare loop': { atLeast: 0.9 },
  'submit, 0 ms, 50 courses ÷ bare loop': { atLeast: 0.5 },
  'submit, 0 ms, 500 courses ÷ bare loop': { atLeast: 0.5 },
  'CPU s per 1,000, 20 ms, 50 courses': { atMost: 0.2 },
  'CPU s per 1,000, 20 ms, 500 courses': { atMost: 0.2 },
  'Temporal actions per 1,000, 20 ms, 50 courses': { atMost: 5 },
  'worker, peak MB': { atMost: 250 },
  'faults: 2 % 503, 1 % 429 ÷ bare loop': { atLeast: 0.9 },
  'kill -9: calls repeated': { atMost: 0 },
  'kill -9: s from restart until all recorded': { atMost: 6 },
  'single score, p50 ÷ empty workflow': { atMost: 2 },
  'ingest ÷ COPY': { atLeast: 0.4 },
  'webhooks, p99 ms': { atMost: 50 },
  'claim, large ÷ small': { atMost: 1.3 },
  'sweep, large ÷ small': { atMost: 1.3 },
  'sweep: probes, large ÷ small': { atMost: 1.3 },
  'sweep: columns, large ÷ small': { atMost: 1.3 },
  "night's line, large ÷ small": { atMost: 1.3 },
  "night's pick, large ÷ small": { atMost: 1.3 },
  'list of rejected, large ÷ small': { atMost: 1.3 },
  // A key that is limited sees its lists about as soon as one that is not.
  'scores, limited to platforms ÷ unlimited': { atMost: 1.3 },
  'scores, limited to deployments ÷ unlimited': { atMost: 1.3 },
  'due scores, limited to platforms ÷ unlimited': { atMost: 1.3 },
  'due scores, limited to deployments ÷ unlimited': { atMost: 1.3 },
  'courses, limited to platforms ÷ unlimited': { atMost: 1.3 },
  'courses, limited to deployments ÷ unlimited': { atMost: 1.3 },
  'encrypted values, read and opened ÷ read': { atMost: 3 },
  'console: overview, p95 ms': { atMost: 300 },
  'console: find a student, p95 ms': { atMost: 150 },
  'console: find a course, p95 ms': { atMost: 150 },
  'console: find an id, p95 ms': { atMost: 150 },
  'console: story, p95 ms': { atMost: 50 },
  'console: triage, p95 ms': { atMost: 300 },
  // No list without an end: what is longer than a page is read on.
  'console: largest page, kB': { atMost: 300 },
  'console: database time of ten viewers ÷ of one': { atMost: 1.3 },
  // The courses without work shall cost nothing: what is above 1 is the noise that is allowed.
  'night: actions ÷ those of its courses with work': { atMost: 1.1 },
  'night: seconds ÷ those of its courses with work': { atMost: 1.25 },
  'roster: heap growth, MB': { atMost: 4 },
};

export function aimOf(name: string): Aim | undefined {
  return AIMS[name];
}
