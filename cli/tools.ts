import type { Readable } from 'node:stream';
import { createOutput, type Output, type Sink } from './output.js';
import { createClient, type Client } from './passback-client.js';
import { readApiKey, readUrl, type Env, type GlobalOptions } from './settings.js';
import { UsageError } from './usage-error.js';
import type { ExitCode } from './exit-codes.js';

/** The process, as far as commands may know it. */
export interface Surroundings {
  env: Env;
  stdin: Readable & { isTTY?: boolean };
  stdout: Sink;
  stderr: Sink;
  now: () => Date;
  /** Aborted when the person who waits has had enough; from the first time that it is asked for. */
  interruption(): AbortSignal;
}

/** What a command works with. */
export interface Tools extends Surroundings {
  out: Output;
  options: GlobalOptions;
  /** @throws {UsageError} where an address or a key is missing */
  client(retries?: number): Client;
}

/** Runs a command's work; what it returns is the exit code, done when it returns nothing. */
export type Start = (work: (tools: Tools) => Promise<ExitCode | void>) => Promise<void>;

/** Whoever waits before a screen would rather know soon. */
const RETRIES = 2;

export function createTools(surroundings: Surroundings, options: GlobalOptions): Tools {
  const { env, stdout, stderr } = surroundings;
  return {
    ...surroundings,
    options,
    out: createOutput({ stdout, stderr, env, isJson: options.json === true, isQuiet: options.quiet === true }),
    client(retries = RETRIES) {
      const url = readUrl(options, env);
      const apiKey = readApiKey(options, env);
      if (apiKey === undefined) {
        throw new UsageError(
          'PASSBACK_API_KEY is not set: give the API key there, or a file that holds it by --api-key-file.',
        );
      }
      return createClient({ url, apiKey, retries });
    },
  };
}
