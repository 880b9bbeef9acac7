/** Cause: the request that had something done. Logs and traces name it where the work is done; it decides nothing. */
export interface Cause {
  /** Our id of the request, as its own line in the log and the `x-request-id` of its answer have it. */
  readonly request: string;
  /** Its span as a `traceparent`, where traces are taken. */
  readonly trace?: string;
}

/** What work is handed for its log line. */
export interface Caused {
  /** Requests that made it come; left out where none did. */
  readonly causes?: readonly Cause[];
}

/** Of requests that come together the first so many are named. */
const MOST_CAUSES = 5;

export function addCause(causes: readonly Cause[] = [], cause: Cause | undefined): readonly Cause[] {
  return cause === undefined || causes.length >= MOST_CAUSES ? causes : [...causes, cause];
}
