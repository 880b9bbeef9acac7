import { toInstant } from '../to-instant.js';

interface FailureWindow {
  failedAfter?: string | undefined;
  failedBefore?: string | undefined;
}

/** A filter whose instants are as the stores take them. `at`: the pointer to what holds them. @throws {ProblemError} */
export function withFailureWindow<Filter extends FailureWindow>(filter: Filter, at = ''): Filter {
  const { failedAfter, failedBefore } = filter;
  return {
    ...filter,
    ...(failedAfter !== undefined && { failedAfter: toInstant(failedAfter, `${at}/failedAfter`).toISOString() }),
    ...(failedBefore !== undefined && { failedBefore: toInstant(failedBefore, `${at}/failedBefore`).toISOString() }),
  };
}
