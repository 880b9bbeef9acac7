import { parseArgs } from 'node:util';
import { wholeNumber, wholeNumbers } from './flags.js';

/** What `bench submit` measures. */
export interface SubmitOptions {
  scores: number;
  /** Courses that the scores are spread over evenly, one shape after the other. */
  courses: number[];
  /** Calls under way at once: of the bare loop, and what the platform allows Passback. */
  inFlight: number;
  /** How long the stub takes for one answer, in milliseconds, one shape after the other. */
  delaysMs: number[];
  /** How often the whole is measured; the worker goes on between, so all but the first are warm. */
  runs: number;
  /** Counts what Temporal Cloud would bill, which takes some ten seconds a run. */
  countsActions: boolean;
  /** Folder for CPU profiles of the worker; undefined: none are taken. */
  profile: string | undefined;
}

export const SUBMIT_USAGE =
  'submit [--scores 10000] [--courses 50,500] [--in-flight 64] [--delay 20,0 (ms)] [--runs 1] [--actions] [--profile <folder>]';

/** Reads the flags. @throws Error that names the flag when one is unknown or not a number that makes sense */
export function parseSubmitOptions(args: readonly string[]): SubmitOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scores: { type: 'string', default: '10000' },
      courses: { type: 'string', default: '50' },
      'in-flight': { type: 'string', default: '64' },
      delay: { type: 'string', default: '20' },
      runs: { type: 'string', default: '1' },
      actions: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  });
  const options = {
    scores: wholeNumber('--scores', values.scores, 1),
    courses: wholeNumbers('--courses', values.courses, 1),
    inFlight: wholeNumber('--in-flight', values['in-flight'], 1),
    delaysMs: wholeNumbers('--delay', values.delay, 0),
    runs: wholeNumber('--runs', values.runs, 1),
    countsActions: values.actions,
    profile: values.profile,
  };
  if (Math.max(...options.courses) > options.scores) throw new Error('--courses: no more than there are scores');
  return options;
}
