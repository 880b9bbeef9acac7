import { parseArgs } from 'node:util';
import { wholeNumber } from './flags.js';

/** What `bench webhooks` measures. */
export interface WebhooksOptions {
  /** Events of one run, each for another cell of a gradebook. */
  events: number;
  /** Events that come in a second, evenly, whether the earlier ones were answered or not. */
  rate: number;
  courses: number;
  runs: number;
  /** Stands the worker still while events come, as if it ran on a machine of its own. */
  pauseWorker: boolean;
}

export const WEBHOOKS_USAGE =
  'webhooks [--events 4000] [--rate 200 (a second)] [--courses 20] [--runs 1] [--pause-worker]';

/** Reads the flags. @throws Error that names the flag when one is unknown or not a number that makes sense */
export function parseWebhooksOptions(args: readonly string[]): WebhooksOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      events: { type: 'string', default: '4000' },
      rate: { type: 'string', default: '200' },
      courses: { type: 'string', default: '20' },
      runs: { type: 'string', default: '1' },
      'pause-worker': { type: 'boolean', default: false },
    },
  });
  return {
    events: wholeNumber('--events', values.events, 1),
    rate: wholeNumber('--rate', values.rate, 1),
    courses: wholeNumber('--courses', values.courses, 1),
    runs: wholeNumber('--runs', values.runs, 1),
    pauseWorker: values['pause-worker'],
  };
}
