import type { DeedFact } from './story-facts.js';

/** What somebody did, by the action of the audit trail. */
const DEEDS: Readonly<Record<string, string>> = {
  'scores.retry': 'had it tried again',
  'scores.withdraw': 'withdrew it',
  'scores.decide.send': 'decided that it replaces the grade in the gradebook',
  'scores.decide.keep': 'decided that the grade in the gradebook stays',
  'syncs.start': 'had the scores of the course sent now',
  'contexts.pause': 'paused the course',
  'contexts.resume': 'resumed the course',
  'deployments.pause': 'paused the deployment',
  'deployments.resume': 'resumed the deployment',
  'platforms.pause': 'paused the platform',
  'platforms.resume': 'resumed the platform',
  'line-items.resume': 'resumed the column',
};

/** Who did what to it, and why, as far as that may be shown. */
export function sentenceOfDeed({ action, keyName, reason }: Omit<DeedFact, 'at'>): string {
  const who = keyName === null ? 'Somebody' : `“${keyName}”`;
  const why = reason === null ? '.' : `: “${reason}”.`;
  return `${who} ${DEEDS[action] ?? toPolicy(action)}${why}`;
}

/** `contexts.grade-policy.<policy>`. */
function toPolicy(action: string): string {
  const of = action.startsWith('line-items') ? 'column' : 'course';
  return `changed whose grade counts in the ${of}, to ${action.split('.').at(-1) ?? 'another'}`;
}
