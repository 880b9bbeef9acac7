import path from 'node:path';
import { createCensor } from '../config/logger.js';
import { withSecretFiles } from '../config/secret-files.js';
import { secretsOf } from '../config/secrets-of.js';
import { resetStack } from './stack/orphans.js';
import { type Stack, startStack } from './stack.js';

/** What a program is told that runs a stack as long as it runs itself. */
export interface RunOptions {
  dataDir: string;
  /** Begin with nothing. */
  reset: boolean;
  print: (text: string) => void;
}

/** Where the stack keeps things unless it is told otherwise. */
export const defaultDataDir = path.join(import.meta.dirname, '..', '.passback');

/** A Ctrl-C reaches a program twice when npm runs it: from the terminal, and passed on by npm. */
const echoMs = 500;

/** Prints each line with the seconds since the program began. */
export function createPrint(): (text: string) => void {
  const startedAt = performance.now();
  return (text) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
    process.stdout.write(`${text.replaceAll(/^/gm, `${seconds}s  `)}\n`);
  };
}

/**
 * Starts a stack, does the work, and stops the stack in order, whatever came of it. Ctrl-C and SIGTERM abort the signal;
 * the second one ends everything at once.
 *
 * @returns the work's exit code, or 130 when the start was called off
 */
export async function runStack(
  { dataDir, reset, print }: RunOptions,
  work: (stack: Stack, interrupted: AbortSignal) => Promise<number>,
): Promise<number> {
  const running: { stack?: Stack } = {};
  const signal = interruption(() => {
    running.stack?.kill();
    process.exit(130);
  });
  if (reset) await resetStack(dataDir, print);
  const stack = await startStack({
    dataDir,
    env: { ...withSecretFiles(process.env) },
    onProgress: print,
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  if (stack === undefined) return 130;
  running.stack = stack;
  try {
    return await work(stack, signal);
  } finally {
    print('stopping');
    await stack.stop();
    print('stopped');
  }
}

/**
 * Runs a program's main function to its exit code. An error that nobody caught, in it or beside it, is told with its
 * causes and without secrets, and the code is 1: Node would show it with all its fields. A rejection arrives as such an
 * error, too, unless the prompt of `npm run repl` takes it first.
 */
export function runMain(main: () => Promise<number>, print: (text: string) => void): void {
  const censor = createCensor(secretsOf(process.env));
  const end = (error: unknown): never => {
    print(censor(inWords(error)));
    process.exit(1);
  };
  process.on('uncaughtException', end);
  main().then((code) => process.exit(code), end);
}

/** An error's message and those of its causes, which say more than `fetch failed`. */
function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError ? error.errors : error.cause === undefined ? [] : [error.cause];
  const why = inner.map(inWords).filter((text) => text !== '' && !error.message.includes(text));
  return [error.message, ...why].filter((text) => text !== '').join(': ');
}

/** Where to look at a running stack. */
export function printStackLinks(stack: Stack, dataDir: string): void {
  printLinks([
    ['console', `${stack.apiUrl}/console, with the API key`],
    ['API docs', `${stack.apiUrl}/docs`],
    ['Temporal UI', stack.temporalUiUrl],
    ['sandbox', stack.sandboxUrl],
    ['metrics', stack.metricsUrls.join(' ')],
    ['API key', stack.apiKey],
    ['logs', path.join(dataDir, 'logs')],
  ]);
}

/** Those that there are, one below the other. */
export function printLinks(links: readonly (readonly [string, string | undefined])[]): void {
  for (const [name, value] of links) if (value !== undefined) process.stdout.write(`  ${name.padEnd(12)} ${value}\n`);
}

function interruption(atOnce: () => void): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (!controller.signal.aborted) firstAt = performance.now();
      else if (performance.now() - firstAt > echoMs) atOnce();
      controller.abort(new Error('called off'));
    });
  }
  return controller.signal;
}
