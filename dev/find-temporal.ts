import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { userCache } from './machine/user-cache.js';

/** The release that is fetched. The last one that `go install` accepts: later ones have a replace directive. */
export const temporalCliVersion = 'v1.5.1';

/** A Temporal CLI, which has the development server built in. */
export interface TemporalProgram {
  path: string;
  source: 'TEMPORAL_CLI_PATH' | 'PATH' | 'cache';
}

/**
 * Looks for a Temporal CLI on this machine: the one that `TEMPORAL_CLI_PATH` names, then `temporal` on the PATH, then
 * the one that was fetched before.
 *
 * @throws Error when TEMPORAL_CLI_PATH names something that isn't one, since falling back would hide the mistake
 */
export async function findTemporal(env: NodeJS.ProcessEnv): Promise<TemporalProgram | undefined> {
  const named = env['TEMPORAL_CLI_PATH'];
  if (named !== undefined && named !== '') {
    if (await isTemporalCli(named, env)) return { path: path.resolve(named), source: 'TEMPORAL_CLI_PATH' };
    throw new Error(`TEMPORAL_CLI_PATH: ${named} is not a Temporal CLI that can be run here`);
  }
  for (const folder of (env['PATH'] ?? '').split(path.delimiter)) {
    const candidate = path.join(folder, 'temporal');
    // Other products have a program of this name.
    if (folder !== '' && (await isTemporalCli(candidate, env))) return { path: candidate, source: 'PATH' };
  }
  const fetched = cachedTemporalPath(env);
  return (await isTemporalCli(fetched, env)) ? { path: fetched, source: 'cache' } : undefined;
}

/** Where a fetched CLI is kept. */
export function cachedTemporalPath(env: NodeJS.ProcessEnv): string {
  return path.join(userCache(env), `temporal-${temporalCliVersion}`, 'temporal');
}

/** Whether the file is executable and reports itself as Temporal's CLI. */
export async function isTemporalCli(file: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (!isExecutableFile(file)) return false;
  return await new Promise((resolve) => {
    execFile(file, ['--version'], { env, timeout: 10_000 }, (error, stdout) =>
      resolve(error === null && /^temporal version .*\bServer\b/.test(stdout)),
    );
  });
}

/** Whether the path is a file that we may execute. */
export function isExecutableFile(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
