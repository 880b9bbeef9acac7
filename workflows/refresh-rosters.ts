import { continueAsNew } from '@temporalio/workflow';
import type { RunSummary } from '../domain/run.js';
import { ROSTER_SCHEDULE_ID } from './names.js';
import { runPass, type PassInput, type SecondPass } from './pass.js';

/** Reads the rosters of all courses again, those first that were read longest ago. */
export async function refreshRostersWorkflow(input: PassInput): Promise<RunSummary | SecondPass> {
  const pass = await runPass({ kind: 'rosters', scheduleId: ROSTER_SCHEDULE_ID, input });
  if ('summary' in pass) return pass.summary;
  return continueAsNew<typeof refreshRostersWorkflow>({ ...input, carried: pass.carried });
}
