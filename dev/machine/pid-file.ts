import { keep, readKept } from './kept-file.js';
import { commandLine, endProcess, processIdentity } from './operating-system-process.js';

/** Notes which process runs, so that a later run can find it after we have been killed. */
export function keepPid(file: string, pid: number): void {
  keep(file, `${pid}\n${processIdentity(pid) ?? ''}`);
}

/**
 * Ends the process that keepPid noted, if it still runs, by the given steps.
 *
 * @param commandPart what its command line must hold, beside having started at the noted instant: the number alone may
 *   belong to another program by now
 * @returns the pid that was ended, if any
 * @throws Error when it outlives all steps
 */
export async function endKeptProcess(
  file: string,
  commandPart: string,
  steps: readonly { signal: NodeJS.Signals; waitMs: number }[],
): Promise<number | undefined> {
  const [pidText, identity = ''] = readKept(file)?.split('\n') ?? [];
  const pid = Number(pidText);
  const isSame = identity !== '' && processIdentity(pid) === identity;
  if (!isSame || !commandLine(pid).includes(commandPart)) return undefined;
  if (!(await endProcess(pid, steps))) throw new Error(`process ${pid} (${commandPart}) does not stop`);
  return pid;
}
