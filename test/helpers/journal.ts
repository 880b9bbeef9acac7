/** What the sandbox's journal says of a course: the truth that every promise of order and once is held against. */
import type { JournalEntry } from '../../sandbox/types.js';
import type { Rig, RigCourse } from './rig.js';

/** The values that took effect for each student, in their order; of one column, or of all as one if a course has one. */
export async function appliedValues({ control }: Rig, { contextId }: RigCourse): Promise<Map<string, number[]>> {
  const calls = await control.journalEntries({ route: 'submitScore', contextId, applied: true });
  const values = new Map<string, number[]>();
  for (const { userId, score } of calls) {
    const ofUser = values.get(userId ?? '') ?? [];
    ofUser.push(valueOf(score));
    values.set(userId ?? '', ofUser);
  }
  return values;
}

export async function countApplied({ control }: Rig, { contextId }: RigCourse): Promise<number> {
  return (await control.journalEntries({ route: 'submitScore', contextId, applied: true })).length;
}

function valueOf(score: JournalEntry['score']): number {
  const isScore = typeof score === 'object' && score !== null && 'scoreGiven' in score;
  return isScore ? Number(score.scoreGiven) : NaN;
}
