/** `passback`, as people and scripts run it: within the process of a test, or as a program. */
import { spawn, type ChildProcess } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { run } from '../../cli/run.js';
import { programArguments } from '../helpers/repository.js';

export interface CliEnd {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  env?: Readonly<Record<string, string>>;
  stdin?: string;
  /** Whether stderr is a terminal. */
  isTerminal?: boolean;
  now?: () => Date;
}

/** Its process, for tests that do more with it than wait. */
export function startCli(args: readonly string[], { env = {} }: CliOptions = {}): ChildProcess {
  return spawn(process.execPath, [...programArguments('cli/main.ts'), ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** All but the start of the process, which would take longer than what it does. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliEnd> {
  const [stdout, stderr] = [createSink(), createSink()];
  const code = await run(args, {
    env: options.env ?? {},
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
    stdout: stdout.stream,
    stderr: Object.assign(stderr.stream, { isTTY: options.isTerminal === true }),
    now: options.now ?? (() => new Date()),
    interruption: () => new AbortController().signal,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function createSink(): { stream: Writable; text(): string } {
  let written = '';
  const stream = new Writable({
    write(chunk: Buffer | string, _encoding, done) {
      written += chunk.toString();
      done();
    },
  });
  return { stream, text: () => written };
}
