import { continueAsNew } from '@temporalio/workflow';
import type { RunSummary } from '../domain/run.js';
import { NIGHTLY_SCHEDULE_ID } from './names.js';
import { runPass, type PassInput, type SecondPass } from './pass.js';
import { pullAll } from './pull-all.js';

/**
 * The night: asks the score source, then wakes whatever has something due, least recently attempted first, a few of each
 * platform at a time, and ends when nothing moves any more.
 */
export async function nightlySyncWorkflow(input: PassInput): Promise<RunSummary | SecondPass> {
  const pass = await runPass({ kind: 'nightly', scheduleId: NIGHTLY_SCHEDULE_ID, input }, pullAll);
  if ('summary' in pass) return pass.summary;
  return continueAsNew<typeof nightlySyncWorkflow>({ ...input, carried: pass.carried });
}
