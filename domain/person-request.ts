/** What is asked for one person: a copy of what is kept, or that nothing of it stays. */
export const PERSON_REQUEST_KINDS = ['export', 'erase'] as const;
export type PersonRequestKind = (typeof PERSON_REQUEST_KINDS)[number];

/** `failed`: PostgreSQL refuses a page for good; what was done before stays done. */
export const PERSON_REQUEST_STATES = ['running', 'completed', 'failed'] as const;
export type PersonRequestState = (typeof PERSON_REQUEST_STATES)[number];

/** What it does, or waits for. `settle`: until whoever began before it has ended. */
export const PERSON_STEPS = [
  ...(['settle', 'events', 'references', 'memberships', 'backfills', 'filters', 'scores', 'collect'] as const),
] as const;
export type PersonStep = (typeof PERSON_STEPS)[number];

/** Where a request stands: a state and counts, and nothing of the person. */
export interface PersonProgress {
  state: PersonRequestState;
  step: PersonStep;
  /** Rows that were emptied, removed or copied, by their table. */
  counts: Readonly<Record<string, number>>;
  /** Scores whose call is under way, or whose last call may have been applied: they are waited for. */
  inFlight: number;
}
