import type { AttemptWeeks } from '../../db/scores/attempt-weeks.js';
import { counted } from '../../domain/finding-words.js';
import type { Finding } from './finding.js';

const UPKEEP = 'POST /v1/schedules/upkeep/trigger, and look at its runs in the Temporal UI.';

/** Evidence is never refused for want of its week's table; but what lies elsewhere is slower to read, and is not dropped. */
export function ofAttemptWeeks({ hasNextWeek, astray }: Awaited<ReturnType<AttemptWeeks['look']>>): Finding[] {
  const found: Finding[] = [];
  const call = { method: 'POST', path: '/v1/schedules/upkeep/trigger', body: {} } as const;
  const rest = { severity: 'warning', advice: UPKEEP, subject: 'attempts', since: null, see: null, call } as const;
  if (!hasNextWeek) {
    const sentence = 'The table for the evidence of next week is not there: the upkeep has not come for weeks.';
    found.push({ type: 'attemptsWeekMissing', sentence, count: 1, ...rest });
  }
  if (astray > 0) {
    const rows = counted(astray, 'row of evidence lies', 'rows of evidence lie');
    const sentence = `${rows} in no week’s table: a clock was wrong, or the upkeep did not come.`;
    found.push({ type: 'attemptsAstray', sentence, count: astray, ...rest });
  }
  return found;
}
