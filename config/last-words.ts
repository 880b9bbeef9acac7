import { ConfigError, type Environment } from './config.js';
import { createCensor, createLogger } from './logger.js';
import { secretsOf } from './secrets-of.js';

/**
 * Says why a program ends. What is wrong with settings is told to whoever started it, as text on the standard error; any
 * other error is a line of the log, whatever level was asked for.
 */
export function createLastWords(name: string, env: Environment): (error: unknown) => void {
  const secrets = secretsOf(env);
  const censor = createCensor(secrets);
  return (error) => {
    if (error instanceof ConfigError) process.stderr.write(`${censor(error.message)}\n`);
    else
      createLogger({ level: 'fatal', name, secrets }).fatal({ err: error }, 'ending after an error that nobody caught');
  };
}

/**
 * Lets no error be printed by Node, which shows it with all its fields, and the secrets in them: it becomes last words, and
 * the program ends with code 1. To be called before anything else can fail.
 * @returns takes that back, for a program that from then on has its own way to end
 */
export function endWithLastWords(say: (error: unknown) => void): () => void {
  const end = (error: unknown): void => {
    say(error);
    process.exit(1);
  };
  // Both: with other --unhandled-rejections Node would print the second kind as a warning.
  process.on('uncaughtException', end).on('unhandledRejection', end);
  return () => void process.off('uncaughtException', end).off('unhandledRejection', end);
}
