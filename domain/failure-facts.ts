/** How much is broken: one student's score, one column, one course, or a whole LMS registration. */
export type FailureRadius = 'student' | 'lineItem' | 'context' | 'platform';

/** What is known about a kind of failure, whoever met it. */
export interface FailureFacts {
  /** The smallest thing that explains the failure; all else goes on. */
  readonly radius: FailureRadius;
  /** The same call may succeed later with nobody doing anything. */
  readonly retryable: boolean;
  /** The LMS may hold the score already: read the result back before sending again. */
  readonly outcomeUnknown?: boolean;
  /** The thing named by `radius` is set aside until an event (a launch, a person, a probe) resumes it. */
  readonly parks?: boolean;
  /** Another service key of the same course may work; a new launch brings one. */
  readonly keyRelated?: boolean;
  /** What happened, in one sentence that an operator may read and forward. */
  readonly sentence: string;
  /** What a person can do about it. */
  readonly advice: string;
}
