import { tidyingUp } from './activity-options.js';

/** Once a day: tables for the evidence of the coming weeks are made, and those that are old enough are dropped. */
export async function upkeepWorkflow(): Promise<{ made: number; moved: number; dropped: number }> {
  return tidyingUp.keepUp.executeWithOptions({ summary: 'weeks of evidence' }, []);
}
