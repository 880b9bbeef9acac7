/**
 * Transition: what may happen to a score, by the name of the event, the states in which it may happen, and the state that
 * it leads to. `db/scores/transitions.ts` says what each event sets beside the state, and lets nothing else through.
 */
import type { ScoreState } from './score.js';

export interface Transition {
  readonly from: readonly ScoreState[];
  /** `same`: it stays where it is. `gone`: its row is removed. Several: where it was before. */
  readonly to: ScoreState | 'same' | 'gone' | readonly ScoreState[];
}

const ALIVE = ['due', 'sending', 'unknown', 'submitted', 'rejected', 'held'] as const satisfies readonly ScoreState[];
/** No call is under way, nor is the end of one unknown. */
const AT_REST = ['due', 'submitted', 'rejected', 'held'] as const satisfies readonly ScoreState[];

export const SCORE_TRANSITIONS = {
  /** A value came for a student and column that had none. */
  created: { from: [], to: 'due' },
  /** Another value came. */
  accepted: { from: AT_REST, to: 'due' },
  /** Another value came, and it is what the gradebook has taken from us. */
  alreadyThere: { from: AT_REST, to: 'submitted' },
  /** Another value came while a call is under way, or its end unknown: it waits for that end. */
  renewed: { from: ['sending', 'unknown'], to: 'same' },
  /** The same value came. */
  repeated: { from: ALIVE, to: 'same' },

  /** Under a lane, to be sent. */
  claimed: { from: ['due'], to: 'sending' },
  delivered: { from: ['sending'], to: 'submitted' },
  /** For good, with a reason. */
  refused: { from: ['sending'], to: 'rejected' },
  /** A person's grade stands there, or the roster keeps the score back. */
  held: { from: ['sending'], to: 'held' },
  /** A failure that passes. */
  rests: { from: ['sending'], to: 'due' },
  /** The answer proves nothing. */
  unknown: { from: ['sending'], to: 'unknown' },
  /** No answer can be recorded any more: the lane went to somebody else. */
  laneLost: { from: ['sending'], to: 'unknown' },
  /** No call was made for it. */
  returned: { from: ['sending'], to: 'due' },
  /** The call is over, and a newer value came on the way. */
  outdated: { from: ['sending', 'unknown'], to: 'due' },

  /** Read back: it is there. */
  settled: { from: ['unknown'], to: 'submitted' },
  /** Read back: it is not there, or nobody can say. */
  absent: { from: ['unknown'], to: 'due' },
  /** Our own database refuses what reading back showed: nothing is called again for it until somebody wants it. */
  unstorable: { from: ['unknown'], to: 'rejected' },
  /** The gradebook cannot be read now. */
  postponed: { from: ['unknown'], to: 'same' },

  /** Somebody asked for another try. */
  retried: { from: ['due', 'rejected'], to: 'due' },
  /** Roster or launch show that the student is in the course. */
  letGo: { from: ['rejected', 'held'], to: 'due' },
  /** What looked like the student's failure is the column's. */
  reconsidered: { from: ['rejected'], to: 'due' },
  /** Somebody decided to send it over what stands there. */
  decided: { from: ['held'], to: 'due' },
  /** Somebody decided to let stand what stands there. */
  declined: { from: ['held'], to: 'rejected' },
  /** The gradebook no longer shows what it had taken. */
  resent: { from: ['submitted'], to: 'due' },
  /** The column was lost, and with it what it had taken. */
  forgotten: { from: ['due', 'unknown', 'submitted', 'rejected'], to: 'due' },

  /** Somebody withdrew it before it was sent. */
  calledOff: { from: ['due'], to: 'rejected' },

  /** The night, or somebody who asked for a sync, calls what waits for the night. */
  called: { from: ['due'], to: 'same' },
  /** What it rested for is gone. */
  woken: { from: ['due'], to: 'same' },
  /** Its column turned out to be another. */
  moved: { from: ALIVE, to: 'same' },
  /** Its column turned out to be another, which has a score of this student. */
  superseded: { from: ALIVE, to: 'superseded' },

  /** Its student was erased: it waits for a call that is under way, or that may have been applied. */
  erased: { from: [...AT_REST, 'superseded'], to: 'erased' },
  /** The same, where nobody could find out for too long: every call is over, and the column may hold it. */
  abandoned: { from: ['unknown'], to: 'erased' },

  /** A backfill takes back what it changed, and was not sent. */
  putBack: { from: ['due'], to: AT_REST },
  /** A backfill takes back a score that it made, and of which something tells. */
  withdrawn: { from: ['due'], to: 'rejected' },
  /** A backfill takes back a score that it made. */
  vanished: { from: ['due'], to: 'gone' },
} as const satisfies Record<string, Transition>;

export type ScoreEvent = keyof typeof SCORE_TRANSITIONS;

/** Where an event may lead from a state; nowhere when it may not happen there. */
export function targetsOf(event: ScoreEvent, state: ScoreState): readonly (ScoreState | 'gone')[] {
  const { from, to }: Transition = SCORE_TRANSITIONS[event];
  if (!from.includes(state)) return [];
  if (to === 'same') return [state];
  return typeof to === 'string' ? [to] : to;
}
