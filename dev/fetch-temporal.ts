import { chmodSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import {
  cachedTemporalPath,
  findTemporal,
  isTemporalCli,
  type TemporalProgram,
  temporalCliVersion,
} from './find-temporal.js';
import { buildTemporal } from './temporal/build.js';
import { downloadTemporal } from './temporal/download.js';
import { makeOnce } from './machine/make-once.js';

/** What fetching needs to know. */
export interface FetchTemporalOptions {
  env: NodeJS.ProcessEnv;
  onProgress?: (text: string) => void;
  signal?: AbortSignal;
  /** Where the release is asked for; the vendor's own place unless a test says otherwise. */
  downloadUrl?: string;
}

/**
 * A Temporal CLI: one that is here already (find-temporal.ts), else fetched. Fetching takes seconds by download; where
 * that place can't be reached and Go is there, it is built, which takes minutes the first time.
 *
 * @throws Error that names the three ways when none works
 */
export async function findOrFetchTemporal(options: FetchTemporalOptions): Promise<TemporalProgram> {
  return (await findTemporal(options.env)) ?? (await fetchTemporal(options));
}

/**
 * Fetches the CLI into the user's cache. Repeating is safe: of several at once one fetches and the others wait for
 * it, and the program appears in its place as a whole or not at all.
 */
export async function fetchTemporal(options: FetchTemporalOptions): Promise<TemporalProgram> {
  const target = cachedTemporalPath(options.env);
  const { onProgress, signal } = options;
  return await makeOnce(path.dirname(target), { doing: 'fetching Temporal', onProgress, signal }, async () => {
    if (!(await isTemporalCli(target, options.env))) await fetchInto(target, options);
    return { path: target, source: 'cache' };
  });
}

async function fetchInto(target: string, options: FetchTemporalOptions): Promise<void> {
  const reasons: string[] = [];
  const ways = [
    { name: 'download', fetch: downloadTemporal },
    { name: 'build with Go', fetch: buildTemporal },
  ];
  for (const { name, fetch } of ways) {
    const draft = mkdtempSync(path.join(path.dirname(target), 'draft-'));
    try {
      const program = await fetch({ ...options, folder: draft });
      chmodSync(program, 0o755);
      if (!(await isTemporalCli(program, options.env))) throw new Error('what arrived is not a Temporal CLI');
      renameSync(program, target);
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      reasons.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  throw new Error(
    [
      'No Temporal server. Do one of these:',
      '  1. set TEMPORAL_ADDRESS to a server that runs, such as 127.0.0.1:7233;',
      '  2. install the Temporal CLI so that `temporal` is on the PATH, or name it by TEMPORAL_CLI_PATH;',
      `  3. allow this machine to fetch it: from https://temporal.download, or with Go 1.21 or later (CLI ${temporalCliVersion}).`,
      'Fetching it failed:',
      ...reasons.map((reason) => `  ${reason}`),
    ].join('\n'),
  );
}
