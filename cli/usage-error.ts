/** The command line, a setting or a file cannot be used as it is. The message says what would do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
