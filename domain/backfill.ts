/**
 * Backfill: a named correction of many scores. It is previewed, approved, released at a pace that the LMS bears, and can
 * be stopped and taken back. Only a released score is due; everything before is a plan.
 */

/**
 * - `receiving`: its file is being read.
 * - `queued`: waits for another backfill over some of the same scores.
 * - `previewing`: what it would change is being worked out.
 * - `awaitingApproval`: previewed; nothing happens before somebody approves.
 * - `releasing`, `paused`: under way, and halted.
 * - `cancelling`: cancelled, with calls under way whose end is not known yet.
 * - `finished`, `cancelled`, `failed`: ends. A dry run ends as `finished` with nothing sent.
 */
export const BACKFILL_STATES = [
  'receiving',
  'queued',
  'previewing',
  'awaitingApproval',
  'releasing',
  'paused',
  'cancelling',
  'finished',
  'cancelled',
  'failed',
] as const;
export type BackfillState = (typeof BACKFILL_STATES)[number];

/** What became of a line, as it is shown and asked for. */
export const CHANGE_OUTCOMES = [
  ...(['staged', 'skipped', 'pending', 'released', 'sent', 'there'] as const),
  ...(['rejected', 'held', 'overtaken', 'unsent'] as const),
];

export const BACKFILL_ENDS: readonly BackfillState[] = ['finished', 'cancelled', 'failed'];

/** What an operator may do to a backfill. */
export const BACKFILL_DECISIONS = ['approve', 'pause', 'resume', 'cancel'] as const;
export type BackfillDecision = (typeof BACKFILL_DECISIONS)[number];

const ALLOWED: Readonly<Record<BackfillDecision, readonly BackfillState[]>> = {
  approve: ['awaitingApproval'],
  pause: ['releasing'],
  resume: ['paused'],
  cancel: ['receiving', 'queued', 'previewing', 'awaitingApproval', 'releasing', 'paused'],
};

/** Whether a decision makes sense in a state. Only who holds that state locked in PostgreSQL may act on the answer. */
export function mayDecide(decision: BackfillDecision, state: BackfillState): boolean {
  return ALLOWED[decision].includes(state);
}

const CARRIED_OUT: Readonly<Record<BackfillDecision, readonly BackfillState[]>> = {
  approve: ['releasing'],
  pause: ['paused'],
  resume: ['releasing'],
  cancel: ['cancelling', 'cancelled'],
};

/** Whether a backfill is where a decision would take it, so that repeating the decision is no error. */
export function isCarriedOut(decision: BackfillDecision, state: BackfillState): boolean {
  return CARRIED_OUT[decision].includes(state);
}

/** The state that a decision leads to; `hasStarted`: something of it was released. */
export function stateAfter(decision: BackfillDecision, hasStarted: boolean): BackfillState {
  switch (decision) {
    case 'approve':
    case 'resume':
      return 'releasing';
    case 'pause':
      return 'paused';
    case 'cancel':
      return hasStarted ? 'cancelling' : 'cancelled';
  }
}

/**
 * What a line of a backfill would do. `amended`: the grade stays, its comment or progress changes. `refused`: the line
 * cannot be carried out. `repeated`: another line says the same.
 */
export const CHANGE_KINDS = [
  'raised',
  'lowered',
  'unchanged',
  'given',
  'amended',
  'blocked',
  'refused',
  'repeated',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Why a backfill as a whole came to nothing. */
export const BACKFILL_FAILURES = {
  UploadIncomplete: 'The upload broke off before its end: nothing of it was used. Send the file again.',
  FileEndsInTheMiddle: 'The file ends in the middle of a line: nothing of it was used. Export it again, whole.',
  NothingToDo: 'No line of it could be used: see its problems.',
  RefusedByDatabase: 'PostgreSQL refuses what comes of it, such as a grade beyond all numbers: nothing of it was sent.',
  OverlapsAnother: 'Another backfill works on some of the same scores. Wait for its end, or send "queue".',
} as const;
export type BackfillFailure = keyof typeof BACKFILL_FAILURES;

/** How many lines are in which state; all of them together are `lines`. */
export interface BackfillCounts {
  lines: number;
  toSend: number;
  sent: number;
  rejected: number;
  overtaken: number;
  unsent: number;
}

/** How scores are computed from what is held. The cap is in points, or the score's own maximum. */
export interface Recomputation {
  factor: number;
  offset: number;
  cap: number | 'maximum' | null;
}
