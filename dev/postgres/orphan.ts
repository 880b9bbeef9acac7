import { existsSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { commandLine, endProcess, isRunning } from '../machine/operating-system-process.js';

/** How a Postgres is asked to stop: fast shutdown, then without a checkpoint (recovered at the next start), then by force. */
export const postgresStopSteps = [
  { signal: 'SIGINT', waitMs: 5000 },
  { signal: 'SIGQUIT', waitMs: 3000 },
  { signal: 'SIGKILL', waitMs: 2000 },
] as const;

/**
 * Stops the Postgres that an earlier supervisor, which was killed, left running on this cluster, and removes a pid
 * file that Postgres would wrongly take for a running server's. The caller holds the lock of the data folder.
 *
 * @returns the pid that was stopped, if any
 */
export async function stopOrphanPostgres(clusterFolder: string): Promise<number | undefined> {
  const pidFile = path.join(clusterFolder, 'postmaster.pid');
  if (!existsSync(pidFile)) return undefined;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n', 1)[0]);
  if (!isRunning(pid)) return undefined;
  const command = commandLine(pid);
  if (command.includes('postgres') && command.includes(clusterFolder)) {
    if (!(await endProcess(pid, postgresStopSteps))) throw new Error(`Postgres, process ${pid}, does not stop`);
    return pid;
  }
  // The number has been given to another program, after a reboot or in a restarted container. Postgres asks only
  // whether some process has it, and would refuse to start for ever.
  if (!isAnyProcessIn(clusterFolder, pidFile)) rmSync(pidFile, { force: true });
  return undefined;
}

/** Server processes work in the cluster's folder. Where we can't look, a file from before the boot is stale for sure. */
function isAnyProcessIn(clusterFolder: string, pidFile: string): boolean {
  if (process.platform !== 'linux') return statSync(pidFile).mtimeMs > Date.now() - os.uptime() * 1000;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((name) => {
      try {
        return readlinkSync(`/proc/${name}/cwd`) === clusterFolder;
      } catch {
        return false;
      }
    });
}
