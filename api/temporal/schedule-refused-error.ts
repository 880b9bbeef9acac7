/** Temporal does not take the times; its words are for the caller. */
export class ScheduleRefusedError extends Error {
  override readonly name = 'ScheduleRefusedError';
}
