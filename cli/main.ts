#!/usr/bin/env node
/** The program `passback`: hands the process to `run` and ends with its exit code. */
import { EXIT } from './exit-codes.js';
import { run } from './run.js';

/** Whoever reads no further, such as `head`, wants no more. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: Error & { code?: string }) => {
    if (error.code === 'EPIPE') process.exit(EXIT.pipe);
    throw error;
  });
}

let interrupted: AbortController | undefined;

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  now: () => new Date(),
  interruption() {
    if (interrupted) return interrupted.signal;
    const controller = new AbortController();
    interrupted = controller;
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      // The second time ends it at once.
      process.once(name, () => controller.abort());
    }
    return controller.signal;
  },
});
// What is still read, such as a terminal, must not keep it.
process.stdin.destroy();
