import { spawn } from 'node:child_process';
import path from 'node:path';
import { runPrompt } from './psql/prompt.js';
import { isExecutableFile } from './find-temporal.js';
import { defaultDataDir, runMain } from './run-stack.js';
import { findRunningStack } from './stack/running.js';

const usage = `npm run psql [-- options]
  A session on the running stack's database, or on DATABASE_URL where that is set. Statements may come by a pipe, too.
  -c SQL          does this and ends; several times, one after the other
  --data-dir D    the stack's folder, where it is not .passback
  --help
It is the system's psql, which takes all of its own options, or else a small prompt of ours, which has no others.`;

/** Our own options out, psql's left as they are. */
function readArguments(args: string[]): { dataDir: string; rest: string[] } {
  const at = args.indexOf('--data-dir');
  if (at === -1) return { dataDir: defaultDataDir, rest: args };
  return { dataDir: path.resolve(args[at + 1] ?? ''), rest: args.toSpliced(at, 2) };
}

/** Resolves to its exit code. A Ctrl-C is for psql alone: it ends a query there. */
function runSystemPsql(program: string, databaseUrl: string, args: readonly string[]): Promise<number> {
  process.on('SIGINT', () => undefined);
  const url = new URL(databaseUrl);
  // By the environment: everybody on the machine can read a command line.
  const env = url.password === '' ? process.env : { ...process.env, PGPASSWORD: decodeURIComponent(url.password) };
  url.password = '';
  const child = spawn(program, ['-d', url.href, ...args], { env, stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const { dataDir, rest } = readArguments(args);
  const databaseUrl = process.env['DATABASE_URL']?.trim() || findRunningStack(dataDir, process.env).databaseUrl;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const psql = folders.map((folder) => path.join(folder, 'psql')).find(isExecutableFile);
  return psql === undefined ? await runPrompt(databaseUrl, rest) : await runSystemPsql(psql, databaseUrl, rest);
}

runMain(main, (text) => process.stderr.write(`${text}\n`));
