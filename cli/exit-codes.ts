/** What scripts tell outcomes by: docs/cli.md explains them, and none is changed. */
export const EXIT = {
  done: 0,
  /** It ran, and the answer is no: a check failed, a line was not taken. */
  no: 1,
  /** The command line, a setting or a file cannot be used: nothing was asked of the API. */
  usage: 2,
  /** The API refused it. */
  refused: 3,
  /** The API key is missing, wrong, ended, or does not allow this. */
  key: 4,
  /** No answer of Passback came, or none that helps. */
  unreachable: 5,
  /** A fault of this program. */
  fault: 70,
  interrupted: 130,
  /** Whoever read our output stopped reading. */
  pipe: 141,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
