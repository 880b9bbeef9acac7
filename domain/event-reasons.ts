/**
 * States of an event, and the reasons for them in words.
 *
 * - `stored`: to be looked at.
 * - `scored`: it became a score, or was found to change nothing.
 * - `ignored`: of a type that the mapping does not want.
 * - `split`: its body had several events: each is one of its own.
 * - `unmatched`: what it names is not known yet; looked at again when it may be.
 * - `expired`: it stayed unmatched for too long.
 * - `invalid`: it cannot be used as it is; a corrected mapping and a replay may help.
 */
export const EVENT_STATES = ['stored', 'scored', 'ignored', 'split', 'unmatched', 'expired', 'invalid'] as const;
export type EventState = (typeof EVENT_STATES)[number];

interface ReasonFacts {
  readonly state: 'ignored' | 'unmatched' | 'invalid' | 'stored';
  readonly sentence: string;
  readonly advice: string;
}

const CORRECT = 'Correct the mapping of the source, then replay the event.';

/** Names are stored: add, never rename. */
export const eventReasons = {
  typeNotWanted: {
    state: 'ignored',
    sentence: 'The event is of a type that the mapping does not take.',
    advice: 'Nothing; to take such events, add the type to the mapping and replay them.',
  },
  personErased: {
    state: 'ignored',
    sentence: 'The student was erased: nothing of the event is kept.',
    advice: 'Nothing, unless an operator readmits the person; then have the event sent anew.',
  },
  unknownReference: {
    state: 'unmatched',
    sentence: 'Nobody has tied the reference of the event to a student yet.',
    advice: 'Have the tool send PUT /v1/references; the event is then taken at once.',
  },
  referenceExpired: {
    state: 'unmatched',
    sentence: 'The reference of the event was known, and has expired.',
    advice: 'Have the tool send PUT /v1/references again, with a later expiry.',
  },
  unknownPlatform: {
    state: 'unmatched',
    sentence: 'No launch from the platform that the event names has been recorded, or the source may not write to it.',
    advice: 'Launch an activity of the course; or correct the mapping.',
  },
  unknownDeployment: {
    state: 'unmatched',
    sentence: 'No launch from the deployment that the event names has been recorded.',
    advice: 'Launch an activity of the course; or correct the mapping.',
  },
  unknownContext: {
    state: 'unmatched',
    sentence: 'No launch from the course that the event names has been recorded.',
    advice: 'Launch an activity of the course; or correct the mapping.',
  },
  studentOfAnotherCourse: {
    state: 'unmatched',
    sentence: 'The student is on the roster of another course, and not on that of the course that the event names.',
    advice: 'Enrol the student there, or have the event corrected at its source. Nothing is guessed.',
  },
  notJson: {
    state: 'invalid',
    sentence: 'The body is not JSON.',
    advice: 'Look at what the source sends; it must be JSON in UTF-8.',
  },
  severalEvents: {
    state: 'invalid',
    sentence: 'The body has a list where the mapping expects one thing.',
    advice: 'If each entry is an event, map `events` to the list. Then replay the event.',
  },
  nothingThere: { state: 'invalid', sentence: 'A pointer of the mapping finds nothing.', advice: CORRECT },
  unusableValue: { state: 'invalid', sentence: 'A pointer finds a value that cannot be used.', advice: CORRECT },
  ambiguousDeployment: {
    state: 'invalid',
    sentence: 'The platform has this course in several deployments.',
    advice: 'Map the deployment too, then replay the event.',
  },
  referenceDisagrees: {
    state: 'invalid',
    sentence: 'The event names another student, course or platform than its reference is tied to.',
    advice: 'Correct the reference with PUT /v1/references, or the event at its source; then replay it.',
  },
  wouldClearGrade: {
    state: 'invalid',
    sentence: 'This would take away a grade.',
    advice: 'Hand the score in by POST /v1/scores with "clear": true if that is what is wanted.',
  },
  unreadable: {
    state: 'invalid',
    sentence: 'The stored body cannot be decrypted.',
    advice: 'See health for what ENCRYPTION_KEYS lacks; when it is back, replay the event.',
  },
  troubleOfOurs: {
    state: 'stored',
    sentence: 'Looking at this event failed on our side; it is tried again.',
    advice: 'Look at the log of the API.',
  },
} as const satisfies Record<string, ReasonFacts>;

export type EventReasonName = keyof typeof eventReasons;

export function isEventReason(name: string): name is EventReasonName {
  return Object.hasOwn(eventReasons, name);
}

/** Why an event is where it is. `detail` names members and rules, never a value. */
export interface EventReason {
  name: EventReasonName;
  /** Which fact of the mapping is concerned, such as `score`. */
  fact?: string | undefined;
  /** Its JSON pointer. */
  pointer?: string | undefined;
  detail?: string | undefined;
}
