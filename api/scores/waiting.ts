import { factsOf } from '../../domain/finding-words.js';
import type { Wait, WaitReason } from '../../domain/wait.js';
import type { ScoreRecord } from '../../db/scores/score-reader.js';

/** What a score that is not at its end waits for, in words. */
export interface WaitingFor extends Omit<Wait, 'note'> {
  sentence: string;
  advice: string;
}

interface Words {
  /** Where no failure is behind it. */
  sentence: string;
  advice: string;
  /** What ends it, where no time is known. */
  next: string;
}

const WHEN_FREED =
  'A launch or a person lets it go on; where it is tried by itself, one score goes first, and the others follow it.';

const pausedWords = (what: string): Words => ({
  sentence: `Somebody paused ${what}: nothing is sent to it or read from it meanwhile.`,
  advice: 'Ask whoever paused it, and resume it when the reason is gone.',
  next: 'It is sent as soon as somebody resumes it.',
});

const WORDS: Readonly<Record<WaitReason, Words>> = {
  answer: {
    sentence: 'Its call is under way.',
    advice: 'Nothing.',
    next: 'The answer of the LMS is recorded when it comes.',
  },
  enrolment: {
    sentence: 'The roster keeps it back.',
    advice: 'Check the enrolment, or decide to send it all the same.',
    next: 'It is kept, and sent by itself when the roster shows this person as a student again.',
  },
  decision: {
    sentence: 'Another grade stands in the LMS.',
    advice: 'Decide whether the score is sent or the grade kept.',
    next: 'It stays held until somebody decides, or until it changes, when the gradebook is read anew.',
  },
  nightlyRun: {
    sentence: 'It waits for the next nightly run.',
    advice: 'Start a sync to send it now.',
    next: 'The next nightly run sends it.',
  },
  platformPaused: pausedWords('its platform'),
  deploymentPaused: pausedWords('its deployment'),
  contextPaused: pausedWords('its course'),
  contextParked: {
    sentence: 'Its course is set aside.',
    advice: 'Resume the course when the reason is gone.',
    next: WHEN_FREED,
  },
  lineItemParked: {
    sentence: 'Its gradebook column is set aside.',
    advice: 'Retry the column when the reason is gone.',
    next: WHEN_FREED,
  },
  launch: {
    sentence: 'No service key of the course can send scores.',
    advice: 'Ask someone to launch an activity of the course.',
    next: 'The next launch of an activity of the course sends it.',
  },
  platform: {
    sentence: 'The LMS takes no calls now.',
    advice: 'Nothing: calls go on by themselves.',
    next: 'One call is tried within a minute; when it succeeds, all goes on.',
  },
  rest: {
    sentence: 'It rests before it is tried again.',
    advice: 'Nothing, or retry it to send it now.',
    next: 'It is tried again with the next batch.',
  },
  readBack: {
    sentence: 'Its last call may or may not have been applied.',
    advice: 'Nothing.',
    next: 'The result is read from the LMS; the score is sent again only if it is not there.',
  },
  lineItem: {
    sentence: 'Its gradebook column is not known yet: it is looked for, or made.',
    advice: 'Nothing.',
    next: 'It is looked for again within a minute; as soon as the column is known, the score is sent.',
  },
  turn: {
    sentence: 'Nothing holds it back: it goes out when its turn comes.',
    advice: 'Nothing.',
    next: 'It is sent with the next batch of its platform: urgent scores go first, then each course has its turn.',
  },
};

/** Null when it is at its end. */
export function waitingFor({ wait }: Pick<ScoreRecord, 'wait'>): WaitingFor | null {
  if (!wait) return null;
  const { note, ...told } = wait;
  const words = WORDS[wait.reason];
  const { sentence, advice } = wait.type === null ? words : factsOf(wait.type);
  if (wait.reason === 'lineItem' && wait.type !== null) {
    return { ...told, sentence: `${words.sentence} The last look failed. ${sentence}`, advice };
  }
  return { ...told, sentence: note === null ? sentence : `${sentence} Their reason: “${note}”.`, advice };
}

/** What ends the wait, in a sentence. */
export function nextOfWait({ reason, until }: Wait): string {
  return until === null ? WORDS[reason].next : `It goes on at ${until}, or sooner when the reason is gone.`;
}
