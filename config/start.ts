import type { Environment } from './config.js';
import { createLastWords, endWithLastWords } from './last-words.js';
import { withSecretFiles } from './secret-files.js';

export interface Start {
  /** With what secret files hold. */
  env: Environment;
  sayLastWords: (error: unknown) => void;
  /** For a program that from then on has its own way to end. */
  endsInOrder: () => void;
}

/**
 * Begins a program: whatever ends it from here on becomes last words, which show no secret, and secrets are read from the
 * files that are named.
 * @param only the secrets that this program needs; default: all
 * @throws {ConfigError}
 */
export function startProgram(name: string, env: Environment, only?: readonly string[]): Start {
  const takeBack = endWithLastWords(createLastWords(name, env));
  const read = withSecretFiles(env, only);
  takeBack();
  const sayLastWords = createLastWords(name, read);
  return { env: read, sayLastWords, endsInOrder: endWithLastWords(sayLastWords) };
}
