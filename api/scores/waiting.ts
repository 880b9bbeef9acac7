import { failureOf, isFailureType } from '../../domain/failure.js';
import type { Wait, WaitReason } from '../../domain/wait.js';
import type { ScoreRecord } from '../../db/scores/score-reader.js';

/** What a score that is not at its end waits for, in words. */
export interface WaitingFor extends Wait {
  sentence: string;
  advice: string;
}

/** Null when nothing holds the score back: it is at its end, or goes out with the next batch. */
export function waitingFor({ wait }: Pick<ScoreRecord, 'wait'>): WaitingFor | null {
  return (
    wait && { ...wait, ...((wait.type === null ? WORDS[wait.reason] : undefined) ?? factsOf(wait.type ?? wait.reason)) }
  );
}

/** For reasons behind which there may be no failure. */
const WORDS: Readonly<Partial<Record<WaitReason, { sentence: string; advice: string }>>> = {
  answer: { sentence: 'Its call is under way.', advice: 'Nothing.' },
  nightlyRun: { sentence: 'It waits for the next nightly run.', advice: 'Start a sync to send it now.' },
  rest: { sentence: 'It rests before it is tried again.', advice: 'Nothing, or retry it to send it now.' },
  lineItem: { sentence: 'Its gradebook column is not known yet: it is looked for, or made.', advice: 'Nothing.' },
};

/** A type that a newer release stored is shown by its name. */
export function factsOf(type: string): { sentence: string; advice: string } {
  if (isFailureType(type)) return failureOf(type);
  return { sentence: `The reason is ${type}.`, advice: 'Look at the attempts.' };
}
